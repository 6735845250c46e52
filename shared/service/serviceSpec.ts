/** What a service manager has to know to run a node. */
export interface ServiceSpec {
  /** The program and its arguments; the first is an absolute path. */
  readonly command: readonly string[];
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The first line of what we write, so that a file of the user's own is never replaced or removed. */
export const WRITTEN_BY =
  'Written by `vigil service install`; `vigil service uninstall` removes it.';

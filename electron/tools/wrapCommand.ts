/** A program to start: `env` is all of its environment. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** A program as it is really started, e.g. inside a sandbox, and what to tidy away after it. */
export interface WrappedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cleanup: () => Promise<void>;
}

/** Puts a program into its sandbox. Throws when it can't: then nothing is started. */
export type WrapCommand = (program: Program) => Promise<WrappedCommand>;

/** Starts a program as it is. */
export const unwrapped: WrapCommand = ({ file, args, env }) =>
  Promise.resolve({ file, args, env, cleanup: () => Promise.resolve() });

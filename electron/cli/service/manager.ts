/** What is known of the service without asking the node. */
export interface ServiceState {
  /** The file that makes it one; null when it is not installed. */
  readonly file: string | null;
  readonly running: boolean;
  /** Starts with the machine, or with the user's session. */
  readonly enabled: boolean;
  readonly pid: number | null;
  /** The manager's own word for how it is. */
  readonly detail: string;
}

/** The program of this system that keeps services running. */
export interface ServiceManager {
  readonly state: () => Promise<ServiceState>;
  /** Writes the file and starts the service; what was done, in sentences. Again changes nothing. */
  readonly install: () => Promise<readonly string[]>;
  /** Stops it and takes all away that `install` wrote; the home stays. */
  readonly uninstall: () => Promise<readonly string[]>;
  /** The program that prints its output. */
  readonly logCommand: (lines: number, follow: boolean) => readonly [string, ...string[]];
}

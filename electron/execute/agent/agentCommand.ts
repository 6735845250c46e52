/** A program to start: `env` is all of its environment. */
export interface AgentCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** A command as it is really started, e.g. inside a sandbox, and what to tidy away after it. */
export interface WrappedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cleanup: () => Promise<void>;
}

/** Puts a command into its sandbox. Throws when it can't: then nothing is started. */
export type WrapCommand = (command: AgentCommand) => Promise<WrappedCommand>;

/** Starts a command as it is: for a check by the user's own hand, outside of any attempt. */
export const unwrapped: WrapCommand = ({ file, args, env }) =>
  Promise.resolve({ file, args, env, cleanup: () => Promise.resolve() });

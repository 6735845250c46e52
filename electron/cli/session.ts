import type { Command } from 'commander';
import { connect, type Client } from './client.ts';
import { homeFolder } from './home.ts';
import type { Look } from './render/look.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** One run of one command: where it works and where it prints. */
export interface Session {
  readonly home: string;
  readonly json: boolean;
  readonly terminal: Terminal;
  /** Opened by the first who asks; closed when the command ends. */
  client(): Promise<Client>;
  /** Prints the reply: its JSON verbatim with `--json`, else the lines made from it. */
  show<T>(reply: T, lines: (reply: T, look: Look) => readonly string[]): void;
}

interface GlobalOptions {
  home?: string;
  json?: boolean;
}

/** Wraps what a command does into a session that is closed however it ends. */
export function action<A extends unknown[]>(
  work: (session: Session, ...args: A) => Promise<void>,
): (this: Command, ...args: A) => Promise<void> {
  return async function (...args) {
    const options = this.optsWithGlobals<GlobalOptions>();
    const home = homeFolder(options.home);
    const json = options.json === true;
    const terminal = openTerminal();
    const connection: { opened: Promise<Client> | null } = { opened: null };
    try {
      await work(
        {
          home,
          json,
          terminal,
          client: () => (connection.opened ??= connect(home)),
          show: (reply, lines) =>
            terminal.print(json ? [JSON.stringify(reply, null, 2)] : lines(reply, terminal.look())),
        },
        ...args,
      );
    } finally {
      // When opening failed, that error is already on its way.
      const client = await connection.opened?.catch(() => null);
      await client?.close();
    }
  };
}

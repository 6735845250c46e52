import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Tail } from '../command/boundedLog.ts';
import {
  endRun,
  HOME_VARIABLE,
  processIdentity,
  RUN_VARIABLE,
  TERM_GRACE_MS,
  type ProcessRecord,
} from '../command/processGroup.ts';
import { messageOf } from '../../../shared/model/errors.ts';
import { unwrapped, type Program, type WrapCommand } from '../../tools/wrapCommand.ts';
import { AgentEnd } from './agentEnd.ts';

/** Enough of standard error to say why an agent ended. */
const STDERR_BYTES = 16 * 1024;
const STDERR_LINES_SHOWN = 3;
/** What an agent wrote just before its end is still on its way then; a child may hold the pipe for ever. */
const DRAIN_MS = 200;

export interface ProcessOptions {
  readonly command: Program;
  readonly wrap?: WrapCommand;
  /** Called once it runs, with what is needed to find it again after a crash of this process. */
  readonly onSpawn?: (record: ProcessRecord) => void;
}

export interface ProcessExit {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program in a process group of its own, with its streams. */
export class WrappedProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #run: string;
  readonly #cleanup: () => Promise<void>;
  readonly #stderr = new Tail(STDERR_BYTES);
  /** Resolves with how it ended, after its last output. */
  readonly exited: Promise<ProcessExit>;
  #ended: Promise<void> | null = null;

  private constructor(
    child: ChildProcessByStdio<Writable, Readable, Readable>,
    run: string,
    cleanup: () => Promise<void>,
  ) {
    this.#child = child;
    this.#run = run;
    this.#cleanup = cleanup;
    child.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    // A pipe that breaks when the agent ends is told by its exit.
    child.stdin.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const exit = new Promise<ProcessExit>((resolve) =>
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal })),
    );
    this.exited = exit.then(async (how) => {
      await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]);
      return how;
    });
  }

  /** Starts it. @throws AgentEnd `crashed` when it can't be started, in its sandbox or at all. */
  static async start({ command, wrap, onSpawn }: ProcessOptions): Promise<WrappedProcess> {
    const run = randomUUID();
    const home = process.env[HOME_VARIABLE];
    const marks = { ...(home !== undefined && { [HOME_VARIABLE]: home }), [RUN_VARIABLE]: run };
    const started = await (wrap ?? unwrapped)({
      ...command,
      env: { ...command.env, ...marks },
    }).catch((error: unknown) => {
      throw new AgentEnd('crashed', `its sandbox could not be started: ${messageOf(error)}`, {
        cause: error,
      });
    });
    const child = spawn(started.file, started.args, {
      cwd: command.cwd,
      env: { ...started.env, ...marks },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const wrapped = new WrappedProcess(child, run, started.cleanup);
    try {
      await new Promise((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
    } catch (error) {
      await started.cleanup();
      throw new AgentEnd('crashed', `${command.file} could not be started: ${messageOf(error)}`, {
        cause: error,
      });
    }
    // Later errors are of signals to a process that is gone.
    child.on('error', () => undefined);
    try {
      if (child.pid !== undefined)
        onSpawn?.({ pid: child.pid, identity: await processIdentity(child.pid), run });
    } catch (error) {
      // An agent that nobody can write down must not go on: no restart would find it.
      await wrapped.end();
      throw error;
    }
    return wrapped;
  }

  get stdin(): Writable {
    return this.#child.stdin;
  }

  get stdout(): Readable {
    return this.#child.stdout;
  }

  get stderrStream(): Readable {
    return this.#child.stderr;
  }

  /** The last of standard error. */
  get stderr(): string {
    return this.#stderr.bytes().toString('utf8');
  }

  /** The last lines of standard error, to show with a failure; empty when it said nothing. */
  get lastWords(): string {
    const lines = this.stderr.split('\n').filter((line) => line.trim() !== '');
    return lines.slice(-STDERR_LINES_SHOWN).join(' | ').slice(-500);
  }

  /** Ends the whole group, and whatever left it, and resolves when all of it is gone. */
  end(): Promise<void> {
    return (this.#ended ??= this.#endNow());
  }

  async #endNow(): Promise<void> {
    try {
      this.#child.stdin.destroy();
      if (this.#child.pid !== undefined)
        await endRun({ group: this.#child.pid, run: this.#run, graceMs: TERM_GRACE_MS });
      await Promise.race([this.exited, sleep(DRAIN_MS, undefined, { ref: false })]);
    } finally {
      this.#child.stdout.destroy();
      this.#child.stderr.destroy();
      await this.#cleanup();
    }
  }
}

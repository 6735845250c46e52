import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { VigilError } from '../../../shared/model/errors.ts';
import { unwrapped, type WrapCommand } from '../../tools/wrapCommand.ts';
import { BoundedLog, Tail } from './boundedLog.ts';
import { commandEnvironment } from './environment.ts';
import {
  endRun,
  HOME_VARIABLE,
  processIdentity,
  RUN_VARIABLE,
  runIsAlive,
  TERM_GRACE_MS,
  type ProcessRecord,
} from './processGroup.ts';
import { watchProgress, type ProgressLimits } from './watchProgress.ts';

/** Enough of the end to say why a command failed. */
const TAIL_BYTES = 64 * 1024;
const MAX_LINE_CHARS = 8192;
/** How long children may go on after their leader has ended, e.g. to flush what it piped through them. */
const LINGER_MS = 500;
const LINGER_POLL_MS = 20;

export interface RunOptions extends ProgressLimits {
  /** A line for `/bin/sh -c`. */
  readonly command: string;
  readonly cwd: string;
  /** Added to the scrubbed environment (`commandEnvironment`). */
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile?: string;
  /** Most bytes kept of the output in the log: half from its start, half from its end. */
  readonly logBytes?: number;
  /** Most bytes kept of the start of standard output, for commands whose output is data. Default 0. */
  readonly stdoutBytes?: number;
  readonly signal?: AbortSignal;
  /** Called once it runs, with what is needed to find it again after a crash. */
  readonly onSpawn?: (record: ProcessRecord) => void;
  readonly onLine?: (line: string) => void;
  /** Puts it into its sandbox; without one it runs as it is. */
  readonly wrap?: WrapCommand | undefined;
}

export interface RunResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: false | 'stalled' | 'ceiling';
  /** Ended because `signal` asked for it. */
  readonly aborted: boolean;
  readonly durationMs: number;
  /** The last 64 kB of both streams as they came. */
  readonly tail: string;
  /** The first `stdoutBytes` of standard output. */
  readonly stdout: string;
  /** Bytes written to both streams. */
  readonly outputBytes: number;
}

/**
 * Runs a shell command in a process group of its own and returns when the whole group is gone.
 * Children that outlive the command, or leave its group, are ended and never hold up the result.
 * @throws VigilError `command-failed` when it could not be started; a failing exit code is a result.
 *   What `wrap` throws: nothing was started then.
 */
export async function runCommand(options: RunOptions): Promise<RunResult> {
  const run = randomUUID();
  const marks = { ...homeMark(), [RUN_VARIABLE]: run };
  const started = await (options.wrap ?? unwrapped)({
    file: '/bin/sh',
    args: ['-c', options.command],
    env: { ...commandEnvironment(process.env, options.env), ...marks },
    cwd: options.cwd,
  });
  try {
    return await runStarted(options, run, () =>
      spawn(started.file, started.args, {
        cwd: options.cwd,
        // Whatever a sandbox makes of the rest: by these it is found again.
        env: { ...started.env, ...marks },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      }),
    );
  } finally {
    await started.cleanup();
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

async function runStarted(
  options: RunOptions,
  run: string,
  start: () => Child,
): Promise<RunResult> {
  const startedAt = performance.now();
  const log =
    options.logFile === undefined
      ? null
      : new BoundedLog(options.logFile, options.logBytes ?? 2 * 1024 * 1024);
  const tail = new Tail(TAIL_BYTES);
  // Each stream has lines of its own: what one left unfinished is not the start of the other's next.
  const lines = {
    stdout: new LineSplitter(options.onLine),
    stderr: new LineSplitter(options.onLine),
  };
  const stdout: Buffer[] = [];
  let stdoutRoom = options.stdoutBytes ?? 0;
  let outputBytes = 0;
  let lastOutputAt = startedAt;

  const child = start();
  const receive = (chunk: Buffer, from: keyof typeof lines): void => {
    outputBytes += chunk.length;
    lastOutputAt = performance.now();
    tail.push(chunk);
    log?.write(chunk);
    lines[from].push(chunk);
  };
  child.stdout.on('data', (chunk: Buffer) => {
    if (stdoutRoom > 0) stdout.push(Buffer.from(chunk.subarray(0, stdoutRoom)));
    stdoutRoom -= chunk.length;
    receive(chunk, 'stdout');
  });
  child.stderr.on('data', (chunk: Buffer) => receive(chunk, 'stderr'));
  const drained = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const exited = new Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>(
    (resolve, reject) => {
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
      child.once('error', (error) =>
        reject(
          new VigilError(
            'command-failed',
            `The command could not be started in ${options.cwd}: ${error.message}`,
            'Check that the folder exists and that the machine has processes and memory left.',
            { cause: error },
          ),
        ),
      );
    },
  );
  // Handled where it is awaited; an early failure must not count as unhandled until then.
  exited.catch(() => undefined);

  const { pid } = child;
  const watch = new AbortController();
  let ended: Promise<void> | null = null;
  const end = (): Promise<void> =>
    (ended ??=
      pid === undefined ? Promise.resolve() : endRun({ group: pid, run, graceMs: TERM_GRACE_MS }));
  let aborted = false;
  const abort = (): void => {
    aborted = true;
    void end();
  };
  try {
    if (pid !== undefined)
      await announce(options, { pid, identity: await processIdentity(pid), run }, end);
    options.signal?.addEventListener('abort', abort, { once: true });
    if (options.signal?.aborted === true) abort();
    let timedOut: RunResult['timedOut'] = false;
    const overdue = watchProgress(options, startedAt, () => lastOutputAt, watch.signal).then(
      (verdict) => {
        if (verdict === null) return;
        timedOut = verdict;
        return end();
      },
    );
    const { exitCode, signal } = await exited;
    const durationMs = performance.now() - startedAt;
    watch.abort();
    await overdue;
    if (pid !== undefined) await linger(pid, run);
    await (ended ?? end());
    // The pipes close with their last holder; one that left no trace to end may hold them for ever.
    await Promise.race([drained, sleep(LINGER_MS, undefined, { ref: false })]);
    lines.stdout.flush();
    lines.stderr.flush();
    return {
      exitCode,
      signal,
      timedOut,
      aborted,
      durationMs,
      tail: tail.bytes().toString('utf8'),
      stdout: Buffer.concat(stdout).toString('utf8'),
      outputBytes,
    };
  } finally {
    watch.abort();
    options.signal?.removeEventListener('abort', abort);
    child.stdout.destroy();
    child.stderr.destroy();
    log?.close();
  }
}

/** A command that nobody can write down must not go on: no restart would find it. */
async function announce(
  { onSpawn }: RunOptions,
  record: ProcessRecord,
  end: () => Promise<void>,
): Promise<void> {
  try {
    onSpawn?.(record);
  } catch (error) {
    await end();
    throw error;
  }
}

/** Whose child it is, which `commandEnvironment` leaves out with all else that is ours. */
function homeMark(): Record<string, string> {
  const home = process.env[HOME_VARIABLE];
  return home === undefined ? {} : { [HOME_VARIABLE]: home };
}

/** Gives what the leader left behind a moment to end by itself. */
async function linger(group: number, run: string): Promise<void> {
  const until = performance.now() + LINGER_MS;
  while (runIsAlive(group, run) && performance.now() < until) await sleep(LINGER_POLL_MS);
}

/** Cuts a stream into lines of bounded length. */
class LineSplitter {
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(onLine: ((line: string) => void) | undefined) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    if (this.#onLine === undefined) return;
    const parts = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = (parts.pop() ?? '').slice(-MAX_LINE_CHARS);
    for (const line of parts) this.#onLine(line.slice(0, MAX_LINE_CHARS));
  }

  flush(): void {
    if (this.#rest !== '') this.#onLine?.(this.#rest);
    this.#rest = '';
  }
}

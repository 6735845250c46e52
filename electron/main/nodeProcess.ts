import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { utilityProcess } from 'electron';
import { MALLOC, NODE_FLAGS } from '../client/launch.ts';

/** A crash is followed by a start after so long, twice as long each time, ms. */
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 60_000;
/** Who lived for so long has not crashed at its start: the pauses begin anew, ms. */
const GOOD_LIFE_MS = 60_000;
/** Work that runs is stopped and written down in that time, ms. */
const END_MS = 15_000;
/** The first Node that runs the engine. */
const NEEDED_NODE = 22;

/** A node's process as its keeper sees it. */
interface Running {
  /** Asks it to end in an orderly way. */
  end(): void;
  /** Whether it goes on when the app ends. */
  readonly outlives: boolean;
}

interface Options {
  readonly home: string;
  /** The folder with `package.json`, `bin` and `dist`. */
  readonly app: string;
  /** Told when a node that was started here has ended: what of it is worth saying, or null. */
  readonly ended: (trouble: string | null) => void;
}

/**
 * Starts a node when the app starts, after a crash of one that it started, and when it is asked. One that another
 * program started is never touched, nor followed by another, and the home's lock sees to it that there are
 * never two.
 */
export class NodeProcess {
  private readonly options: Options;
  private running: Running | null = null;
  private startedAtMs = 0;
  private pauseMs = FIRST_PAUSE_MS;
  private timer: NodeJS.Timeout | null = null;
  /** Whether a node is to be started when none is found. */
  private isDue = true;
  private isClosing = false;
  private gone: () => void = () => {};

  constructor(options: Options) {
    this.options = options;
  }

  /** No node runs: starts one where that is due, and does nothing while one starts or waits to start again. */
  missing(): void {
    if (!this.isDue || this.running !== null || this.timer !== null) return;
    this.isDue = false;
    this.start();
  }

  /** A node runs, whoever started it: when it is gone, it is left to that one. */
  found(): void {
    this.isDue = false;
  }

  /** Starts a node at once: its user asked for it. */
  wake(): void {
    this.isDue = true;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.missing();
  }

  /** Ends a node that lives in the app, and waits for it; one with a process of its own goes on. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.isDue = false;
    if (this.timer) clearTimeout(this.timer);
    const { running } = this;
    if (running === null || running.outlives) return;
    await new Promise<void>((resolve) => {
      this.gone = resolve;
      setTimeout(resolve, END_MS);
      running.end();
    });
  }

  private start(): void {
    this.startedAtMs = performance.now();
    const external = externalNode(this.options.app);
    try {
      this.running = external === null ? this.fork() : this.spawn(external);
    } catch (error) {
      this.over(null, error instanceof Error ? error.message : String(error));
    }
  }

  /** On Electron's own Node, in a process that ends with the app. */
  private fork(): Running {
    const { home, app } = this.options;
    const child = utilityProcess.fork(join(app, 'dist/vigil.js'), ['up', '--home', home], {
      serviceName: 'Vigil node',
      stdio: 'ignore',
      execArgv: [...NODE_FLAGS],
    });
    child.on('exit', (code) => this.over(code, `it ended with ${code}`));
    return { end: () => child.kill(), outlives: false };
  }

  /** On a Node outside of the app, detached: if the app dies, the work goes on. */
  private spawn(node: string): Running {
    const { home, app } = this.options;
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const errors = openSync(join(home, 'node-errors.log'), 'w', 0o600);
    try {
      const args = [...NODE_FLAGS, join(app, 'bin/vigil.js'), 'up', '--home', home];
      const child = spawn(node, args, {
        detached: true,
        stdio: ['ignore', 'ignore', errors],
        env: { ...process.env, ...MALLOC, VIGIL_CLOSE_FDS: leakedFds().join() },
      });
      child.on('error', ({ message }) => this.over(null, message));
      child.on('exit', (code, signal) => this.over(code, `it ended with ${code ?? signal ?? '?'}`));
      child.unref();
      return { end: () => child.kill('SIGTERM'), outlives: true };
    } finally {
      closeSync(errors);
    }
  }

  /** After an end that nobody asked for it is started again, later each time. */
  private over(code: number | null, how: string): void {
    if (this.running === null && this.timer !== null) return;
    this.running = null;
    this.gone();
    // Who ends it in an orderly way wants it to stay ended.
    if (code === 0 || this.isClosing) {
      this.options.ended(null);
      return;
    }
    this.isDue = true;
    if (performance.now() - this.startedAtMs >= GOOD_LIFE_MS) this.pauseMs = FIRST_PAUSE_MS;
    this.options.ended(how);
    // Only lets it be started: by then another may run, which the look for it finds first.
    this.timer = setTimeout(() => (this.timer = null), this.pauseMs);
    this.pauseMs = Math.min(LAST_PAUSE_MS, this.pauseMs * 2);
  }
}

/**
 * The Node outside of Electron that is to run the engine: `VIGIL_NODE`, or where Electron's own is too old
 * the one installed beside it, or the one on PATH. Null: Electron's own.
 */
function externalNode(app: string): string | null {
  const named = process.env['VIGIL_NODE'];
  if (named) return named;
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_NODE) return null;
  const beside = join(app, 'node_modules/node/bin/node');
  return existsSync(beside) ? beside : 'node';
}

/** Of `/proc/self/fdinfo`: closed when another program takes the process over. */
const O_CLOEXEC = 0o2000000;

/**
 * What of Electron's own files and sockets a child would get (Linux): a node that holds them keeps
 * Electron's helper processes waiting after the app has ended.
 */
function leakedFds(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => {
      try {
        const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
        const flags = parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? '0', 8);
        return fd > 2 && (flags & O_CLOEXEC) === 0;
      } catch {
        // The folder's own, which is closed by now.
        return false;
      }
    });
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { EventView } from '../../../shared/model/eventApi.ts';

/** Real nodes in processes of their own, for tests that end them as a crash would. */

const ROOT = path.join(import.meta.dirname, '..', '..', '..');
/** A node that has not answered by then never will, ms: the machine may be busy with other tests. */
const START_LIMIT_MS = 60_000;

/**
 * The command line, bundled from the sources as they are now: it starts several times faster than they do. With
 * `protocol` it speaks another version between nodes.
 */
export async function bundleVigil(
  protocol?: number,
): Promise<{ entry: string; remove: () => void }> {
  // Within the checkout, where its packages are found.
  const cache = path.join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const outdir = mkdtempSync(path.join(cache, 'vigil-process-'));
  writeFileSync(path.join(outdir, 'package.json'), '{"type":"module"}');
  await build({
    absWorkingDir: ROOT,
    bundle: true,
    logLevel: 'warning',
    entryPoints: {
      vigil: 'electron/cli/main.ts',
      scan: 'electron/generate/scanProcess.ts',
      eslint: 'electron/tools/eslintProcess.ts',
      security: 'electron/tools/securityProcess.ts',
      editExports: 'electron/tools/editExportsProcess.ts',
    },
    outdir,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    packages: 'external',
    splitting: true,
    plugins: protocol === undefined ? [] : [speaking(protocol)],
  });
  return {
    entry: path.join(outdir, 'vigil.js'),
    remove: () => rmSync(outdir, { recursive: true, force: true }),
  };
}

function speaking(protocol: number): Plugin {
  return {
    name: 'protocol',
    setup: (bundle) =>
      bundle.onLoad({ filter: /\/mesh\/link\/protocol\.ts$/ }, ({ path: file }) => {
        const source = readFileSync(file, 'utf8');
        const contents = source.replace(/(PROTOCOL = )\d+/, `$1${protocol}`);
        return { contents, loader: 'ts' };
      }),
  };
}

/** How a process ended, and what it said. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

const Status = z.object({ url: z.string() });

/** A node started by `vigil up`, in a process group of its own. */
export class VigilProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** The address of the API, once it works; rejects when the process ends before. */
  readonly ready: Promise<string>;
  private readonly child: ChildProcess;
  private readonly home: string;
  private readonly sockets: WebSocket[] = [];

  constructor(
    entry: string,
    home: string,
    options: {
      readonly args?: readonly string[];
      readonly shell?: string;
      /** A program with its arguments that starts the command that follows them, in its own place. */
      readonly within?: readonly string[];
      readonly env?: NodeJS.ProcessEnv;
    } = {},
  ) {
    const args = ['up', '--json', ...(options.args ?? ['--port', '0'])];
    const env = { ...process.env, ...options.env, VIGIL_HOME: home };
    const command = [...(options.within ?? []), process.execPath, entry, ...args];
    const [file = '', ...rest] =
      options.shell === undefined
        ? command
        : ['/bin/sh', '-c', `${options.shell}; exec "$0" "$@"`, ...command];
    const child = (this.child = spawn(file, rest, {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    }));
    this.home = home;
    this.pid = child.pid ?? 0;
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    this.exited = once(child, 'close').then(([code, signal]: unknown[]) => ({
      code: typeof code === 'number' ? code : null,
      signal: (signal ?? null) as NodeJS.Signals | null,
      stderr,
    }));
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the node did not start: ${stderr}`)),
        START_LIMIT_MS,
      );
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('\n'))
          resolve(Status.parse(JSON.parse(said.slice(0, said.indexOf('\n')))).url);
      });
      void this.exited.then(() => reject(new Error(`the node ended before it was up: ${stderr}`)));
      void this.ready?.finally(() => clearTimeout(timer)).catch(() => undefined);
      child.once('exit', () => clearTimeout(timer));
    });
    // Whoever kills it while it starts does not ask.
    this.ready.catch(() => undefined);
  }

  /** Calls the API and checks the answer. Rejects when the node died or answered with an error. */
  async call<T>(method: string, route: string, shape: z.ZodType<T>, body?: unknown): Promise<T> {
    const url = await this.ready;
    const response = await fetch(`${url}${route}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token()}`,
        'content-type': 'application/json',
        connection: 'close',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text}`);
    return shape.parse(JSON.parse(text));
  }

  /** Tells of each durable event after `after`, until the process ends. */
  async follow(after: number, onEvent: (event: EventView) => void): Promise<void> {
    const url = (await this.ready).replace('http', 'ws');
    const socket = new WebSocket(`${url}/v1/stream?after=${after}`, [
      'vigil.v1',
      `vigil.bearer.${this.token()}`,
    ]);
    this.sockets.push(socket);
    socket.on('message', (data: Buffer) => onEvent(EventView.parse(JSON.parse(data.toString()))));
    // A killed node breaks the connection: that is what these tests do.
    socket.on('error', () => undefined);
  }

  /** `kill -9`: of the node alone, or of its whole group with every git that it runs. */
  async crash(whom: 'node' | 'group' = 'node'): Promise<void> {
    this.signal(whom === 'group' ? -this.pid : this.pid, 'SIGKILL');
    await this.exited;
    for (const socket of this.sockets) socket.terminate();
  }

  /** Takes its time away, as when the lid of a laptop is closed. */
  pause(): void {
    this.signal(this.pid, 'SIGSTOP');
  }

  /** Gives it its time back. */
  resume(): void {
    this.signal(this.pid, 'SIGCONT');
  }

  /** Asks it to end, as a supervisor does. */
  async stop(): Promise<Exit> {
    this.signal(this.pid, 'SIGTERM');
    return this.exited;
  }

  private signal(pid: number, signal: NodeJS.Signals): void {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    process.kill(pid, signal);
  }

  private token(): string {
    return readFileSync(path.join(this.home, 'token'), 'utf8').trim();
  }
}

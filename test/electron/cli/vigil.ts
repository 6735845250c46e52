import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MAIN = join(ROOT, 'electron/cli/main.ts');

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A home of its own for a file of tests, with the command line that works on it. */
export class Home {
  readonly folder: string;
  private readonly running = new Set<ChildProcess>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<Home> {
    return new Home(await mkdtemp(join(tmpdir(), 'vigil-cli-')));
  }

  /** Runs one command to its end. */
  vigil(...args: string[]): Promise<Result> {
    return collect(this.start(args));
  }

  /** The same with other variables of the environment, or through a terminal. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...cleanEnvironment(), VIGIL_HOME: this.folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.running.add(child);
    child.once('exit', () => this.running.delete(child));
    return child;
  }

  /** Ends whatever a failed test left running and removes the folder. */
  async remove(): Promise<void> {
    for (const child of this.running) child.kill('SIGKILL');
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Without the colours that the test runner's own environment asks for. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _colour, NO_COLOR: _plain, COLUMNS: _width, ...rest } = process.env;
  return rest;
}

export function collect(child: ChildProcess): Promise<Result> {
  const text = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...text }));
  });
}

/** Resolves when the process has printed what matches; rejects when it ends without. */
export function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = '';
    const look = (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const match = pattern.exec(text);
      if (match) resolve(match);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('close', (code) =>
      reject(new Error(`it ended with ${code} before ${pattern}: ${text}`)),
    );
  });
}

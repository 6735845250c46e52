import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { NodeId } from '../../../shared/model/ids.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { EventStore } from '../../../electron/store/store.ts';
import { node } from './samples.ts';

/** A folder that is gone after the test. */
export function tempHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'vigil-store-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** A store that is closed after the test, if the test did not do it. */
export function openStore(home = tempHome(), id: NodeId | null = node): EventStore {
  const store = EventStore.open(home, id);
  onTestFinished(() => store.close());
  return store;
}

/** The `VigilError` that `work` throws or rejects with. */
export async function errorOf(work: () => unknown): Promise<VigilError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof VigilError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

export type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Starts a script of `fixtures/` under this Node, by way of a shell command when one is given; ended with the test. */
export function startFixture(name: string, home: string, shellPrefix?: string): Child {
  const script = fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
  const child = shellPrefix
    ? spawn('/bin/sh', ['-c', `${shellPrefix}; exec "$0" "$@"`, process.execPath, script, home], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    : spawn(process.execPath, [script, home], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** All that the child printed, once it has ended. */
export async function outputOf(child: Child): Promise<string> {
  const parts: string[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part.toString()));
  child.stderr.on('data', (part: Buffer) => parts.push(part.toString()));
  await once(child, 'close');
  return parts.join('');
}

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';

/** What a running node writes into its home. */
const NodeFile = z.object({
  pid: z.number().int().positive(),
  port: z.number().int().positive(),
  url: z.url(),
});

export interface RunningNode {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
}

/** The folder of the node that is meant: `--home`, else VIGIL_HOME, else the platform's data folder. */
export function homeFolder(option: string | undefined): string {
  return resolve(option ?? (process.env['VIGIL_HOME'] || envPaths('vigil', { suffix: '' }).data));
}

/** The node that runs on this home; null when there is none, or when only its files were left behind. */
export async function runningNode(home: string): Promise<RunningNode | null> {
  try {
    const [file, token] = await Promise.all([
      readFile(join(home, 'node.json'), 'utf8'),
      readFile(join(home, 'token'), 'utf8'),
    ]);
    const { pid, url } = NodeFile.parse(JSON.parse(file));
    return isAlive(pid) ? { pid, url: url.replace(/\/$/, ''), token: token.trim() } : null;
  } catch {
    // Missing or half-written: then no node is up that could be asked. Opening the store is what
    // finds out for sure, because it takes the home's lock.
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

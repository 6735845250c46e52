import { resolve } from 'node:path';
import { defaultHome, readAddress, readToken } from '../node/home.ts';

export interface RunningNode {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
}

/** The folder of the node that is meant: `--home`, else `VIGIL_HOME`, else the platform's data folder. */
export function homeFolder(option: string | undefined): string {
  return option === undefined ? defaultHome() : resolve(option);
}

/**
 * The node that runs on this home; null when there is none, or when only its files were left behind.
 * Opening the store is what finds out for sure, because it takes the home's lock.
 */
export function runningNode(home: string): RunningNode | null {
  const address = readAddress(home);
  const token = readToken(home);
  if (address === null || token === null || !isAlive(address.pid)) return null;
  return { pid: address.pid, url: address.url, token };
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

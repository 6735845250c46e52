import { resolve } from 'node:path';
import { defaultHome, livingAddress, readToken } from '../node/home.ts';

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
export async function runningNode(home: string): Promise<RunningNode | null> {
  const address = await livingAddress(home);
  const token = readToken(home);
  return address === null || token === null ? null : { pid: address.pid, url: address.url, token };
}

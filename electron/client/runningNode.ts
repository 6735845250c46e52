import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import { processRuns } from '../execute/command/processGroup.ts';

/** What a running node tells the programs on its machine: where its API is. */
export const NodeAddress = z.strictObject({
  pid: z.number().int(),
  /** What tells its process from a later one with the same number; null when the system does not say. */
  identity: z.string().nullable(),
  port: z.number().int(),
  url: z.string(),
});
export type NodeAddress = z.infer<typeof NodeAddress>;

/** Where a node's API is, and what lets its user in. */
export interface RunningNode {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
}

/** The data folder of this user's node: `--home`, else `VIGIL_HOME`, else the platform's own place. */
export function defaultHome(): string {
  return resolve(process.env.VIGIL_HOME || envPaths('vigil', { suffix: '' }).data);
}

export function addressFile(home: string): string {
  return join(home, 'node.json');
}

export function tokenFile(home: string): string {
  return join(home, 'token');
}

/** The token, or null when no node has run on this home. */
export function readToken(home: string): string | null {
  const path = tokenFile(home);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
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

/** Where the node of this home is, or null when it has died since it said so. */
async function livingAddress(home: string): Promise<NodeAddress | null> {
  const address = readAddress(home);
  if (address === null || address.identity === null) return null;
  return (await processRuns(address.pid, address.identity)) ? address : null;
}

/** Where the node of this home was last seen. */
function readAddress(home: string): NodeAddress | null {
  const path = addressFile(home);
  if (!existsSync(path)) return null;
  try {
    return NodeAddress.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // Torn by a crash: as good as absent, the next node writes it anew.
    return null;
  }
}

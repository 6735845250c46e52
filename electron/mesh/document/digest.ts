import { createHash } from 'node:crypto';
import type { Snapshot } from 'yjs';

/** Bytes of a digest: two documents that differ get the same one with a chance of 2⁻¹²⁸. */
export const DIGEST_BYTES = 16;

/** What two documents have the same of exactly when they hold the same: of all inserted, and of all deleted. */
export function digestOf({ sv, ds }: Snapshot): Uint8Array {
  const digest = createHash('sha256');
  for (const [client, clock] of byClient(sv)) digest.update(`${client} ${clock}\n`);
  for (const [client, ranges] of byClient(ds.clients)) {
    for (const { clock, len } of ranges) digest.update(`${client} ${clock} ${len}\n`);
  }
  return digest.digest().subarray(0, DIGEST_BYTES);
}

function byClient<Value>(map: ReadonlyMap<number, Value>): [number, Value][] {
  return [...map].sort(([a], [b]) => a - b);
}

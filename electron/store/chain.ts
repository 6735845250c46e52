import { hash } from 'node:crypto';
import type { EventBody } from '../../shared/model/events.ts';
import type { NodeId } from '../../shared/model/ids.ts';

/** What stands before the first event: the `prev` of seq 1. */
export const GENESIS = '0'.repeat(64);

/**
 * The hash of an event, hex: SHA-256 over the hash before it, the node, seq, atMs and the body's JSON
 * as stored (safety rule 6). Line feeds separate the parts; only the last part may contain one.
 */
export function chainHash(
  prev: string,
  node: NodeId,
  seq: number,
  atMs: number,
  json: string,
): string {
  return hash('sha256', `${prev}\n${node}\n${seq}\n${atMs}\n${json}`, 'hex');
}

/**
 * The body of a stored event. This is the one place that trusts stored JSON without parsing it by
 * schema: only `append` writes it, the hash covers it, and a replay reads a million of them.
 */
export function decodeBody(json: string): EventBody {
  return JSON.parse(json) as EventBody;
}

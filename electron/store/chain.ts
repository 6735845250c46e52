import { hash } from 'node:crypto';
import { EventBody } from '../../shared/model/events.ts';
import type { NodeId } from '../../shared/model/ids.ts';

/** What stands before the first event: the `prev` of seq 1. */
export const GENESIS = '0'.repeat(64);

/**
 * The hash of an event, hex: SHA-256 over the hash before it, the node, the place, atMs and the body's JSON
 * as stored (safety rule 6). Line feeds separate the parts; only the last part may contain one.
 *
 * The place is `seq`, and `seq@clock` where the clock is another number. Logs were written before there
 * were clocks, and a lone node's clock is its seq, so both have the hash they always had; and since a place
 * is digits only exactly when the clock is the seq, two different events never give the same text.
 */
export function chainHash(
  prev: string,
  node: NodeId,
  { seq, clock }: { readonly seq: number; readonly clock: number },
  atMs: number,
  json: string,
): string {
  const place = clock === seq ? seq : `${seq}@${clock}`;
  return hash('sha256', `${prev}\n${node}\n${place}\n${atMs}\n${json}`, 'hex');
}

/**
 * The body of a stored event of this node. This is the one place that trusts stored JSON without parsing it
 * by schema: only `append` writes it, the hash covers it, and a replay reads a million of them.
 */
export function decodeBody(json: string): EventBody {
  return JSON.parse(json) as EventBody;
}

/** The body of a stored event of another node, as `knownBody` has it. */
export function decodeForeign(json: string): EventBody {
  return knownBody(JSON.parse(json), json);
}

/**
 * The body of another node's event, out of its parsed JSON. One that this version does not know, or knows in
 * another form, is `unknown` to it and left alone; it becomes known when this node is brought up to date.
 */
export function knownBody(value: unknown, json: string): EventBody {
  const known = EventBody.safeParse(value);
  if (known.success) return known.data;
  const name =
    typeof value === 'object' && value !== null && 'type' in value ? String(value.type) : '';
  return { type: 'unknown', name, json };
}

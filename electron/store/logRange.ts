import type { NodeId } from '../../shared/model/ids.ts';
import type { CopiedEvent } from './copied.ts';
import { problemOfRow, type EventTable } from './eventTable.ts';
import type { StoredSeal } from './seals.ts';

/** Rows fetched at a time where a part of the log is read that ends after so many bytes: little is read in vain. */
const RANGE_PAGE_ROWS = 250;

/** A part of a log for another node; of a copied log it ends at a seal, of the own wherever it is full. */
export type LogRange =
  | {
      readonly kind: 'range';
      readonly prev: string;
      readonly events: readonly CopiedEvent[];
      readonly end: { readonly seq: number; readonly hash: string };
      /** Of the writer over `end`; null for the own log, whose writer signs it now. */
      readonly signature: Uint8Array | null;
    }
  /** There is nothing from there on that could be vouched for. */
  | { readonly kind: 'nothing' }
  /** An event of it is not as it was written. */
  | { readonly kind: 'broken'; readonly seq: number; readonly what: string };

/** Where a range begins, and at which seal or after how many bytes it ends. */
interface Bounds {
  readonly node: NodeId;
  readonly from: number;
  /** Hash of the event before `from`. */
  readonly prev: string;
  /** Its last event at most. */
  readonly last: number;
  /** Of a copied log: its seal is on `last`. */
  readonly seal: StoredSeal | null;
  /** Of the own log. */
  readonly maxBytes: number;
}

/** Durable events of a log. Each hash is recomputed, so that a broken copy is never passed on. */
export function readRange(
  table: EventTable,
  { node, from, prev, last, seal, maxBytes }: Bounds,
): LogRange {
  const events: CopiedEvent[] = [];
  let hash = prev;
  let seq = from;
  let bytes = 0;
  for (const row of table.rowsOf(node, from, last, RANGE_PAGE_ROWS)) {
    const what = problemOfRow(row, node, seq, hash);
    if (what !== null) return { kind: 'broken', seq, what };
    hash = row.hash.toString('hex');
    events.push({ clock: row.clock, atMs: row.at_ms, json: row.body });
    bytes += row.body.length;
    seq += 1;
    if (seal === null && bytes >= maxBytes) break;
  }
  const reached = seq - 1;
  if (reached < from || (seal && reached < seal.seq))
    return { kind: 'broken', seq, what: 'missing' };
  const signature = seal?.signature ?? null;
  return { kind: 'range', prev, events, end: { seq: reached, hash }, signature };
}

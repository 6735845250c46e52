import type { NodeId } from '../../shared/model/ids.ts';
import type { EventRow } from './eventQuery.ts';
import { problemOfRow } from './eventTable.ts';

/** What `verify` found: the first event that is not as it was written, if any. */
export interface ChainReport {
  readonly checked: number;
  readonly problem: { readonly seq: number; readonly what: string } | null;
}

/** Recomputes the hash of each row of a log, the first of which is event `fromSeq` and follows `prev`. */
export function checkRows(
  rows: Iterable<EventRow>,
  node: NodeId,
  fromSeq: number,
  prev: string,
): ChainReport {
  let before = prev;
  let checked = 0;
  for (const row of rows) {
    const seq = fromSeq + checked;
    const what = problemOfRow(row, node, seq, before);
    if (what !== null) return { checked, problem: { seq, what } };
    before = row.hash.toString('hex');
    checked += 1;
  }
  return { checked, problem: null };
}

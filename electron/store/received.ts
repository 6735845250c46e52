import type { EventBody } from '../../shared/model/events.ts';
import {
  bodyOf,
  chainRange,
  type ChainedEvent,
  type CopiedRange,
  type RangeProblem,
} from './copied.ts';
import type { Head } from './heads.ts';

/** What became of a range from another node. */
export type Received =
  /** Its new events have their place, and are durable after `flush`. */
  { readonly kind: 'taken'; readonly count: number } | Unfit;

/** Why nothing of a range can be taken. */
type Unfit =
  /** It begins beyond the end of the log here. */
  | { readonly kind: 'gap' }
  /** It is whole, but has another event at `seq` than the copy here: a fork, or a broken copy. */
  | { readonly kind: 'diverged'; readonly seq: number }
  | { readonly kind: 'broken'; readonly problem: RangeProblem };

/** Events of a range that the log here does not have yet. */
interface Fresh {
  readonly kind: 'fresh';
  readonly events: readonly { readonly event: ChainedEvent; readonly body: EventBody }[];
}

/**
 * What is new of a range, up to `lastAllowed`, where it continues the log that ends here at `head` and leads to its
 * seal. `clock` is the greatest seen here; `hashAt` gives the hash of an event of the log here.
 */
export function freshOf(
  range: CopiedRange,
  head: Head,
  clock: number,
  lastAllowed: number,
  hashAt: (seq: number) => string | null,
): Fresh | Unfit {
  const { from } = range;
  if (from > head.seq + 1) return { kind: 'gap' };
  const chained = chainRange(range, clock);
  if ('problem' in chained) return { kind: 'broken', problem: chained.problem };
  if (hashAt(from - 1) !== range.prev) return { kind: 'diverged', seq: from - 1 };
  const known = chained.events.slice(0, head.seq - from + 1);
  if (known.length > 0 && known.at(-1)?.hash !== hashAt(from + known.length - 1)) {
    const other = known.find(({ seq, hash }) => hash !== hashAt(seq));
    return { kind: 'diverged', seq: other?.seq ?? from };
  }
  const fresh = chained.events.filter(({ seq }) => seq > head.seq && seq <= lastAllowed);
  if (fresh[0] && fresh[0].clock <= head.clock)
    return { kind: 'broken', problem: { seq: fresh[0].seq, what: 'its clock goes back' } };
  const events: { event: ChainedEvent; body: EventBody }[] = [];
  for (const event of fresh) {
    const read = bodyOf(event.json);
    if ('what' in read) return { kind: 'broken', problem: { seq: event.seq, what: read.what } };
    events.push({ event, body: read.body });
  }
  return { kind: 'fresh', events };
}

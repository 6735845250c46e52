import { autonomyOf } from '../learn/confidence.ts';
import { score } from '../explain/format.ts';
import type { Autonomy } from '../model/decision.ts';
import { KEPT_MS, type Item, type Trust } from './noticeFacts.ts';

/**
 * So long after it was last as careful, being careful is news again, ms. Trust returns by itself within hours, so
 * whoever was not careful for a day was free in between; without the wait, trust at an edge would be told of often.
 */
const ANEW_MS = 24 * 3_600_000;

/** From the boldest; a pause asks a human by itself (`openNotices`). */
const CARE: Readonly<Record<Autonomy, number>> = { full: 0, cautious: 1, observant: 2, paused: 2 };
const WHAT = [
  '',
  'its own predictions failed, so it takes shorter tasks and fewer at once',
  'its own predictions kept failing, so it takes one short task at a time',
] as const;

/**
 * The moments at which the engine by itself began to work less boldly (D6), of the time that the facts are whole
 * for. The order of `trusts` does not matter.
 */
export function adaptations(trusts: readonly Trust[], nowMs: number): Item[] {
  const ordered = trusts.toSorted(inTime);
  return ordered.flatMap(({ confidence, ...event }, index) => {
    const care = careAt(confidence);
    if (care === 0 || event.atMs <= nowMs - KEPT_MS + ANEW_MS) return [];
    for (let at = index - 1; at >= 0; at -= 1) {
      const before = ordered[at];
      if (!before || before.atMs <= event.atMs - ANEW_MS) break;
      if (careAt(before.confidence) >= care) return [];
    }
    const text = `Vigil trusts itself less (confidence ${score(confidence)}): ${WHAT[care] ?? ''}.`;
    return [{ kind: 'adapted', level: 'news', ...event, task: null, text, place: '/decisions' }];
  });
}

/** The order of two events by the clocks of those who wrote them, alike on all nodes. */
export function inTime(
  a: Pick<Item, 'atMs' | 'node' | 'seq'>,
  b: Pick<Item, 'atMs' | 'node' | 'seq'>,
): number {
  return a.atMs - b.atMs || (a.node < b.node ? -1 : a.node > b.node ? 1 : a.seq - b.seq);
}

function careAt(confidence: number): number {
  return CARE[autonomyOf(confidence)];
}

import { wilsonLower } from '../learn/wilson.ts';
import type { FailureClass } from '../model/attempt.ts';
import type { EventBody, EventType } from '../model/events.ts';
import type { TaskId } from '../model/ids.ts';
import type { TaskType } from '../model/task.ts';
import { describeAdaptation } from './describeAdaptation.ts';
import { count, inline } from './format.ts';
import { plainLine } from './plainLine.ts';

/** Changes that are told in words; the others are counted. */
const NAMED_CHANGES = 2;
const MOST_CHANGE_CHARS = 110;

/** What a period came to, as far as a few sentences tell it. Updated in place; nothing else may hold it. */
export interface Tally {
  merged: number;
  failed: number;
  readonly byType: Map<TaskType, { merged: number; failed: number }>;
  /** Attempts that failed, by class of the failure; interrupted ones are left out. */
  readonly failures: Map<FailureClass, number>;
  /** What the engine did otherwise by itself, oldest first. */
  readonly changes: string[];
}

/** The types of events that `foldTally` looks at. */
export const TALLY_EVENTS: readonly EventType[] = [
  'merge.done',
  'task.failed',
  'attempt.failed',
  'engine.adapted',
  'builds.paused',
];

export function newTally(): Tally {
  return { merged: 0, failed: 0, byType: new Map(), failures: new Map(), changes: [] };
}

/** Takes in an event. `typeOf` knows the type of a task; null: it counts in totals only. */
export function foldTally(
  tally: Tally,
  body: EventBody,
  typeOf: (task: TaskId) => TaskType | null,
): void {
  switch (body.type) {
    case 'merge.done':
    case 'task.failed': {
      const what = body.type === 'merge.done' ? 'merged' : 'failed';
      tally[what] += 1;
      const type = typeOf(body.task);
      if (type === null) break;
      const known = tally.byType.get(type) ?? { merged: 0, failed: 0 };
      tally.byType.set(type, { ...known, [what]: known[what] + 1 });
      break;
    }
    case 'attempt.failed': {
      const { class: kind, interrupted } = body.failure;
      if (!interrupted) tally.failures.set(kind, (tally.failures.get(kind) ?? 0) + 1);
      break;
    }
    case 'engine.adapted':
      tally.changes.push(describeAdaptation(body.change, body.project));
      break;
    case 'builds.paused':
      if (body.by === 'engine') tally.changes.push(`builds paused: ${inline(body.reason)}`);
      break;
    default:
  }
}

/**
 * What happened, what went best, what failed most and what changed, a sentence each, as far as there is something
 * to say; empty when nothing was tried. `before` is what the same time before came to.
 */
export function inShort(
  tally: Tally,
  before: Pick<Tally, 'merged' | 'failed'> | null = null,
): string[] {
  const { merged, failed, failures, changes } = tally;
  if (merged + failed + failures.size === 0) return [];
  const then =
    before === null ? '' : `; in the same time before ${before.merged} and ${before.failed}`;
  return [
    `${count(merged, 'task')} merged, ${failed} given up${then}.`,
    ...best(tally),
    ...worst(failures),
    ...changed(changes),
  ];
}

/** By what is sure of its share: nine of ten is better than one of one. */
function best({ byType }: Tally): string[] {
  const sure = ({ merged, failed }: { merged: number; failed: number }) =>
    wilsonLower(merged, merged + failed);
  const [first] = [...byType]
    .filter(([, { merged }]) => merged > 0)
    .toSorted(([a, x], [b, y]) => sure(y) - sure(x) || (a < b ? -1 : 1));
  if (!first) return [];
  const [type, { merged, failed }] = first;
  return [`Went best: ${type}, ${merged} of ${count(merged + failed, 'task')} merged.`];
}

function worst(failures: Tally['failures']): string[] {
  const [first] = [...failures].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  if (!first) return [];
  const all = [...failures.values()].reduce((sum, each) => sum + each, 0);
  return [
    `Failed most: ${first[0].replaceAll('-', ' ')}, ${first[1]} of ${count(all, 'failed attempt')}.`,
  ];
}

function changed(changes: readonly string[]): string[] {
  if (changes.length === 0) return [];
  // The newest are what holds now.
  const named = changes
    .slice(-NAMED_CHANGES)
    .toReversed()
    .map((text) => plainLine(text, MOST_CHANGE_CHARS));
  const others = changes.length - named.length;
  return [
    `Changed by itself: ${[...named, ...(others > 0 ? [`${others} more`] : [])].join('; ')}.`,
  ];
}

import { taskOf, type EventBody, type LoggedEvent } from '../../shared/model/events.ts';
import type { NodeId, TaskId } from '../../shared/model/ids.ts';

/** An event that has its place, and goes to disk with the next transaction. */
export interface PendingEvent {
  readonly pos: number;
  readonly node: NodeId;
  readonly seq: number;
  readonly clock: number;
  readonly atMs: number;
  readonly hash: string;
  /** Of the event before it. */
  readonly prev: string;
  readonly json: string;
  /** Of another node's event. */
  readonly copied: EventBody | null;
  readonly decided: readonly TaskId[];
  readonly links: readonly Link[];
}

interface Link {
  readonly task: TaskId;
  readonly dependent: TaskId;
}

/** Another node's event as listeners get it; nothing for an own one, which they have had. */
export function toCopied(event: PendingEvent): LoggedEvent[] {
  const { node, seq, clock, pos, atMs, prev, hash, copied } = event;
  return copied === null ? [] : [{ node, seq, clock, pos, atMs, prev, hash, body: copied }];
}

/** The tasks that a decision sent to work: `explain` finds the decision by them. */
export function dispatchedBy(body: EventBody): TaskId[] {
  if (body.type !== 'decision.made') return [];
  return body.decision.candidates.flatMap((candidate) =>
    candidate.selected && candidate.action.kind === 'dispatch' ? [candidate.action.task] : [],
  );
}

/** The dependencies on other tasks that an event adds. */
export function linksOf(body: EventBody): Link[] {
  const added =
    body.type === 'task.added'
      ? body.spec.dependencies
      : body.type === 'task.linked'
        ? [body.dependency]
        : [];
  const dependent = taskOf(body);
  if (added.length === 0 || dependent === null) return [];
  return added.flatMap((dependency) =>
    'task' in dependency && dependency.task ? [{ task: dependency.task, dependent }] : [],
  );
}

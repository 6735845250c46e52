import { z } from 'zod';
import { attemptEvents } from './events/attemptEvents.ts';
import { engineEvents } from './events/engineEvents.ts';
import { humanEvents } from './events/humanEvents.ts';
import { meshEvents } from './events/meshEvents.ts';
import { moneyEvents } from './events/moneyEvents.ts';
import { nodeEvents } from './events/nodeEvents.ts';
import { projectEvents } from './events/projectEvents.ts';
import { taskEvents } from './events/taskEvents.ts';
import type { NodeId, ProjectId, TaskId } from './ids.ts';

/** Everything that can happen. What a view, a metric or an explanation shows is a fold over these. */
export const EventBody = z.discriminatedUnion('type', [
  ...nodeEvents,
  ...meshEvents,
  ...projectEvents,
  ...taskEvents,
  ...attemptEvents,
  ...moneyEvents,
  ...humanEvents,
  ...engineEvents,
  /** What a newer version wrote on another node, as this one reads it. It is kept and passed on as it is; nobody records it. */
  z.strictObject({
    type: z.literal('unknown'),
    /** The type that it has there. */
    name: z.string(),
    json: z.string(),
  }),
]);
export type EventBody = z.infer<typeof EventBody>;
export type EventType = EventBody['type'];
export type BodyOf<T extends EventType> = Extract<EventBody, { type: T }>;

/** An event in a node's log: `hash` covers everything before it through `prev` (safety rule 6). */
export interface LoggedEvent {
  readonly node: NodeId;
  /** 1, 2, 3 … without gaps within one node's log. */
  readonly seq: number;
  /**
   * Lamport clock: greater than that of every event its writer had seen. (clock, node, seq) is the order of
   * history, the same on every node.
   */
  readonly clock: number;
  /** Order of arrival among the events of all nodes *here*: the cursor of local streams, folds and snapshots. Of a lone node it is the seq. */
  readonly pos: number;
  /** Wall clock of the node, for people; nothing is ordered by it. */
  readonly atMs: number;
  readonly prev: string;
  readonly hash: string;
  readonly body: EventBody;
}

/** The task that an event belongs to, if any. */
export function taskOf(body: EventBody): TaskId | null {
  return 'task' in body ? body.task : null;
}

/** The project that an event belongs to, if any. */
export function projectOf(body: EventBody): ProjectId | null {
  return 'project' in body ? body.project : null;
}

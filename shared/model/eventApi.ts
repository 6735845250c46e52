import { z } from 'zod';
import { NodeId } from './ids.ts';
import { Json } from './task.ts';

export const EventView = z.object({
  node: NodeId,
  /** Its place in the log of that node. */
  seq: z.number().int(),
  /** (clock, node, seq) is the order of history, the same on every node. */
  clock: z.number().int(),
  /** Its place in the order of arrival on the node that was asked: what `after`, `before` and `at` take. */
  pos: z.number().int(),
  atMs: z.number(),
  hash: z.string(),
  type: z.string(),
  /** The event in one line. */
  text: z.string(),
  body: z.record(z.string(), Json).meta({ type: 'object' }),
});
export type EventView = z.infer<typeof EventView>;

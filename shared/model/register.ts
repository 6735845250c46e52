import { z } from 'zod';
import { NodeId } from './ids.ts';

/**
 * A register of the replicated document: one value of one entity (`task/T-12`, `approval/A-3`,
 * `project/app`, `policy/budget`) that exactly one node writes. Where several nodes may have a say
 * (two leaders, two humans) each has a register of its own under the same name, and one rule that all
 * nodes apply alike picks among them (docs/architecture.md, safety rules 1 and 2).
 */
export interface Register {
  readonly entity: string;
  readonly name: string;
  readonly stamp: Stamp;
  readonly value: unknown;
}

/** Who wrote a value, and where it stands in that node's log. */
export const Stamp = z.strictObject({
  node: NodeId,
  /** The event that the value came with, in its writer's log. */
  seq: z.number().int().nonnegative(),
  /** Lamport clock: greater than that of everything its writer had seen. Orders values without wall clocks. */
  clock: z.number().int().nonnegative(),
});
export type Stamp = z.infer<typeof Stamp>;

/** Total order of stamps: by clock, then by node. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.clock - b.clock || (a.node < b.node ? -1 : a.node > b.node ? 1 : a.seq - b.seq);
}

/**
 * What a human decided: signed by the node at which they did, and checked by every reader. It has been read from
 * JSON, and is checked for its kind by whoever asks for it.
 */
export const SignedValue = z.strictObject({ value: z.unknown(), signature: z.string() });

/** The registers of a task that hold a human's word. */
export const HUMAN_WORDS: ReadonlySet<string> = new Set(['verdict', 'cancelled', 'granted']);

import { z } from 'zod';
import { Budget, CapReached, RaisedCap } from './budget.ts';
import type { ApprovalId } from './ids.ts';
import { NodeId, type ProjectId, type TaskId } from './ids.ts';

/** What is to be allowed. */
export const ApprovalSubject = z.discriminatedUnion('kind', [
  /** Caps that rise. */
  z.strictObject({
    kind: z.literal('budget'),
    budget: Budget,
    /** What of it rises; absent in old logs. */
    raised: z.array(RaisedCap).optional(),
  }),
  /** A task that has used up what every task may use wants as much again. */
  z.strictObject({
    kind: z.literal('task-budget'),
    reached: CapReached,
    tokens: z.number().int().nonnegative(),
    calls: z.number().int().nonnegative(),
  }),
  /** An act of an agent that oversight keeps for humans. */
  z.strictObject({
    kind: z.literal('permission'),
    node: NodeId,
    title: z.string(),
    /** What is allowed by a yes: the same act, by the same task. */
    act: z.string(),
  }),
]);
export type ApprovalSubject = z.infer<typeof ApprovalSubject>;

/** A question to a human. */
export interface Approval {
  readonly id: ApprovalId;
  readonly task: TaskId | null;
  readonly project: ProjectId | null;
  readonly subject: ApprovalSubject;
  readonly reason: string;
  readonly askedAtMs: number;
  /** Null while nobody has answered, which means no. */
  readonly answer: 'approved' | 'denied' | null;
}

export function approvalId(number: number): ApprovalId {
  return `A-${number}` as ApprovalId;
}

export function approvalNumber(id: ApprovalId): number {
  return Number(id.slice(2));
}

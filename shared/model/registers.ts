import type { Abandonment, Assignment, Attempt, Failure } from './attempt.ts';
import type { CommitId, TaskId } from './ids.ts';
import type { Dependency, TaskSpec } from './task.ts';

/** The integrating node's word on a task. Written once. */
interface Merge {
  readonly attempt: number;
  readonly commit: CommitId;
  readonly atMs: number;
}

/** A human's answer to a review. */
interface Verdict {
  readonly attempt: number;
  /** The result that the human saw; absent where nodes of an older version wrote it. */
  readonly commit?: CommitId | null | undefined;
  readonly answer: 'approved' | 'rejected';
  readonly who: string;
  readonly reason: string;
  readonly atMs: number;
}

/**
 * All that is known of one task. Each register has exactly one role that may write it
 * (docs/architecture.md, safety rule 1): this is the shape that the replicated document takes.
 */
export interface TaskRegisters {
  /** Creator, once. */
  readonly spec: TaskSpec;
  /** Whoever added an edge at run time; append-only. */
  readonly addedDependencies: readonly Dependency[];
  /** Leader. */
  readonly assignment: Assignment | null;
  /** Leader: the attempt that it last gave up. */
  readonly abandoned?: Abandonment | null;
  /** Executing nodes, each its own; the project's home where a result does not merge. By number. */
  readonly attempts: readonly Attempt[];
  /** Integrating node. */
  readonly merge: Merge | null;
  /** Executing node: score of the last attempt that was verified, 0–1. */
  readonly quality: number | null;
  /** A human's node. */
  readonly verdict: Verdict | null;
  readonly cancelled: {
    readonly who: string;
    readonly reason: string;
    readonly atMs: number;
  } | null;
  /** Leader: no attempts are left, or none can help. */
  readonly failed: Failure | null;
  /** Leader: the tasks that took its place, when it was too large for one attempt. */
  readonly split: readonly TaskId[] | null;
  /** Attempts that a human granted on top of the limit (`vigil task retry`). */
  readonly grantedAttempts: number;
}

/** What a task is doing, derived from its registers by `statusOf` and never stored. */
export type TaskStatus =
  /** Not assigned: ready, or waiting for what `explain` names. */
  | 'open'
  | 'assigned'
  | 'running'
  | 'verifying'
  /** Passed; a human has to approve before it merges. */
  | 'review'
  /** Passed and cleared; on its way into the integrated tree. */
  | 'merging'
  | 'merged'
  /** Ended well with nothing to merge. */
  | 'done'
  | 'rejected'
  | 'cancelled'
  | 'failed'
  /** Others took its place. */
  | 'split';

const ENDED_STATUSES = ['merged', 'done', 'rejected', 'cancelled', 'failed', 'split'] as const;
export type EndedStatus = (typeof ENDED_STATUSES)[number];

export function hasEnded(status: TaskStatus): status is EndedStatus {
  return (ENDED_STATUSES as readonly TaskStatus[]).includes(status);
}

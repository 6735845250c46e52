import type { PriorityTerms } from '../model/decision.ts';
import type { Worth } from './score.ts';

/** A dependency by the ids of the library's user; the four kinds are those of the product. */
export type LibraryDependency =
  /** Starts when the other task has ended, however it ended. */
  | { readonly type: 'ordering'; readonly task: string }
  /** Starts when the artifact exists, whatever became of the task that is to make it. */
  | { readonly type: 'hard'; readonly artifact: string; readonly task?: string }
  /** Starts when the other task has ended, or at the latest so long after its own creation. */
  | { readonly type: 'soft'; readonly task: string; readonly timeoutMs: number }
  /** Never runs beside another task that names the resource. */
  | { readonly type: 'resource'; readonly resource: string };

export interface LibraryTask {
  readonly id: string;
  /** How long it is expected to take in all, ms. */
  readonly estimateMs: number;
  /** A task that is not in the list counts as ended. */
  readonly dependencies?: readonly LibraryDependency[];
  /** Globs that it may change: tasks whose globs may meet do not run side by side. Default: none. */
  readonly scope?: readonly string[];
  /** Labels that a node must have. */
  readonly capabilities?: readonly string[];
  /** Minutes of remaining path that it is worth more. Default 0. */
  readonly weight?: number;
  /** Default: now. What waits longer goes up. */
  readonly createdAtMs?: number;
  /** It is at work and holds a slot of this node. */
  readonly running?: { readonly node: string; readonly startedAtMs: number };
}

export interface LibraryNode {
  readonly id: string;
  /** Tasks at once. */
  readonly slots: number;
  readonly capabilities?: readonly string[];
  /** Probability that a task on it succeeds, 0–1. Default 0.8. */
  readonly pSuccess?: number;
}

export interface PlanInput {
  readonly tasks: readonly LibraryTask[];
  readonly nodes: readonly LibraryNode[];
  /** The time, ms since the epoch: nothing else tells the plan what time it is. */
  readonly nowMs: number;
  /** Artifacts that exist. */
  readonly artifacts?: readonly string[];
}

/** A task that should start now. */
export interface PlannedStart extends Worth {
  readonly task: string;
  readonly node: string;
  readonly priority: PriorityTerms;
  readonly reason: string;
}

/** A task that should not start now. */
export interface PlannedWait {
  readonly task: string;
  readonly reason: string;
}

export interface LibraryPlan {
  /** Best first. */
  readonly assignments: readonly PlannedStart[];
  /** Every other task that does not run, with the one reason that binds longest; in the order given. */
  readonly waiting: readonly PlannedWait[];
  /** The chain of open tasks that takes longest. */
  readonly criticalPath: { readonly tasks: readonly string[]; readonly lengthMs: number };
}

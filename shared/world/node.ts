import type { Concurrency, Limits } from '../model/config.ts';
import type { NodeId } from '../model/ids.ts';
import type { Fitness } from '../model/senses.ts';
import type { TaskSpec } from '../model/task.ts';

/** Slots of a node: agent tasks are heavy and counted apart from the cheap ones beside them. */
export type Pool = 'agent' | 'cheap';

/** The pool whose slot a task takes. */
export function poolOf(spec: TaskSpec): Pool {
  return spec.executor.kind === 'agent' ? 'agent' : 'cheap';
}

/** What is known of a node. */
export interface NodeState {
  readonly id: NodeId;
  /** What people call it; absent where it never said. */
  readonly name?: string;
  readonly up: boolean;
  /** Since when it is not up, ms since the epoch by the clock of whoever saw it. */
  readonly downSinceMs?: number;
  readonly version: string;
  readonly concurrency: Concurrency;
  readonly capabilities: readonly string[];
  readonly limits: Limits;
  /** Slots in use. */
  readonly used: Readonly<Record<Pool, number>>;
  /** Labels that it found to be true of itself. */
  readonly detected?: readonly string[];
  /** What it may take; absent: nothing is known against it. */
  readonly fitness?: Fitness;
  /** Since when it may take no heavy work. */
  readonly unfitSinceMs?: number;
  /** It takes nothing new until a human says so. */
  readonly draining?: true;
}

/** The label of a node that has a coding agent connected. */
export const AGENT_CAPABILITY = 'agent';

/** Capabilities that the task needs and the node lacks. */
export function missingCapabilities(spec: TaskSpec, node: NodeState): string[] {
  const needed =
    spec.executor.kind === 'agent' ? [AGENT_CAPABILITY, ...spec.capabilities] : spec.capabilities;
  return needed.filter(
    (label) => !node.capabilities.includes(label) && !node.detected?.includes(label),
  );
}

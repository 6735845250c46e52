import type { LoggedEvent } from '../../shared/model/events.ts';
import type { CommitId, NodeId, TaskId } from '../../shared/model/ids.ts';
import type { MemberStatement } from '../../shared/model/member.ts';
import type { Register } from '../../shared/model/register.ts';
import type { WorkOrder } from '../../shared/world/order.ts';
import type { Pool } from '../../shared/world/node.ts';
import type { Process } from './scheduler.ts';
import type { Work } from './repository.ts';
import type { Call } from './spending.ts';
import { Told } from './told.ts';

/** An attempt that really runs, whatever anyone believes. */
export interface Execution {
  readonly order: WorkOrder;
  readonly node: NodeId;
  readonly process: Process;
  readonly pool: Pool;
  readonly resources: readonly string[];
  readonly startedMs: number;
  /** Since when its node knows that it no longer counts, ms; null while it does. */
  straySinceMs: number | null;
}

/** A human's answer, and at which event of which node's log it was given. */
export interface Answered {
  readonly node: NodeId;
  readonly seq: number;
  readonly task: TaskId | null;
  readonly answer: 'approved' | 'rejected' | 'denied';
}

export interface Violation {
  readonly invariant: string;
  readonly what: string;
  readonly atMs: number;
}

/** What happened, as nobody inside can know it: what the invariants are checked against. */
export class Truth {
  readonly running = new Set<Execution>();
  /** Tasks of which a caller was told that they are there, and by whom. */
  readonly acknowledged = new Map<
    TaskId,
    {
      readonly node: NodeId;
      readonly seq: number;
      readonly needs: readonly number[];
      readonly review: boolean;
    }
  >();
  /** What humans said of results, and of which. */
  readonly verdicts: (Answered & { readonly commit: CommitId | null })[] = [];
  /** What humans said of acts that agents asked for. */
  readonly permissions: Answered[] = [];
  /** Model calls that were sent. */
  readonly calls: Call[] = [];
  /** What was really said of who belongs to the mesh, by what it is called. */
  readonly statements = new Map<string, MemberStatement>();
  /** Who was let in, by these statements. */
  readonly admitted = new Set<NodeId>();
  /** Up to where the logs of nodes count that were put out, by these statements. */
  readonly cuts = new Map<NodeId, number>();
  /** What each node's disk must not forget. */
  readonly told = new Told((invariant, what) => this.violated(invariant, what));
  /** What humans set, as it was recorded; acknowledged once it was durable. */
  readonly budgets: {
    readonly tokens: number;
    readonly event: Pick<LoggedEvent, 'node' | 'seq' | 'clock'>;
    acknowledged: boolean;
  }[] = [];
  /** Tasks that a human cancelled. */
  readonly cancelled = new Set<TaskId>();
  /** What was said in the name of others. */
  readonly forged: Register[] = [];
  /** Every result that passed. */
  readonly passed = new Map<string, { readonly work: Work; readonly term: number }>();
  /** When links, nodes or clocks last were disturbed, ms. */
  disturbedMs = 0;
  merges = 0;
  readonly violations: Violation[] = [];
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Up to which event a node's log counts. */
  allowed(node: NodeId): number {
    return this.cuts.get(node) ?? Infinity;
  }

  isForged({ entity, name, stamp }: Omit<Register, 'value'>): boolean {
    return this.forged.some(
      (each) =>
        each.stamp.seq === stamp.seq &&
        each.stamp.node === stamp.node &&
        each.entity === entity &&
        each.name === name,
    );
  }

  /** Notes a violation; only the first of its kind, the rest follows from it. */
  violated(invariant: string, what: string): void {
    if (this.violations.some((each) => each.invariant === invariant)) return;
    this.violations.push({ invariant, what, atMs: this.#nowMs() });
  }
}

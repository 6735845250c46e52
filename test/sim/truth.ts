import type { LoggedEvent } from '../../shared/model/events.ts';
import type { NodeId, TaskId } from '../../shared/model/ids.ts';
import type { WorkOrder } from '../../shared/world/order.ts';
import type { Pool } from '../../shared/world/node.ts';
import type { Process } from './scheduler.ts';
import type { Work } from './repository.ts';

/** An attempt that really runs, whatever anyone believes. */
export interface Execution {
  readonly order: WorkOrder;
  readonly node: NodeId;
  readonly process: Process;
  readonly pool: Pool;
  readonly resources: readonly string[];
  readonly startedMs: number;
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
    { readonly node: NodeId; readonly seq: number; readonly needs: readonly number[] }
  >();
  /** What humans set, as it was recorded; acknowledged once it was durable. */
  readonly budgets: {
    readonly tokens: number;
    readonly event: Pick<LoggedEvent, 'node' | 'seq' | 'clock'>;
    acknowledged: boolean;
  }[] = [];
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

  /** Notes a violation; only the first of its kind, the rest follows from it. */
  violated(invariant: string, what: string): void {
    if (this.violations.some((each) => each.invariant === invariant)) return;
    this.violations.push({ invariant, what, atMs: this.#nowMs() });
  }
}

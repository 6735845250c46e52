import { compareAssignments } from '../../shared/model/attempt.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import { classifyFailure } from '../../shared/policy/failure.ts';
import { leavingOf } from '../../shared/world/leaving.ts';
import { poolOf, type Pool } from '../../shared/world/node.ts';
import { resourcesOf } from '../../shared/world/tasks.ts';
import { orderOf, type WorkOrder } from '../../shared/world/order.ts';
import type { Ledger } from './ledger.ts';

interface Running {
  readonly order: WorkOrder;
  readonly pool: Pool;
  readonly resources: readonly string[];
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

export interface OrdersOptions {
  readonly ledger: Ledger;
  /** Carries an order out, and records how it went; rejects only when that can't be recorded. */
  readonly work: (order: WorkOrder, signal: AbortSignal) => Promise<void>;
  /** Called after each order, when its outcome is durable. */
  readonly ended: (task: TaskId) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * What this node was told to do and is doing: the fence of the executing node (safety rule 3). It takes no
 * order of an older term or beyond its slots, and ends what no longer counts.
 */
export class Orders {
  private readonly options: OrdersOptions;
  private readonly ledger: Ledger;
  private readonly running = new Map<TaskId, Running>();
  private stopping = false;

  constructor(options: OrdersOptions) {
    this.options = options;
    this.ledger = options.ledger;
    this.ledger.onEvent(({ body }) => {
      if (body.type === 'task.cancelled')
        this.running.get(body.task)?.stop.abort(new Error('cancelled'));
    });
  }

  /**
   * Follows what was decided of a task, here or elsewhere: carries out what is assigned to this node,
   * and ends an attempt of its own that no longer counts, before it costs more. Returns at once (D3).
   */
  follow(id: TaskId): void {
    const task = this.ledger.world.tasks.get(id);
    const mine = this.running.get(id);
    if (mine) {
      this.stopIfOver(id, mine);
      return;
    }
    this.closeLeft(id);
    const order = task && orderOf(task);
    if (!order || order.node !== this.ledger.store.node) return;
    // Of several changes that came together, what ended goes before what begins.
    for (const [other, running] of this.running) this.stopIfOver(other, running);
    const leaving = this.leavingBefore(task);
    if (leaving) {
      void leaving.done.then(() => this.follow(id));
      return;
    }
    const refusal = this.refusalOf(order, poolOf(task.spec));
    if (refusal) void this.refuse(order, refusal).catch(this.options.fail);
    else this.start(order);
  }

  /** Gives an order back: the attempt is over before it began, and does not count. */
  async refuse({ task, project, attempt, node }: WorkOrder, why: string): Promise<void> {
    const reason = `${node} did not take it: ${why}`;
    await this.ledger.commit({
      type: 'attempt.failed',
      task,
      project,
      attempt,
      node,
      failure: classifyFailure({ kind: 'interrupted', reason }),
      report: '',
      durationMs: 0,
    });
    this.options.ended(task);
  }

  get busy(): boolean {
    return this.running.size > 0;
  }

  /** Takes nothing more, ends every running attempt as interrupted, and resolves when all are gone. */
  async stopAll(): Promise<void> {
    this.stopping = true;
    const all = [...this.running.values()];
    for (const { stop } of all) stop.abort(new Error('the node was stopped'));
    await Promise.all(all.map(({ done }) => done));
  }

  private stopIfOver(id: TaskId, { order, stop }: Running): void {
    const task = this.ledger.world.tasks.get(id);
    const reason = task ? endedBy(task, order) : 'it has ended on another node';
    if (reason) stop.abort(new Error(reason));
  }

  /** Others wait to hear that what no longer counts has ended here, also where it never began. */
  private closeLeft(id: TaskId): void {
    const { world, store } = this.ledger;
    const task = world.leaving.get(id);
    if (!task) return;
    const { project } = task.spec;
    const failure = classifyFailure({ kind: 'interrupted', reason: 'it no longer counted' });
    const left = leavingOf(task).filter(({ node }) => node === store.node);
    if (left.length === 0) return;
    this.ledger
      .commit(
        ...left.map(({ attempt, node }) => ({
          ...{ type: 'attempt.failed' as const, task: id, project, attempt, node },
          ...{ failure, report: '', durationMs: 0 },
        })),
      )
      .catch(this.options.fail);
  }

  /** Why this node does not do as the leader says: the executing node has the last word on both. */
  private refusalOf({ term, by }: WorkOrder, pool: Pool): string | null {
    if (this.stopping) return 'it is being stopped';
    const { world, store } = this.ledger;
    const known = world.leadership?.term ?? 0;
    if (term < known) return `${by} assigned it in term ${term}, and term ${known} has begun`;
    const max = world.nodes.get(store.node)?.concurrency[pool] ?? 0;
    // One that has told how it ended only tidies up: its slot is free, as everyone sees.
    const busy = [...this.running].filter(
      ([id, other]) => other.pool === pool && holdsSlot(world.tasks.get(id), other.order),
    ).length;
    return busy < max ? null : `all ${max} of its slots were taken`;
  }

  /**
   * An attempt that has what this task needs: a resource, or its slot when it was told to stop. Whoever assigned
   * this one may not have known of it.
   */
  private leavingBefore(task: TaskRegisters): Running | null {
    const { world, store } = this.ledger;
    const pool = poolOf(task.spec);
    const all = [...this.running];
    const max = world.nodes.get(store.node)?.concurrency[pool] ?? 0;
    const isFull = all.filter(([, other]) => other.pool === pool).length >= max;
    const resources = resourcesOf(task);
    const found = all.find(
      ([, other]) =>
        (other.stop.signal.aborted && isFull && other.pool === pool) ||
        other.resources.some((resource) => resources.includes(resource)),
    );
    return found?.[1] ?? null;
  }

  private start(order: WorkOrder): void {
    const stop = new AbortController();
    const done = this.options
      .work(order, stop.signal)
      .catch(this.options.fail)
      .finally(() => {
        this.running.delete(order.task);
        this.options.ended(order.task);
        // While it tidied up, the task may have been given to this node again.
        if (!this.stopping) this.follow(order.task);
      });
    const task = this.ledger.world.tasks.get(order.task);
    const pool = task ? poolOf(task.spec) : 'cheap';
    const resources = task ? resourcesOf(task) : [];
    this.running.set(order.task, { order, pool, resources, stop, done });
  }
}

/** Whether the order is still being carried out, as far as its node has told. */
function holdsSlot(task: TaskRegisters | undefined, { attempt, node }: WorkOrder): boolean {
  const own = task?.attempts.find((each) => each.number === attempt && each.node === node);
  if (!own) return task !== undefined;
  return own.state.state === 'running' || own.state.state === 'verifying';
}

/** Why an attempt that runs here no longer counts; null while it does. */
function endedBy(task: TaskRegisters, order: WorkOrder): string | null {
  const { assignment, abandoned } = task;
  if (assignment && compareAssignments(assignment, order) > 0)
    return `${assignment.by} gave it to ${assignment.node} in term ${assignment.term}`;
  const given = abandoned?.attempt === order.attempt && abandoned.node === order.node;
  return given && abandoned.term >= order.term ? abandoned.reason : null;
}

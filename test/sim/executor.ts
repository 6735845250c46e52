import { permissionsFor } from '../../electron/node/agents/permissions.ts';
import { giveUpIfSpent } from '../../electron/node/giveUp.ts';
import type { Ledger } from '../../electron/node/ledger.ts';
import { messageOf } from '../../shared/model/errors.ts';
import type { Verification } from '../../shared/model/attempt.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import { classifyFailure } from '../../shared/policy/failure.ts';
import type { WorkOrder } from '../../shared/world/order.ts';
import { resourcesOf } from '../../shared/world/tasks.ts';
import { poolOf } from '../../shared/world/node.ts';
import { isApproved } from './humans.ts';
import { checkOrder, checkStart } from './localInvariants.ts';
import { commitId, type Work } from './repository.ts';
import { ASKS } from './project.ts';
import type { SimSpender } from './spending.ts';
import type { SimNode } from './node.ts';
import type { Process } from './scheduler.ts';

const VERIFIED: Verification = {
  passed: true,
  checks: [],
  quality: 1,
  parts: [],
  threshold: 0.5,
  tests: null,
};
/** Of attempts, those that fail by their own fault. */
const FAILS = 0.1;

/** How many models an agent calls: few, since each call is written and told twice. */
const CALLS = [0, 0, 0, 1, 2] as const;

/** Agents that think for a random time, on one node: the events are those of `Attempts`, the work is not. */
export class SimExecutor {
  readonly #node: SimNode;
  readonly #ledger: Ledger;
  readonly #process: Process;
  readonly #spender: SimSpender | null;

  constructor(node: SimNode, ledger: Ledger, process: Process, spender: SimSpender | null) {
    this.#node = node;
    this.#ledger = ledger;
    this.#process = process;
    this.#spender = spender;
  }

  /** Carries out one order, from base to verdict. */
  async work(order: WorkOrder, signal: AbortSignal): Promise<void> {
    const startedMs = this.#ledger.nowMs();
    const task = this.#ledger.world.tasks.get(order.task);
    if (!task) return;
    checkOrder(this.#node.sim, this.#node, order);
    try {
      await this.#attempt(order, task, signal);
    } catch (error) {
      await this.#fail(order, error, startedMs, signal);
    }
  }

  async #attempt(order: WorkOrder, task: TaskRegisters, signal: AbortSignal): Promise<void> {
    const { repository, sim } = this.#node;
    const { spec } = task;
    await this.#pass(sim.random.int(20, 400), signal);
    if (!this.#hasBase(task)) {
      await this.#node.orders?.refuse(order, 'its copy of the code is not new enough yet');
      return;
    }
    const base = repository.head;
    const ids = { task: order.task, project: order.project, attempt: order.attempt };
    this.#ledger.record({
      type: 'attempt.started',
      ...ids,
      node: order.node,
      executor: spec.executor.kind,
      base,
      prepareMs: 0,
      log: null,
    });
    const execution = {
      order,
      node: this.#node.id,
      process: this.#process,
      pool: poolOf(spec),
      resources: resourcesOf(task),
      startedMs: sim.scheduler.nowMs,
      straySinceMs: null,
    };
    checkStart(sim, this.#node, execution, task);
    sim.truth.running.add(execution);
    try {
      await this.#pass(sim.workMs(spec), signal);
      if (this.#spender)
        for (let calls = sim.money.pick(CALLS); calls > 0; calls--)
          await this.#spender.call(order, (ms) => this.#pass(ms, signal));
      if (spec.instructions === ASKS) await this.#askFirst(order, task);
      if (sim.random.chance(FAILS)) throw new Error('the agent failed');
      const commit = commitId('work', order.node, order.task, order.attempt, order.term);
      const work: Work = {
        task: order.task,
        attempt: order.attempt,
        node: order.node,
        commit,
        artifacts: spec.deliverables,
      };
      repository.objects.set(commit, { parent: base, work });
      const diff = { files: [], added: 1, removed: 0 };
      await this.#ledger.commit({ type: 'attempt.produced', ...ids, commit, diff, durationMs: 0 });
      await this.#pass(sim.random.int(50, 2_000), signal);
      await this.#ledger.commit({ type: 'attempt.verified', ...ids, verification: VERIFIED });
      if (!this.#ledger.world.tasks.has(order.task)) throw new Error('it is no longer wanted');
      sim.truth.passed.set(commit, { work, term: order.term });
      await this.#ledger.commit({
        type: 'attempt.passed',
        ...ids,
        commit,
        needsReview: spec.review ? 'its spec asks for it' : null,
        quality: 1,
        durationMs: 0,
      });
      this.#node.push(work);
    } finally {
      sim.truth.running.delete(execution);
    }
  }

  /** What the agent does next only a human may allow; without an answer the attempt comes to nothing. */
  async #askFirst({ task: id }: WorkOrder, { spec }: TaskRegisters): Promise<void> {
    const { truth } = this.#node.sim;
    const ask = permissionsFor(this.#ledger, spec, 'writer');
    const title = 'publish';
    const { answer } = await ask({ kind: 'other', title, paths: [], command: null });
    if (answer === 'ask') throw new Error('it needs a human');
    const answers = truth.permissions.filter(({ task }) => task === id);
    if (answer === 'allow' && !isApproved(this.#node, answers))
      truth.violated('approvals', `${id} does on ${this.#node.id} what nobody allowed`);
  }

  /** Whether the tree to start from has what the task needs; the newest that can be had. */
  #hasBase({ spec, addedDependencies }: TaskRegisters): boolean {
    const { repository } = this.#node;
    const home = this.#node.homeRepository();
    if (home && home !== repository) repository.follow(home);
    const { artifacts } = repository;
    return [...spec.dependencies, ...addedDependencies].every(
      (each) => each.type !== 'hard' || artifacts.has(each.artifact),
    );
  }

  /** As `Attempts` ends one that failed. */
  async #fail(
    order: WorkOrder,
    error: unknown,
    startedMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { task: id, project, attempt } = order;
    const isOver = !this.#ledger.world.tasks.has(id);
    const failure =
      signal.aborted || isOver
        ? classifyFailure({ kind: 'interrupted', reason: messageOf(signal.reason ?? error) })
        : classifyFailure({ kind: 'command', exitCode: 1, signal: null, tail: messageOf(error) });
    const durationMs = Math.max(0, this.#ledger.nowMs() - startedMs);
    await this.#ledger.commit({
      type: 'attempt.failed',
      task: id,
      project,
      attempt,
      failure,
      report: '',
      durationMs,
    });
    if (!isOver) await giveUpIfSpent(this.#ledger, id, failure);
  }

  #pass(ms: number, signal: AbortSignal): Promise<void> {
    const passed = Promise.withResolvers<void>();
    const timer = this.#node.sim.scheduler.after(ms, this.#process, () => passed.resolve());
    const stop = () => {
      timer.cancel();
      // An agent that is told to stop takes a moment.
      const lastMs = this.#node.sim.money.int(0, 2_000);
      this.#node.sim.scheduler.after(lastMs, this.#process, () =>
        passed.reject(new Error('stopped')),
      );
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    return passed.promise.finally(() => signal.removeEventListener('abort', stop));
  }
}

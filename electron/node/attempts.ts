import type { WorkOrder } from '../../shared/world/order.ts';
import type { DiffStat, Failure, Verification } from '../../shared/model/attempt.ts';
import { VigilError, isDiskFull, isUnheld, messageOf } from '../../shared/model/errors.ts';
import type { EventBody } from '../../shared/model/events.ts';
import type { CommitId, TaskId } from '../../shared/model/ids.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import { workKind } from '../../shared/model/task.ts';
import { classifyFailure } from '../../shared/policy/failure.ts';
import { investigate } from '../../shared/policy/investigate.ts';
import { needsReview } from '../../shared/policy/review.ts';
import { gateOf } from '../../shared/policy/gates.ts';
import { commitAttempt } from '../execute/repository/commit.ts';
import { reviewByAgent } from './agents/reviewing.ts';
import { AttemptFailure } from './attemptFailure.ts';
import { giveUpIfSpent } from './giveUp.ts';
import { attemptLogPath } from './layout.ts';
import type { Ledger } from './ledger.ts';
import { Orders } from './orders.ts';
import { ProcessWatch } from './processWatch.ts';
import { remoteBase } from './remoteBase.ts';
import type { ProjectRuntime } from './projectRuntime.ts';
import type { AttemptContext } from './attemptContext.ts';
import { produce, type Workers } from './produce.ts';
import type { Projects } from './projects.ts';
import { verifyWorkspace } from './verification.ts';

/** Runs what was dispatched, from workspace to verdict, and tells the log how each step went. */
export class Attempts {
  private readonly ledger: Ledger;
  private readonly projects: Projects;
  private readonly workers: Workers;
  private readonly bringCheckpoint: (task: TaskRegisters) => Promise<void>;
  private readonly orders: Orders;

  /** `ended` is called after each attempt, when its outcome is durable; `fail` when that can't be had. */
  constructor(options: {
    ledger: Ledger;
    projects: Projects;
    workers: Workers;
    ended: (task: TaskId) => void;
    /** Brings work in progress of the task that another node left, where there is any. */
    bringCheckpoint: (task: TaskRegisters) => Promise<void>;
    fail: (error: unknown) => void;
  }) {
    this.bringCheckpoint = options.bringCheckpoint;
    this.ledger = options.ledger;
    this.projects = options.projects;
    this.workers = options.workers;
    const { ledger, ended, fail } = options;
    this.orders = new Orders({
      ledger,
      ended,
      fail,
      work: (order, signal) => this.attempt(order, signal),
    });
  }

  /** Follows what was decided of a task; see `Orders`. */
  follow(id: TaskId): void {
    this.orders.follow(id);
  }

  get busy(): boolean {
    return this.orders.busy;
  }

  /** As `Orders.stopAll`. */
  stopAll(): Promise<void> {
    return this.orders.stopAll();
  }

  private async attempt(order: WorkOrder, signal: AbortSignal): Promise<void> {
    const startedMs = this.ledger.nowMs();
    const task = this.ledger.world.tasks.get(order.task);
    if (!task) return;
    try {
      if (task.spec.executor.kind === 'milestone') await this.milestone(order, task);
      else await this.work(order, task, startedMs, signal);
    } catch (error) {
      await this.fail(order, error, startedMs, signal);
    }
  }

  /** Nothing to do: that it was reached is the point. */
  private async milestone(order: WorkOrder, { spec }: TaskRegisters): Promise<void> {
    const { task, project, attempt, node } = order;
    await this.ledger.commit(
      {
        type: 'attempt.started',
        task,
        project,
        attempt,
        node,
        executor: spec.executor.kind,
        base: null,
        prepareMs: 0,
        log: null,
      },
      {
        type: 'attempt.passed',
        task,
        project,
        attempt,
        commit: null,
        needsReview: null,
        quality: null,
        durationMs: 0,
      },
    );
  }

  private async work(
    order: WorkOrder,
    task: TaskRegisters,
    startedMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const runtime = await this.projects.runtime(order.project).catch(nullWhereAway);
    if (runtime === null) return this.orders.refuse(order, 'the code has not come to it yet');
    const base = await this.baseOf(runtime, task);
    if (base === null)
      return this.orders.refuse(order, 'its copy of the code is not new enough yet');
    const workspace = await runtime.workspaces.take({
      task: order.task,
      attempt: order.attempt,
      base,
    });
    const watch = new ProcessWatch(this.ledger.store, order.task, order.attempt);
    try {
      signal.throwIfAborted();
      await this.produceAndVerify({ order, task, runtime, workspace, watch, startedMs, signal });
    } finally {
      watch.done();
      await runtime.workspaces.release(workspace);
      warmNext(runtime);
    }
  }

  /** Where the attempt starts; null when what it needs has not come to this node yet. */
  private async baseOf({ clone }: ProjectRuntime, task: TaskRegisters): Promise<CommitId | null> {
    // Another node may have begun, and left work to go on from.
    if (task.attempts.length > 0) await this.bringCheckpoint(task);
    if (clone.isHome) return clone.integrationHead();
    const { nodes, projects } = this.ledger.world;
    const home = projects.get(task.spec.project)?.home;
    const homeIsThere = home !== undefined && nodes.get(home)?.up === true;
    return remoteBase(clone, task, homeIsThere).catch((error: unknown) => {
      if (error instanceof VigilError && error.code === 'not-found') return null;
      throw error;
    });
  }

  private async produceAndVerify(context: AttemptContext): Promise<void> {
    const { order, task, runtime, workspace, startedMs } = context;
    const { spec } = task;
    const ids = { task: order.task, project: order.project, attempt: order.attempt };
    this.ledger.record({
      type: 'attempt.started',
      ...ids,
      node: order.node,
      executor: spec.executor.kind,
      base: workspace.base,
      prepareMs: this.ledger.nowMs() - startedMs,
      // What agents say is in their transcripts.
      log:
        spec.executor.kind === 'agent'
          ? null
          : attemptLogPath(this.workers.home, order.task, order.attempt),
    });
    const working = produce(this.workers, context);
    // While this one works: the next may become ready in the moment in which this one ends.
    warmNext(runtime);
    const { tests } = await working;
    const produced = await commitAttempt(workspace, {
      ...ids,
      title: spec.title,
      creator: spec.createdBy,
    });
    if (produced) {
      const durationMs = this.ledger.nowMs() - startedMs;
      await this.ledger.commit({ type: 'attempt.produced', ...ids, ...produced, durationMs });
    }
    const { verification: checked, held } = await verifyWorkspace(this.ledger, {
      ...context,
      diff: produced?.diff ?? null,
      alsoInScope: tests,
    });
    const verification = await this.review(context, checked, produced?.commit ?? null);
    await this.ledger.commit({ type: 'attempt.verified', ...ids, verification });
    if (!verification.passed) throw AttemptFailure.ofVerification(verification, spec);
    if (verification.tests && produced) runtime.remember(produced.commit, verification.tests, held);
    await this.pass(context, verification, produced);
  }

  /** A second agent judges what an agent wrote and what passed its checks (X4). */
  private async review(
    context: AttemptContext,
    verification: Verification,
    commit: CommitId | null,
  ): Promise<Verification> {
    const { ledger, host } = this.workers;
    const byAgent = context.task.spec.executor.kind === 'agent';
    if (!byAgent || !verification.passed || commit === null) return verification;
    const check = await reviewByAgent(ledger, host, context, commit);
    return {
      ...verification,
      passed: check.verdict !== 'failed',
      checks: [...verification.checks, check],
    };
  }

  private async pass(
    { order, task, startedMs }: AttemptContext,
    verification: Verification,
    produced: { readonly commit: CommitId; readonly diff: DiffStat } | null,
  ): Promise<void> {
    const { task: id, project, attempt } = order;
    const commit = produced?.commit ?? null;
    // Cancelled while its last check ran: the result is no longer wanted.
    if (!this.ledger.world.tasks.has(id)) return this.superseded(order, startedMs);
    const durationMs = this.ledger.nowMs() - startedMs;
    const { definition, gates } = this.projects.state(project);
    const agent =
      task.spec.executor.kind === 'agent'
        ? { gate: gateOf(gates, workKind(task.spec), this.ledger.limits) }
        : null;
    await this.ledger.commit(this.prediction(order, { success: true, durationMs }, null), {
      type: 'attempt.passed',
      task: id,
      project,
      attempt,
      commit,
      needsReview:
        commit === null ? null : needsReview(task.spec, definition.profile, verification, agent),
      quality: verification.quality,
      durationMs,
    });
  }

  private async fail(
    order: WorkOrder,
    error: unknown,
    startedMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { task: id, project, attempt } = order;
    // No fault of the task: the node stops, and the attempt does not count.
    if (isDiskFull(error)) throw error;
    const task = this.ledger.world.tasks.get(id);
    if (!task) {
      await this.superseded(order, startedMs, signal);
      return;
    }
    if (isUnheld(error)) await this.projects.troubleOf(project, error);
    const { failure, report } = this.unlessAsked(task, describeFailure(error, signal));
    const durationMs = this.ledger.nowMs() - startedMs;
    const events: EventBody[] = failure.interrupted
      ? []
      : [this.prediction(order, { success: false, durationMs }, failure)];
    events.push({
      type: 'attempt.failed',
      task: id,
      project,
      attempt,
      node: order.node,
      failure,
      report,
      durationMs,
    });
    await this.ledger.commit(...events);
    await giveUpIfSpent(this.ledger, id, failure);
  }

  /** The task has ended without this attempt: the log tells that it was stopped, and why. */
  private async superseded(
    { task, project, attempt, node }: WorkOrder,
    startedMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const reason = signal?.aborted ? messageOf(signal.reason) : 'it has ended on another node';
    await this.ledger.commit({
      type: 'attempt.failed',
      task,
      project,
      attempt,
      node,
      failure: classifyFailure({ kind: 'interrupted', reason }),
      report: '',
      durationMs: this.ledger.nowMs() - startedMs,
    });
  }

  /** An attempt that had to ask a human and went without the answer has not failed: it waits. */
  private unlessAsked(
    { spec }: TaskRegisters,
    ended: { failure: Failure; report: string },
  ): { failure: Failure; report: string } {
    const asked = this.ledger.world.supply.approvals.find(
      ({ task, subject, answer }) =>
        task === spec.id && subject.kind === 'permission' && answer === null,
    );
    if (!asked || ended.failure.interrupted) return ended;
    const reason = `it waits for the answer to ${asked.id}; without it: ${ended.failure.reason}`;
    return { ...ended, failure: classifyFailure({ kind: 'interrupted', reason }) };
  }

  private prediction(
    order: WorkOrder,
    actual: { success: boolean; durationMs: number },
    failure: Failure | null,
  ): EventBody {
    const { world } = this.ledger;
    const expected = order.expected;
    const earlierAttempts = order.attempt - 1;
    const { held, finding } = investigate({ expected, actual, failure, earlierAttempts });
    return {
      type: 'prediction.checked',
      task: order.task,
      project: order.project,
      attempt: order.attempt,
      expected,
      actual,
      held,
      finding,
      confidence: world.autonomy(this.ledger.nowMs()).confidence,
    };
  }
}

/** For a project whose repository is on another node, which can't be reached or has not opened it yet. */
function nullWhereAway(error: unknown): null {
  const away = ['node-unreachable', 'not-found', 'not-home'];
  if (error instanceof VigilError && away.includes(error.code)) return null;
  throw error;
}

/** Has the next attempt find a workspace ready; a failure shows when it is taken. */
function warmNext(runtime: ProjectRuntime): void {
  void runtime.workspaces.warm().catch(() => undefined);
}

function describeFailure(
  error: unknown,
  signal: AbortSignal,
): { failure: Failure; report: string } {
  if (signal.aborted) {
    const reason = messageOf(signal.reason);
    return { failure: classifyFailure({ kind: 'interrupted', reason }), report: '' };
  }
  // Parked with its project until there is a sandbox.
  if (isUnheld(error))
    return {
      failure: classifyFailure({ kind: 'interrupted', reason: messageOf(error) }),
      report: '',
    };
  if (error instanceof AttemptFailure) return { failure: error.failure, report: error.report };
  const code = error instanceof VigilError ? error.code : null;
  const message = messageOf(error);
  return { failure: classifyFailure({ kind: 'error', code, message }), report: message };
}

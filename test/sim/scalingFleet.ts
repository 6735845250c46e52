import { mkdtempSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine, PROMPTS } from '../../electron/node/engine.ts';
import { giveUpIfSpent } from '../../electron/node/giveUp.ts';
import { Ledger } from '../../electron/node/ledger.ts';
import { EventStore } from '../../electron/store/store.ts';
import type { Verification } from '../../shared/model/attempt.ts';
import { Concurrency, Limits } from '../../shared/model/config.ts';
import type { NodeId, TaskId } from '../../shared/model/ids.ts';
import type { TaskSpec } from '../../shared/model/task.ts';
import { classifyFailure } from '../../shared/policy/failure.ts';
import { investigate } from '../../shared/policy/investigate.ts';
import { propose } from '../../shared/policy/propose.ts';
import { scoreSpec } from '../../shared/policy/spec.ts';
import { AGENT_CAPABILITY } from '../../shared/world/node.ts';
import { orderOf, type WorkOrder } from '../../shared/world/order.ts';
import { found, nodeId, PROJECT } from './project.ts';
import { commitId, Repository } from './repository.ts';
import { SlotTime } from './scalingLosses.ts';
import { overlapOf, Workload, type Fate, type WorkloadOptions } from './scalingWorkload.ts';
import { Process, Scheduler } from './scheduler.ts';

const DAY_MS = 24 * 60 * 60_000;
/** At a start of the simulation, ms since the epoch: some day in 2026. */
const EPOCH_MS = 1_780_000_000_000;
/** Half as much again as 30 nodes start. */
export const AGENT_TASKS_PER_HOUR = 40;
/** Pieces of work that a look at the project finds: more than a cycle may take. */
const FOUND = 60;

/** How attempts that failed by themselves are told from those that did not go together with others' work. */
const OWN_FAULT = 'its tests failed';

const VERIFIED: Verification = {
  passed: true,
  checks: [],
  quality: 1,
  parts: [],
  threshold: 0.5,
  tests: null,
};

export interface FleetRun {
  readonly nodes: number;
  readonly seed: number;
  /** Virtual days that are counted, after those in which the fleet gets under way. */
  readonly days: number;
  readonly warmUpDays: number;
  readonly workload: WorkloadOptions;
  /** Told of each stretch for which an attempt held a slot. */
  readonly onAttempt?: (attempt: HeldSlot) => void;
}

/** An attempt, from its start to its end. */
export interface HeldSlot {
  readonly task: TaskId;
  readonly node: NodeId;
  readonly scope: readonly string[];
  readonly resource: string | null;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface FleetResult {
  readonly merged: number;
  readonly failed: number;
  readonly conflicts: number;
  readonly verifications: number;
  readonly mergedPerDay: number;
  readonly slots: SlotTime;
}

/**
 * A fleet of one agent slot a node, in virtual time: the product's own engine, decisions, graph, rails, confidence
 * and choice of work over its own log; agents, verification and the clock are simulated. What nodes say to each
 * other arrives at once: all is recorded in the log of the one that leads and is the project's home.
 */
export class ScalingFleet {
  readonly #run: FleetRun;
  readonly #workload: Workload;
  readonly #scheduler = new Scheduler();
  readonly #process = new Process('fleet', () => undefined);
  readonly #dir: string;
  readonly #ledger: Ledger;
  readonly #engine: Engine;
  readonly #repository = new Repository();
  readonly #slots: SlotTime;
  readonly #fates = new Map<TaskId, Fate>();
  /** What the project lacks: found again at each look until it is taken. */
  readonly #roadmap: Fate[] = [];
  /** Merges when each attempt took its base. */
  readonly #bases = new Map<TaskId, number>();
  #merges = 0;
  #queue: Promise<void> = Promise.resolve();
  readonly #queued = new Set<TaskId>();
  #conflicts = 0;
  #verifications = 0;
  #error: unknown = null;

  constructor(run: FleetRun) {
    this.#run = run;
    this.#workload = new Workload(run.workload, run.seed);
    this.#dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'vigil-scale-'));
    const scheduler = this.#scheduler;
    const clock = {
      nowMs: () => EPOCH_MS + scheduler.nowMs,
      after: (ms: number, act: () => void) => scheduler.after(ms, this.#process, act),
    };
    this.#ledger = Ledger.open(EventStore.open(this.#dir, nodeId(0)), clock);
    this.#slots = new SlotTime(this.#ledger.world, run.nodes);
    this.#engine = new Engine({
      ledger: this.#ledger,
      clock,
      fail: (error) => (this.#error ??= error),
      effects: {
        dispatch: (task) => this.#dispatch(task),
        generate: () => this.#look(),
        observe: () => undefined,
        rested: () => this.#slots.observe(scheduler.nowMs),
      },
    });
    this.#ledger.onEvent(({ body }) => {
      this.#slots.observe(scheduler.nowMs);
      if (PROMPTS.has(body.type)) this.#engine.wake(body.type);
    });
  }

  async run(): Promise<FleetResult> {
    const { days, warmUpDays } = this.#run;
    try {
      this.#scheduler.after(0, this.#process, () => this.#safely(this.#begin()));
      await this.#until(warmUpDays * DAY_MS);
      const before = this.#counts();
      this.#slots.reset(this.#scheduler.nowMs);
      await this.#until((warmUpDays + days) * DAY_MS);
      this.#slots.observe(this.#scheduler.nowMs);
      const after = this.#counts();
      const merged = after.merged - before.merged;
      return {
        merged,
        failed: after.failed - before.failed,
        conflicts: after.conflicts - before.conflicts,
        verifications: after.verifications - before.verifications,
        mergedPerDay: merged / days,
        slots: this.#slots,
      };
    } finally {
      this.#engine.stop();
      this.#ledger.store.close();
      rmSync(this.#dir, { recursive: true, force: true });
    }
  }

  #counts() {
    const ended = this.#ledger.world.projects.get(PROJECT)?.ended;
    return {
      merged: ended?.merged ?? 0,
      failed: ended?.failed ?? 0,
      conflicts: this.#conflicts,
      verifications: this.#verifications,
    };
  }

  async #until(ms: number): Promise<void> {
    await this.#scheduler.run(ms, () => undefined);
    const [thrown] = this.#scheduler.uncaught;
    if (thrown !== undefined) throw new Error(thrown);
    if (this.#error !== null) throw new Error('the fleet failed', { cause: this.#error });
  }

  async #begin(): Promise<void> {
    for (let at = 0; at < this.#run.nodes; at += 1)
      await this.#ledger.commit({
        type: 'node.started',
        node: nodeId(at),
        version: '1',
        concurrency: Concurrency.parse({ agent: 1, cheap: 0 }),
        // All rails as nobody set them, but the one that lies below what 30 nodes do (C1: 20 tasks an hour).
        limits: Limits.parse({ agentTasksPerHour: AGENT_TASKS_PER_HOUR }),
        capabilities: [AGENT_CAPABILITY],
      });
    await found(this.#ledger, this.#repository);
    this.#engine.start();
  }

  /** As `Generation` ends a cycle, with the product's own choice among what was found. */
  #look(): void {
    this.#later(this.#run.workload.replenishMs, async () => {
      const { world } = this.#ledger;
      const project = world.projects.get(PROJECT);
      if (!project) return;
      while (this.#roadmap.length < FOUND) this.#roadmap.push(this.#workload.next());
      const nowMs = this.#ledger.nowMs();
      const known = Object.values(project.gaps).map((gap) => ({ ...gap, closed: false }));
      const { chosen, dropped } = propose(
        this.#roadmap.map(({ gap }) => gap),
        known,
        nowMs,
        this.#ledger.limits,
      );
      const ids = new Map(
        chosen.map(({ gap }, at) => [gap.fingerprint, world.freshTaskId(at)] as const),
      );
      let before: TaskId | null = null;
      const specs: TaskSpec[] = [];
      for (const { gap, after } of chosen) {
        const at = this.#roadmap.findIndex((fate) => fate.gap.fingerprint === gap.fingerprint);
        const [fate] = this.#roadmap.splice(at, 1);
        const id = ids.get(gap.fingerprint);
        if (!fate || id === undefined) continue;
        this.#fates.set(id, fate);
        const waitsFor = new Set(after.flatMap((other) => ids.get(other) ?? []));
        if (fate.isFollowUp && before !== null) waitsFor.add(before);
        before = id;
        specs.push(this.#specOf(id, fate, [...waitsFor], project.cycle, nowMs));
      }
      await this.#ledger.commit(
        ...specs.map((spec) => ({
          type: 'task.added' as const,
          task: spec.id,
          project: PROJECT,
          spec,
        })),
        {
          type: 'cycle.finished',
          project: PROJECT,
          cycle: project.cycle,
          commit: this.#repository.head,
          found: this.#roadmap.length,
          proposed: specs.map(({ id }) => id),
          dropped: [...dropped],
          closed: [],
          troubles: [],
          durationMs: this.#run.workload.replenishMs,
        },
      );
      this.#engine.wake('cycle.finished');
    });
  }

  #specOf(
    id: TaskId,
    { gap, resource }: Fate,
    after: readonly TaskId[],
    cycle: number,
    nowMs: number,
  ): TaskSpec {
    const { fingerprint, detector, evidence, score, ...rest } = gap;
    const draft = {
      ...rest,
      id,
      project: PROJECT,
      weight: score,
      capabilities: [],
      review: false,
      dependencies: [
        ...after.map((task) => ({ type: 'ordering' as const, task })),
        ...(resource === null ? [] : [{ type: 'resource' as const, resource }]),
      ],
      origin: { kind: 'gap' as const, detector, fingerprint, evidence, cycle, score },
      createdBy: nodeId(0),
      createdAtMs: nowMs,
    };
    return { ...draft, scores: { ...scoreSpec(draft), specificity: 1, complexity: 0 } };
  }

  #dispatch(id: TaskId): void {
    const task = this.#ledger.world.tasks.get(id);
    const order = task && orderOf(task);
    if (order) this.#later(this.#run.workload.dispatchMs, () => this.#attempt(order));
  }

  async #attempt(order: WorkOrder): Promise<void> {
    const fate = this.#fates.get(order.task);
    if (!fate) throw new Error(`${order.task} is nobody's`);
    const ids = { task: order.task, project: PROJECT, attempt: order.attempt };
    const startedMs = this.#scheduler.nowMs;
    const held = (): void =>
      this.#run.onAttempt?.({
        task: order.task,
        node: order.node,
        scope: fate.gap.scope,
        resource: fate.resource,
        fromMs: startedMs,
        untilMs: this.#scheduler.nowMs,
      });
    this.#bases.set(order.task, this.#merges);
    await this.#ledger.commit({
      type: 'attempt.started',
      ...ids,
      node: order.node,
      executor: 'agent',
      base: this.#repository.head,
      prepareMs: 0,
      log: null,
    });
    await this.#pass(fate.attemptMs);
    held();
    const durationMs = this.#scheduler.nowMs - startedMs;
    const counted = this.#ledger.world.tasks.get(order.task)?.attempts ?? [];
    const failures = counted.filter(({ report }) => report === OWN_FAULT).length;
    const success = failures >= fate.failures;
    const { expected } = order;
    const failure = success
      ? null
      : classifyFailure({ kind: 'command', exitCode: 1, signal: null, tail: 'tests failed' });
    const { held: isRight, finding } = investigate({
      expected,
      actual: { success, durationMs },
      failure,
      earlierAttempts: order.attempt - 1,
    });
    const prediction = {
      type: 'prediction.checked' as const,
      ...ids,
      expected,
      actual: { success, durationMs },
      held: isRight,
      finding,
      confidence: this.#ledger.world.autonomy(this.#ledger.nowMs()).confidence,
    };
    if (failure) {
      await this.#ledger.commit(prediction, {
        type: 'attempt.failed',
        ...ids,
        failure,
        report: OWN_FAULT,
        durationMs,
      });
      await giveUpIfSpent(this.#ledger, order.task, failure);
      this.#engine.wake('attempt.ended');
      return;
    }
    const commit = commitId('work', order.task, order.attempt);
    await this.#ledger.commit(
      { type: 'attempt.verified', ...ids, verification: VERIFIED },
      prediction,
      {
        type: 'attempt.passed',
        ...ids,
        commit,
        needsReview: null,
        quality: 1,
        durationMs,
      },
    );
    this.#merge(order);
  }

  /** The home's turn: one result after the other, verified again when others came in between. */
  #merge(order: WorkOrder): void {
    if (this.#queued.has(order.task)) return;
    this.#queued.add(order.task);
    this.#queue = this.#queue
      .then(() => this.#integrate(order))
      .catch((error: unknown) => {
        this.#error ??= error;
      })
      .finally(() => {
        this.#queued.delete(order.task);
        this.#engine.wake('merge.done');
      });
  }

  async #integrate({ task, attempt, node }: WorkOrder): Promise<void> {
    const ids = { task, project: PROJECT, attempt };
    const { workload } = this.#run;
    await this.#pass(workload.fetchMs);
    const overtakenBy = this.#merges - (this.#bases.get(task) ?? 0);
    if (overtakenBy > 0) {
      this.#verifications += 1;
      await this.#pass(workload.verifyMs);
      const hidden = overlapOf(workload) * workload.hiddenShare;
      if (this.#workload.chance(1 - (1 - hidden) ** overtakenBy)) {
        this.#conflicts += 1;
        this.#slots.redone(this.#fates.get(task)?.attemptMs ?? 0);
        const failure = classifyFailure({ kind: 'conflict', files: ['src/elsewhere.ts'] });
        await this.#ledger.commit({
          type: 'attempt.failed',
          ...ids,
          failure,
          report: '',
          durationMs: 0,
        });
        await giveUpIfSpent(this.#ledger, task, failure);
        return;
      }
    }
    const parent = this.#repository.head;
    const commit = commitId('merge', task, attempt);
    const work = { task, attempt, node, commit, artifacts: [] };
    this.#repository.objects.set(commit, { parent, work });
    this.#repository.updateRef(commit, parent);
    this.#merges += 1;
    await this.#ledger.commit({
      type: 'merge.done',
      ...ids,
      commit,
      parent,
      rebased: overtakenBy > 0,
      recovered: false,
    });
    this.#fates.delete(task);
  }

  #later(ms: number, act: () => Promise<void>): void {
    this.#scheduler.after(ms, this.#process, () => this.#safely(act()));
  }

  #safely(done: Promise<void>): void {
    done.catch((error: unknown) => (this.#error ??= error));
  }

  #pass(ms: number): Promise<void> {
    const passed = Promise.withResolvers<void>();
    this.#scheduler.after(ms, this.#process, () => passed.resolve());
    return passed.promise;
  }
}

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeId, TaskId } from '../../shared/model/ids.ts';
import type { TaskSpec } from '../../shared/model/task.ts';
import { apply } from './apply.ts';
import { checkEnd, hasSettled } from './globalInvariants.ts';
import { checkWords } from './words.ts';
import { checkQueues } from './sameQueue.ts';
import { checkRunning } from './runningInvariants.ts';
import { letHumansAnswer } from './humans.ts';
import { checkMirror } from './mirror.ts';
import { Network } from './network.ts';
import { SimNode } from './node.ts';
import { nodeId } from './project.ts';
import { Random } from './random.ts';
import { learn } from './revoking.ts';
import { CALM_MS, type Schedule } from './schedule.ts';
import { Scheduler } from './scheduler.ts';
import { Truth, type Violation } from './truth.ts';

/** After the last fault has healed everything has to be done within so long, ms. */
const PATIENCE_MS = 20 * 60_000;
/** Then nothing may happen any more for so long, ms: documents are compared when they are quiet. */
const QUIET_MS = 45_000;
const SLICE_MS = 5_000;
/** What all nodes derive is compared at every so-manyth second. */
const LOOK_EVERY = 3;

export interface Outcome {
  readonly violations: readonly Violation[];
  readonly turns: number;
  readonly merges: number;
  readonly endedMs: number;
  /** Of the whole run: the same for the same schedule, or something is not simulated. */
  readonly digest: string;
}

/** One run of one schedule: the nodes, what is between them, and what goes wrong. */
export class Simulation {
  readonly scheduler = new Scheduler();
  readonly truth = new Truth(() => this.scheduler.nowMs);
  readonly network: Network;
  readonly nodes: SimNode[] = [];
  /** Nodes that were put out and go on. */
  readonly hostile = new Set<NodeId>();
  /** Members that say things in the name of others. */
  readonly forgers = new Set<NodeId>();
  /** How many lies were told. */
  lies = 0;
  /** By the number that the schedule calls them by: a wiped one is followed by its successor. */
  readonly byNumber: SimNode[] = [];
  readonly tasks = new Map<number, TaskId>();
  readonly random: Random;
  /** What humans say, and what models cost: drawn apart, so that it does not change what else happens. */
  readonly people: Random;
  readonly money: Random;
  /** What all nodes together may spend, USD; null: no model is called. */
  readonly capUsd: number | null;
  readonly dir: string;
  readonly slots: number;
  private readonly schedule: Schedule;
  private nextSlot = 0;
  private looks = 0;

  constructor(schedule: Schedule) {
    this.schedule = schedule;
    this.slots = schedule.slots;
    this.random = new Random(schedule.seed ^ 0x5eed);
    this.people = new Random(schedule.seed ^ 0xbeef);
    this.money = new Random(schedule.seed ^ 0xca5b);
    this.capUsd = schedule.capUsd ?? null;
    this.network = new Network(this.scheduler, this.random.fork());
    this.dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'vigil-sim-'));
  }

  get home(): SimNode {
    const [home] = this.nodes;
    if (!home) throw new Error('nothing runs yet');
    return home;
  }

  /** A new machine with an empty disk, on the same network. */
  add(): SimNode {
    const slot = this.nextSlot;
    this.nextSlot += 1;
    const node = new SimNode(this, nodeId(slot), slot);
    this.nodes.push(node);
    this.network.add(node);
    return node;
  }

  /** How long an agent takes for it, ms. */
  workMs(spec: TaskSpec): number {
    return Math.min(120_000, this.random.lognormal(spec.estimateMs, 0.4));
  }

  /** Runs to the end, or to the first violation. */
  async run(): Promise<Outcome> {
    try {
      await this.play();
    } catch (error) {
      this.truth.violated(
        'noNodeFails',
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      );
    } finally {
      rmSync(this.dir, { recursive: true, force: true });
    }
    const { scheduler, truth } = this;
    const heads = this.nodes.map(({ ledger }) => ledger?.store.head.hash ?? '');
    return {
      violations: truth.violations,
      turns: scheduler.turns,
      merges: truth.merges,
      endedMs: scheduler.nowMs,
      digest: `${scheduler.turns} ${heads.join(' ')}`,
    };
  }

  private async play(): Promise<void> {
    const { scheduler, truth } = this;
    for (let number = 0; number < this.schedule.nodes; number++) {
      const node = this.add();
      this.byNumber.push(node);
      if (number > 0) this.home.letIn(node);
    }
    for (const { members } of this.nodes)
      if (members !== this.home.members) members.merge(this.home.members.all());
    learn(this, this.home);
    for (const node of this.nodes) node.start();
    this.network.watch = (from, channel, message) => {
      const node = this.nodes.find(({ id }) => id === from);
      if (node) truth.told.sent(node, channel, message);
    };
    for (const step of this.schedule.steps)
      scheduler.after(step.atMs, null, () => apply(this, step));
    letHumansAnswer(this);
    const lastMs = Math.max(
      CALM_MS,
      ...this.schedule.steps.map((step) => step.atMs + ('forMs' in step ? step.forMs : 0)),
    );
    await this.until(lastMs + 1_000);
    this.heal();
    const healedMs = scheduler.nowMs;
    while (truth.violations.length === 0 && scheduler.nowMs < healedMs + PATIENCE_MS) {
      await this.until(scheduler.nowMs + SLICE_MS);
      if (!hasSettled(this)) continue;
      await this.until(scheduler.nowMs + QUIET_MS);
      if (hasSettled(this)) break;
    }
    if (truth.violations.length === 0) checkEnd(this);
  }

  private async until(untilMs: number): Promise<void> {
    const { scheduler, network, truth } = this;
    while (scheduler.nowMs < untilMs && truth.violations.length === 0) {
      await scheduler.run(Math.min(untilMs, scheduler.nowMs + 1_000), () => undefined);
      checkRunning(this);
      this.looks += 1;
      if (this.looks % LOOK_EVERY !== 0) continue;
      checkQueues(this);
      checkWords(this);
      checkMirror(this.home);
      const [thrown] = scheduler.uncaught;
      if (thrown) truth.violated('noNodeFails', thrown);
      const error = network.errors.find(({ peer }) => !this.forgers.has(peer));
      if (error) truth.violated('noLinkEndsByError', error.what);
    }
  }

  /** Everything that was broken is right again. */
  private heal(): void {
    for (const a of this.nodes) {
      for (const b of this.nodes) {
        if (a === b) continue;
        this.network.cut(a.id, b.id, false);
        this.network.slow(a.id, b.id, 30);
      }
      a.diskFull = false;
      a.tear = null;
      if (a.process) {
        a.process.lagMs = 0;
        a.process.diesIn = null;
        this.scheduler.thaw(a.process, false);
      }
      a.start();
    }
    this.truth.disturbedMs = this.scheduler.nowMs;
  }
}

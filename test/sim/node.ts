import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../electron/node/clock.ts';
import { Engine, PROMPTS } from '../../electron/node/engine.ts';
import { Ledger } from '../../electron/node/ledger.ts';
import { Commons } from '../../electron/node/mesh/commons.ts';
import { Orders } from '../../electron/node/orders.ts';
import { recover } from '../../electron/node/recovery.ts';
import { EventStore } from '../../electron/store/store.ts';
import { Limits } from '../../shared/model/config.ts';
import { messageOf, VigilError } from '../../shared/model/errors.ts';
import type { NodeId, TaskId } from '../../shared/model/ids.ts';
import { FIT, type Fitness } from '../../shared/model/senses.ts';
import { SimExecutor } from './executor.ts';
import { watchNode } from './localInvariants.ts';
import { Members } from '../../electron/mesh/members/members.ts';
import { belongs, cutOf, followMembers, identityOf } from './members.ts';
import { budgetOf, SimSpender, suppliesOf } from './spending.ts';
import type { PushFault } from './integrationRef.ts';
import { SimMerger } from './merger.ts';
import type { Host } from './network.ts';
import { SimLinks } from './simLinks.ts';
import { clientsOf, found, PROJECT } from './project.ts';
import { Repository, type Work } from './repository.ts';
import { writeMirror, type QueueRef } from './mirror.ts';
import { Process } from './scheduler.ts';
import type { Simulation } from './simulation.ts';

/** Nothing looks for work by itself, and no rail binds: what is to be seen here is the mesh. */
const LIMITS = Limits.parse({
  cyclesPerDay: 0,
  cheapTasksPerHour: 1_000_000,
  agentTasksPerHour: 10_000,
  interruptionsPerTask: 100,
  attemptsPerTask: 20,
});
/** At a start of the simulation, ms since the epoch: some day in 2026. */
const EPOCH_MS = 1_780_000_000_000;

/** One machine: a disk that survives, and a process that need not. */
export class SimNode implements Host {
  readonly id: NodeId;
  readonly sim: Simulation;
  readonly slot: number;
  readonly repository = new Repository();
  readonly queue: QueueRef = { files: new Map(), seq: null, askedMs: 0, askedWallMs: 0 };
  /** Who belongs to the mesh, as its disk has it. */
  members: Members;
  readonly isFounder: boolean;
  process: Process | null = null;
  links: SimLinks | null = null;
  ledger: Ledger | null = null;
  engine: Engine | null = null;
  orders: Orders | null = null;
  merger: SimMerger | null = null;
  commons: Commons | null = null;
  fitness: Fitness = FIT;
  /** How far its wall clock is off, ms. */
  clockOffMs = 0;
  /** Writes fail while this is set. */
  diskFull = false;
  /** Dies around its n-th write from now, before that is on disk or right after. */
  tear: { writes: number; readonly before: boolean } | null = null;
  /** What becomes of the next push to the integrated tree. */
  pushFault: PushFault | null = null;
  /** Where in its log this process gave each task away. */
  readonly dispatched = new Map<TaskId, number>();
  /** How much of the log of each revoked node it had when it heard of that. */
  readonly known = new Map<NodeId, number>();
  /** When anything last changed in its world, ms. */
  changedMs = 0;
  /** Its machine was thrown away, or it is not to start again. */
  gone = false;
  /** It goes on although it was revoked. */
  ready = false;
  private readonly dir: string;
  private starts = 0;

  constructor(sim: Simulation, id: NodeId, slot: number) {
    this.sim = sim;
    this.id = id;
    this.slot = slot;
    this.isFounder = slot === 0;
    this.dir = join(sim.dir, id);
    mkdirSync(this.dir, { recursive: true });
    this.members = this.readMembers();
    if (this.isFounder) this.members.found([]);
  }

  /** Lets another node in, which takes the mesh over from this one. */
  letIn({ id, members }: SimNode): void {
    const { device, publicKey } = identityOf(id);
    this.members.admit({ node: id, device, publicKey, name: id, addresses: [] }, 0);
    members.adopt(identityOf(this.sim.home.id).device, this.members.all());
  }

  private readMembers(): Members {
    return Members.open(this.dir, identityOf(this.id), this.id, this.id);
  }

  get isUp(): boolean {
    return this.process?.alive === true;
  }

  lets(peer: NodeId): boolean {
    return belongs(this.members, peer);
  }

  /** Starts its program on what the disk has, as `startNode` does. */
  start(): void {
    if (this.isUp || this.gone || this.diskFull) return;
    const { scheduler } = this.sim;
    const process: Process = new Process(this.id, () => this.crash(true));
    this.process = process;
    this.links = new SimLinks();
    scheduler.after(0, process, () => {
      this.begin(process).catch((error: unknown) => this.fail(error, process));
    });
  }

  /** Its program ends at once; what was not on disk is lost. */
  crash(silently: boolean): void {
    const { process } = this;
    if (!process?.alive) return;
    process.alive = false;
    this.ready = false;
    for (const each of this.sim.truth.running)
      if (each.process === process) this.sim.truth.running.delete(each);
    this.sim.network.died(process, silently);
    this.dispatched.clear();
    this.process = null;
    this.links = null;
    this.ledger = null;
    this.engine = null;
    this.orders = null;
    this.merger = null;
    this.commons = null;
  }

  /** Without a durable log nothing may go on: the node stops. */
  fail(error: unknown, process: Process | null = this.process): void {
    if (!process?.alive || process !== this.process) return;
    const isExpected = error instanceof VigilError && error.code === 'disk-full' && this.diskFull;
    if (!isExpected)
      this.sim.truth.violated(
        'noNodeFails',
        `${this.id}: ${error instanceof Error ? (error.stack ?? '') : messageOf(error)}`,
      );
    this.crash(false);
  }

  /** Gives a result to the home where it can be reached, or to anyone for safe keeping. */
  push({ commit }: Work): void {
    const { sim } = this;
    if (!this.process) return;
    sim.scheduler.after(sim.random.int(10, 200), this.process, () => {
      const near = sim.nodes.filter((each) => sim.network.connected(this.id, each.id));
      const to = near.find(({ id }) => id === sim.home.id) ?? near[0];
      const made = this.repository.objects.get(commit);
      if (made) to?.repository.objects.set(commit, made);
      to?.merger?.mergeCleared();
    });
  }

  /** The repository of the project's home, when it can be reached. */
  homeRepository(): Repository | null {
    const { home, network } = this.sim;
    if (home === this) return this.repository;
    return network.connected(this.id, home.id) ? home.repository : null;
  }

  private async begin(process: Process): Promise<void> {
    const { sim, links } = this;
    if (!links) return;
    this.starts += 1;
    const store = EventStore.open(this.dir, this.id);
    // The one thing of the store that is not its own: whether the disk takes what it writes.
    const flush = store.flush.bind(store);
    store.flush = () => {
      if (this.diskFull)
        return Promise.reject(
          new VigilError('disk-full', 'The disk took no more.', 'Free some space.'),
        );
      // What this turn still does it does; with the next one the power is gone, and this write with it.
      if (this.tear?.before && this.isTorn()) process.diesIn = 0;
      return flush();
    };
    sim.truth.told.checkKept(this.id, store);
    const clock = this.clock(process);
    const ledger = (this.ledger = Ledger.open(store, clock));
    store.onCommit(() => {
      if (this.tear?.before === false && this.isTorn()) this.crash(true);
    });
    this.watchDurable(ledger);
    const fail = (error: unknown) => this.fail(error, process);
    ledger.onBroken(fail);
    const spender = sim.capUsd === null ? null : new SimSpender(this, ledger, this.starts);
    const executor = new SimExecutor(this, ledger, process, spender);
    const merger = (this.merger = new SimMerger(this, ledger, process));
    const orders: Orders = (this.orders = new Orders({
      ledger,
      fail,
      work: (order, signal) => executor.work(order, signal),
      ended: (task) => {
        merger.mergeIfCleared(task);
        engine.wake('attempt.ended');
      },
    }));
    const engine: Engine = (this.engine = new Engine({
      ledger,
      clock,
      fail,
      effects: {
        dispatch: (task) => orders.follow(task),
        generate: () => undefined,
        observe: () => {
          void merger.observe(PROJECT).catch(fail);
          merger.mergeCleared();
        },
        rested: () => undefined,
      },
    }));
    const members = (this.members = this.readMembers());
    const isDeaf = () => sim.hostile.has(this.id);
    followMembers(members, links, isDeaf, (gone) => {
      for (const peer of gone) {
        this.known.set(peer, store.headOf(peer).seq);
        const cut = cutOf(members, peer);
        if (cut < Infinity)
          ledger.record({ type: 'member.revoked', peer, name: peer, cut, by: [] });
      }
      this.commons?.membersChanged();
    });
    watchNode(sim, this, ledger);
    ledger.onCopied(() => {
      this.changedMs = sim.scheduler.nowMs;
    });
    const mirror = writeMirror(this, ledger, process);
    ledger.onEvent(({ body, seq }) => {
      this.changedMs = sim.scheduler.nowMs;
      if (body.type === 'leader.changed') sim.truth.told.began(this.id, seq, body.term);
      if (body.type === 'task.dispatched') this.dispatched.set(body.task, seq);
      if (PROMPTS.has(body.type)) engine.wake(body.type);
      if (body.type === 'attempt.abandoned') orders.follow(body.task);
      if (body.type === 'approval.answered') engine.wake(body.type);
      if (body.type === 'review.answered') merger.mergeIfCleared(body.task);
    });
    ledger.onPut((task) => {
      this.changedMs = sim.scheduler.nowMs;
      if (!this.ready) return;
      orders.follow(task);
      merger.mergeIfCleared(task);
      engine.wake('task.put');
    });
    const isNew = ledger.world.leadership === null;
    const started = async () => {
      await ledger.commit({
        type: 'node.started',
        node: this.id,
        version: '1',
        concurrency: { agent: 0, cheap: sim.slots },
        limits: LIMITS,
        capabilities: [],
      });
      if (sim.capUsd !== null) await ledger.commit(...suppliesOf(this.id));
      if (!isNew) return;
      if (this.isFounder) {
        await found(ledger, this.repository);
        if (sim.capUsd !== null) await this.setFirstBudget(ledger, sim.capUsd);
      }
      await ledger.commit({
        type: 'mesh.entered',
        name: this.id,
        slot: this.slot,
        floor: 0,
        inviter: this.isFounder ? null : sim.home.id,
      });
    };
    const commons = await Commons.open(
      {
        ledger,
        links,
        members,
        fail,
        clock: {
          monotonicMs: () => this.monotonicMs(process),
          after: (ms, act) => clock.after(ms, act),
        },
        machine: {
          senses: () => null,
          fitness: () => this.fitness,
          notes: () => [],
          attention: () => ({ human: null, tells: { screen: false, away: false } }),
        },
        wake: (trigger) => engine.wake(trigger),
        cloned: () => [...ledger.world.projects.keys()],
        clientId: clientsOf(this.slot)[0] + this.starts,
      },
      this.isFounder && isNew,
      started,
    );
    this.commons = commons;
    commons.presence.onChange(() => this.ready && merger.mergeCleared());
    await recover(ledger);
    void merger.observe(PROJECT).catch(fail);
    merger.mergeCleared();
    this.ready = true;
    engine.start();
    mirror.catchUp();
    for (const id of ledger.world.tasks.keys()) orders.follow(id);
  }

  private async setFirstBudget(ledger: Ledger, capUsd: number): Promise<void> {
    const budget = budgetOf(capUsd, 0);
    const [event] = await ledger.commit({ type: 'budget.set', budget, who: 'user' });
    const { tokens } = budget.task;
    if (event) this.sim.truth.budgets.push({ tokens, event, acknowledged: true });
  }

  /** Whether its time has come, once. */
  private isTorn(): boolean {
    if (!this.tear) return false;
    this.tear.writes -= 1;
    if (this.tear.writes >= 0) return false;
    this.tear = null;
    return true;
  }

  /** Whoever waited until something was durable acts on it from then on. */
  private watchDurable(ledger: Ledger): void {
    const durable = ledger.durable.bind(ledger);
    ledger.durable = async () => {
      const { seq, hash } = ledger.store.head;
      await durable();
      if (this.ledger === ledger) this.sim.truth.told.acknowledged(this, seq, hash);
    };
  }

  private monotonicMs(process: Process): number {
    return this.sim.scheduler.nowMs - process.sleptMs;
  }

  private clock(process: Process): Clock {
    const { scheduler } = this.sim;
    return {
      nowMs: () => EPOCH_MS + scheduler.nowMs + this.clockOffMs,
      after: (delayMs, callback) => scheduler.after(delayMs, process, callback),
    };
  }
}

import packageFile from '../../../package.json' with { type: 'json' };
import type { NodeId, ProjectId } from '../../../shared/model/ids.ts';
import type { Register } from '../../../shared/model/register.ts';
import { ENDING, type Fitness, type Senses } from '../../../shared/model/senses.ts';
import { AGENT_CAPABILITY } from '../../../shared/world/node.ts';
import { statusOf } from '../../../shared/world/status.ts';
import { choicesOn } from '../../../shared/world/supply.ts';
import { DocumentStage } from '../../mesh/document/documentStage.ts';
import { DocumentSync } from '../../mesh/document/documentSync.ts';
import { RegisterDocument } from '../../mesh/document/registerDocument.ts';
import type { Links } from '../../mesh/link.ts';
import { PROTOCOL } from '../../mesh/link/protocol.ts';
import type { LogReplication } from '../../mesh/log/replication.ts';
import type { MonotonicClock } from '../../mesh/monotonicClock.ts';
import { Presence, type OwnPresence } from '../../mesh/presence/presence.ts';
import type { Ledger } from '../ledger.ts';
import { Fleet } from './fleet.ts';
import { Replica } from './replica.ts';
import { replicateLogs, type MemberKeys } from './replicateLogs.ts';
import { Witness } from './witness.ts';

/** How long a start waits for others to say that they have more of this node's log than it has itself. */
const CATCH_UP_MS = 1_500;
/** Kinds of events after which this node may have something else to say of itself. */
const TOLD: ReadonlySet<string> = new Set([
  'agents',
  'attempt',
  'capabilities',
  'leader',
  'node',
  'project',
  'provider',
]);
/** How long a change of another node may wait for its events, ms: they come right behind it, and share a write to disk. */
const OTHERS_MS = 20;
const REGISTERS = 'register';

/** What the rest of the node says of the machine. */
export interface Machine {
  senses(): Senses | null;
  fitness(): Fitness;
  notes(): readonly string[];
  /** The human at it, and how one can be told. */
  attention(): Pick<OwnPresence, 'human' | 'tells'>;
}

export interface CommonsOptions {
  readonly ledger: Ledger;
  readonly links: Links;
  readonly members: MemberKeys;
  readonly clock: MonotonicClock;
  readonly machine: Machine;
  readonly wake: (trigger: string) => void;
  readonly fail: (error: unknown) => void;
  /** Projects whose code is on this node. */
  readonly cloned: () => readonly ProjectId[];
  /** Another node has become the home of a project of this one. */
  readonly moved?: (project: ProjectId) => void;
  /** The id that this process writes to the document by; only a seeded simulation gives it. */
  readonly clientId?: number;
}

/** What the members of a mesh hold in common, on one node: presence, the document, the logs, and who leads. */
export class Commons {
  readonly presence: Presence;
  readonly replica: Replica;
  readonly document: RegisterDocument;
  readonly sync: DocumentSync;
  readonly fleet: Fleet;
  private readonly options: CommonsOptions;
  private readonly logs: LogReplication;
  private readonly witness: Witness;
  private readonly stops: (() => void)[] = [];
  private readonly told = new Set<string>();
  private flushing = false;
  private flushDue: { cancel(): void } | null = null;
  private telling = false;
  private isEnding = false;

  /**
   * Waits a moment for what others know of this node's log, so that a restored backup does not begin a second
   * history; only then `started` may record anything. A node that is `alone` waits for nobody.
   */
  static async open(
    options: CommonsOptions,
    alone: boolean,
    started: () => Promise<void>,
  ): Promise<Commons> {
    const witness = new Witness(options);
    const logs = replicateLogs(options.ledger.store, options, ({ type, node, seq, what, from }) => {
      // Its own log is not continued while a peer has more of it.
      if (type !== 'log.behind') witness.record({ type, node, seq, what, from });
    });
    if (!alone) {
      await firstLink(options);
      await within(options.clock, CATCH_UP_MS, logs.caughtUp());
      await options.ledger.durable();
      options.ledger.takeBack();
    }
    await started();
    witness.begin();
    return new Commons(options, logs, witness);
  }

  private constructor(options: CommonsOptions, logs: LogReplication, witness: Witness) {
    this.options = options;
    this.witness = witness;
    const { ledger, links, members, clock, wake, fail, clientId } = options;
    const { store } = ledger;
    const { node } = store;
    const document = (this.document = new RegisterDocument({
      node,
      updates: store.loadDocument(),
      accepts: ({ stamp }) => stamp.seq <= (members.get(stamp.node)?.revoked?.cut ?? Infinity),
      onTrouble: ({ writer, reason }) => this.refused(`${writer} ${reason}`, writer, reason),
      ...(clientId === undefined ? {} : { clientId }),
    }));
    const stage = new DocumentStage(document, store);
    this.stops.push(
      ledger.writeWith(stage),
      document.onWrite(() => this.flushSoon()),
    );
    this.replica = new Replica({
      ledger,
      document,
      sign: (value) => members.sign(REGISTERS, value),
      verify: (writer, value, signature) =>
        members.verify(writer, REGISTERS, value, signature) && members.keepsWord(writer, signature),
      refused: (register, why) => this.refusedRegister(register, why),
      moved: (project) => options.moved?.(project),
      changed: () => wake('document.changed'),
      drained: (drain, who) => {
        this.witness.record({ type: 'node.drained', node, who, drain });
        wake('node.drained');
        this.tell();
      },
    });
    this.replica.start();
    this.logs = logs;
    this.presence = new Presence({
      node,
      boot: store.head.seq,
      links,
      clock,
      own: this.describe(null),
    });
    this.sync = new DocumentSync({
      document,
      links,
      clock,
      reaches: (origin, peer) => this.presence.reaches(origin, peer),
    });
    this.fleet = new Fleet({
      ledger,
      presence: this.presence,
      clock,
      wake,
      changed: () => this.tell(),
      fail,
    });
    this.stops.push(
      ledger.onEvent(({ body }) => {
        if (TOLD.has(body.type.split('.')[0] ?? '')) this.tellSoon();
      }),
    );
    this.tell();
  }

  /** Says and hears nothing more; what was recorded is written with the next transaction. */
  stop(): void {
    for (const stop of this.stops) stop();
    this.flushDue?.cancel();
    this.replica.stop();
    this.fleet.stop();
    this.presence.stop();
    this.sync.stop();
    this.logs.stop();
  }

  /** Tells the others that this node is being stopped: it takes nothing from now on. */
  ending(): void {
    this.isEnding = true;
    this.tell();
  }

  /** Reads all logs through: what a disk has broken is named, and fetched anew from others. */
  checkLogs(): Promise<void> {
    return this.logs.check();
  }

  /** As `LogReplication.fuller`. */
  get fuller(): NodeId[] {
    return this.logs.fuller;
  }

  /** Members were admitted or put out: what they wrote counts, or does so no longer. */
  membersChanged(): void {
    this.logs.membersChanged();
    this.replica.reread();
  }

  /** Tells the others what this node is now. */
  tell(): void {
    this.presence.setOwn(this.describe(this.fleet));
  }

  private tellSoon(): void {
    if (this.telling) return;
    this.telling = true;
    setImmediate(() => {
      this.telling = false;
      this.tell();
    });
  }

  private describe(fleet: Fleet | null): OwnPresence {
    const { ledger, members, machine } = this.options;
    const { world, store } = ledger;
    const own = world.nodes.get(store.node);
    return {
      name: members.name,
      version: packageFile.version,
      protocol: PROTOCOL,
      concurrency: own?.concurrency ?? { agent: 0, cheap: 0 },
      // An agent is told by what it can call.
      capabilities: [...(own?.capabilities ?? []), ...(own?.detected ?? [])].filter(
        (label) => label !== AGENT_CAPABILITY,
      ),
      ready: choicesOn(world.supply, store.node),
      senses: machine.senses(),
      fitness: this.isEnding ? ENDING : machine.fitness(),
      draining: own?.draining ?? false,
      running: [...world.tasks.values()].flatMap(({ assignment, ...task }) => {
        const status = statusOf({ assignment, ...task });
        const works = status === 'running' || status === 'verifying';
        if (!works || assignment?.node !== store.node) return [];
        return [{ task: task.spec.id, attempt: assignment.attempt, term: assignment.term }];
      }),
      leads: fleet !== null && fleet.leader === store.node,
      term: fleet?.term ?? world.leadership?.term ?? 0,
      projects: [...this.options.cloned()],
      ...machine.attention(),
    };
  }

  /**
   * What came from others goes to disk soon, though nobody waits for it: most of it together with the events that
   * it came with, which are under way. What is of this node is waited for by the others.
   */
  private flushSoon(): void {
    const { clock } = this.options;
    if (this.document.unreleased) this.flushOwn();
    else
      this.flushDue ??= clock.after(OTHERS_MS, () => {
        this.flushDue = null;
        this.flush();
      });
  }

  private flushOwn(): void {
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(() => {
      this.flushing = false;
      this.flush();
    });
  }

  private flush(): void {
    this.options.ledger.durable().catch(this.options.fail);
  }

  private refusedRegister({ entity, name, stamp }: Register, why: string): void {
    const what = `${name} of ${entity}: ${why}`;
    this.refused(`${stamp.node} ${entity} ${name}`, stamp.node, what);
  }

  /** Each once: a register that can't be read stays, and is read again at every change beside it. */
  private refused(key: string, peer: NodeId, reason: string): void {
    if (this.told.has(key)) return;
    this.told.add(key);
    this.witness.record({ type: 'register.refused', peer, reason });
  }
}

/** Resolves at the first link, or when none came for a moment. */
function firstLink({ links, clock }: CommonsOptions): Promise<unknown> {
  const linked = Promise.withResolvers<null>();
  const stop = links.listen('log', { opened: () => linked.resolve(null) });
  return within(clock, CATCH_UP_MS, linked.promise).finally(stop);
}

function within(clock: MonotonicClock, ms: number, promise: Promise<unknown>): Promise<unknown> {
  const late = Promise.withResolvers<null>();
  const timer = clock.after(ms, () => late.resolve(null));
  return Promise.race([promise, late.promise]).finally(() => timer.cancel());
}

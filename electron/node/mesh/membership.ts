import packageFile from '../../../package.json' with { type: 'json' };
import type { EventBody } from '../../../shared/model/events.ts';
import type { NodeId, ProjectId } from '../../../shared/model/ids.ts';
import type { Register } from '../../../shared/model/register.ts';
import type { Fitness, Senses } from '../../../shared/model/senses.ts';
import { AGENT_CAPABILITY } from '../../../shared/world/node.ts';
import { statusOf } from '../../../shared/world/status.ts';
import { choicesOn } from '../../../shared/world/supply.ts';
import { DocumentStage } from '../../mesh/document/documentStage.ts';
import { DocumentSync } from '../../mesh/document/documentSync.ts';
import { RegisterDocument } from '../../mesh/document/registerDocument.ts';
import { GitServer } from '../../mesh/git/gitServer.ts';
import { MeshGit } from '../../mesh/git/meshGit.ts';
import { PROTOCOL } from '../../mesh/link/protocol.ts';
import { LogReplication } from '../../mesh/log/replication.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import type { MonotonicClock } from '../../mesh/monotonicClock.ts';
import { Presence, type OwnPresence } from '../../mesh/presence/presence.ts';
import type { Ledger } from '../ledger.ts';
import type { Projects } from '../projects.ts';
import { clonePath } from './clonePath.ts';
import { Fleet } from './fleet.ts';
import { Replica } from './replica.ts';
import { WorkMover } from './workMover.ts';

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
const REGISTERS = 'register';
const LOG_HEADS = 'log';

/** What the rest of the node says of the machine. */
export interface Machine {
  senses(): Senses | null;
  fitness(): Fitness;
  notes(): readonly string[];
}

export interface MembershipOptions {
  readonly ledger: Ledger;
  readonly projects: Projects;
  readonly home: string;
  readonly mesh: Mesh;
  readonly machine: Machine;
  /** Records what was seen of others, as soon as this node may. */
  readonly record: (body: EventBody) => void;
  readonly wake: (trigger: string) => void;
  readonly resultsMayBe: () => void;
  readonly fail: (error: unknown) => void;
}

const clock: MonotonicClock = {
  monotonicMs: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Everything that runs while a node belongs to a mesh: presence, document, logs, code, and who leads. */
export class Membership {
  readonly presence: Presence;
  readonly replica: Replica;
  readonly mover: WorkMover;
  private readonly options: MembershipOptions;
  private readonly logs: LogReplication;
  private readonly sync: DocumentSync;
  private readonly fleet: Fleet;
  private readonly gitServer: GitServer;
  private readonly git: MeshGit;
  private readonly stops: (() => void)[] = [];
  private readonly told = new Set<string>();
  private flushing = false;
  private telling = false;

  /**
   * Waits a moment for what others know of this node's log, so that a restored backup does not begin a second
   * history; only then `started` may record anything.
   */
  static async open(options: MembershipOptions, started: () => Promise<void>): Promise<Membership> {
    const { mesh } = options;
    const git = await MeshGit.open((peer, wanted) => mesh.http.request(peer, wanted));
    const logs = replicateLogs(options);
    if (mesh.members.list().length > 1) {
      await firstLink(mesh);
      await within(CATCH_UP_MS, logs.caughtUp());
      await options.ledger.durable();
      options.ledger.takeBack();
    }
    await started();
    return new Membership(options, git, logs);
  }

  private constructor(options: MembershipOptions, git: MeshGit, logs: LogReplication) {
    this.options = options;
    const { ledger, mesh, projects, home, wake, fail, resultsMayBe } = options;
    const { members, links } = mesh;
    const { store, world } = ledger;
    const { node } = store;
    this.git = git;
    const document = new RegisterDocument({
      node,
      updates: store.loadDocument(),
      accepts: ({ stamp }) => stamp.seq <= (members.get(stamp.node)?.revoked?.cut ?? Infinity),
      onTrouble: ({ writer, reason }) => this.refused(`${writer} ${reason}`, writer, reason),
    });
    const stage = new DocumentStage(document, store);
    this.stops.push(ledger.writeWith(stage));
    this.stops.push(document.onWrite(() => this.flushSoon()));
    this.replica = new Replica({
      ledger,
      document,
      sign: (value) => members.sign(REGISTERS, value),
      verify: (writer, value, signature) => members.verify(writer, REGISTERS, value, signature),
      refused: (register, why) => this.refusedRegister(register, why),
      moved: (project) => projects.moved(project),
      drained: (drain, who) => {
        options.record({ type: 'node.drained', node, who, drain });
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
    this.gitServer = new GitServer({
      repositoryOf: (project) => (world.projects.has(project) ? clonePath(home, project) : null),
      pushed: () => resultsMayBe(),
    });
    this.stops.push(mesh.http.serve('/git/', this.gitServer.handle));
    projects.originate((project) => this.originOf(project));
    this.mover = new WorkMover({
      ledger,
      projects,
      git,
      holders: (project) => this.holders(project),
    });
    this.stops.push(
      ledger.onEvent(({ body }) => {
        if (TOLD.has(body.type.split('.')[0] ?? '')) this.tellSoon();
      }),
      this.presence.onChange(() => resultsMayBe()),
    );
    this.tell();
  }

  /** Ends all of it; what was recorded is written with the next transaction. */
  async stop(): Promise<void> {
    for (const stop of this.stops) stop();
    this.replica.stop();
    this.fleet.stop();
    this.presence.stop();
    this.sync.stop();
    this.logs.stop();
    this.mover.stop();
    await this.mover.idle();
    await Promise.all([this.gitServer.close(), this.git.close()]);
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
    const { ledger, mesh, machine } = this.options;
    const { world, store } = ledger;
    const own = world.nodes.get(store.node);
    return {
      name: mesh.members.name,
      version: packageFile.version,
      protocol: PROTOCOL,
      concurrency: own?.concurrency ?? { agent: 0, cheap: 0 },
      // An agent is told by what it can call.
      capabilities: [...(own?.capabilities ?? []), ...(own?.detected ?? [])].filter(
        (label) => label !== AGENT_CAPABILITY,
      ),
      ready: choicesOn(world.supply, store.node),
      senses: machine.senses(),
      fitness: machine.fitness(),
      draining: own?.draining ?? false,
      running: [...world.tasks.values()].flatMap(({ assignment, ...task }) => {
        const status = statusOf({ assignment, ...task });
        const works = status === 'running' || status === 'verifying';
        if (!works || assignment?.node !== store.node) return [];
        return [{ task: task.spec.id, attempt: assignment.attempt, term: assignment.term }];
      }),
      leads: fleet !== null && fleet.leader === store.node,
      term: fleet?.term ?? world.leadership?.term ?? 0,
      projects: [...world.projects.keys()],
    };
  }

  private originOf(project: ProjectId) {
    return {
      kind: 'mesh' as const,
      home: () => {
        const home = this.options.ledger.world.projects.get(project)?.home;
        return this.git.address(home ?? this.options.ledger.store.node, project);
      },
    };
  }

  private holders(project: ProjectId): NodeId[] {
    return [...this.presence.peers()]
      .filter(([, { presence }]) => presence.projects.includes(project))
      .map(([node]) => node);
  }

  /** What came from others goes to disk soon, though nobody waits for it. */
  private flushSoon(): void {
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(() => {
      this.flushing = false;
      this.options.ledger.durable().catch(this.options.fail);
    });
  }

  private refusedRegister({ entity, name, stamp }: Register, why: string): void {
    const what = `${name} of ${entity}: ${why}`;
    this.refused(`${stamp.node} ${entity} ${name}`, stamp.node, what);
  }

  /** Each once: a register that can't be read stays, and is read again at every change beside it. */
  private refused(key: string, peer: NodeId, reason: string): void {
    if (this.told.has(key)) return;
    this.told.add(key);
    this.options.record({ type: 'register.refused', peer, reason });
  }
}

function replicateLogs({ ledger, mesh, record }: MembershipOptions): LogReplication {
  const { members, links } = mesh;
  return new LogReplication({
    store: ledger.store,
    links,
    sign: (bytes) => Buffer.from(members.sign(LOG_HEADS, textOf(bytes)), 'base64url'),
    verify: (writer, bytes, signature) =>
      members.verify(
        writer,
        LOG_HEADS,
        textOf(bytes),
        Buffer.from(signature).toString('base64url'),
      ),
    isMember: (each) => members.get(each) !== null,
    lastAllowed: (each) => members.get(each)?.revoked?.cut ?? null,
    after: (ms, act) => clock.after(ms, act),
    onTrouble: ({ type, node, seq, what, from }) => {
      // Its own log is not continued while a peer has more of it.
      if (type !== 'log.behind') record({ type, node, seq, what, from });
    },
  });
}

/** Resolves at the first link, or when none came for a moment. */
function firstLink({ links }: Mesh): Promise<unknown> {
  const linked = Promise.withResolvers<null>();
  const stop = links.listen('log', { opened: () => linked.resolve(null) });
  return within(CATCH_UP_MS, linked.promise).finally(stop);
}

function within(ms: number, promise: Promise<unknown>): Promise<unknown> {
  const late = Promise.withResolvers<null>();
  const timer = clock.after(ms, () => late.resolve(null));
  return Promise.race([promise, late.promise]).finally(() => timer.cancel());
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

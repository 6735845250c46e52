import packageFile from '../../package.json' with { type: 'json' };
import type { EventView } from '../../shared/model/api.ts';
import { DEFAULT_PORT, type NodeConfig } from '../../shared/model/config.ts';
import { VigilError, messageOf } from '../../shared/model/errors.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import type { Notice } from '../../shared/model/notice.ts';
import { backoffUntilMs } from '../../shared/world/status.ts';
import { removeAbandoned } from '../execute/sandbox/projectSandbox.ts';
import { stopSandbox } from '../execute/sandbox/sandbox.ts';
import { ProviderKeys } from '../gateway/keys.ts';
import { processIdentity } from '../execute/command/processGroup.ts';
import { lockHome } from '../store/lock.ts';
import { EventStore } from '../store/store.ts';
import { Adapting } from './adapting.ts';
import { ApiServer, listen, type Listening } from './api/server.ts';
import { ContextSource } from './agents/context.ts';
import { EngineCalls } from './agents/engineCalls.ts';
import { LocalAgents } from './agents/localAgents.ts';
import { ModelGateway } from './agents/modelGateway.ts';
import { Attempts } from './attempts.ts';
import { Caretaker } from './caretaker.ts';
import { systemClock, type Clock } from './clock.ts';
import { Containment } from './containment.ts';
import { Engine, PROMPTS } from './engine.ts';
import { Generation } from './generation.ts';
import { giveUpIfSpent } from './giveUp.ts';
import { apiToken, clearAddress, prepareHome, readConfig, writeAddress } from './home.ts';
import { Integrator } from './integrator.ts';
import { Ledger } from './ledger.ts';
import { MeshNode } from './mesh/meshNode.ts';
import { restoreLog } from './mesh/restoreLog.ts';
import { MirrorWriter } from './mirrorWriter.ts';
import { endLeftovers, markChildren } from './processWatch.ts';
import { Projects } from './projects.ts';
import { recover } from './recovery.ts';
import { Noticer } from './notices/noticer.ts';
import { NoticeSettings } from './notices/settings.ts';
import { toEventView } from './eventView.ts';
import { SAMPLE_MS } from './feltSamples.ts';
import { NodeSenses } from './senses.ts';
import { Services } from './services.ts';

export interface NodeOptions {
  readonly home: string;
  /** Port of the API; 0 takes any free one. Without it `config.yaml` or the default decides. */
  readonly port?: number;
  readonly clock?: Clock;
  /** Where the buses of the desktop are; the process's own when not given. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told of each event as it is recorded, and of those of other nodes that happened since this one started. */
  readonly onEvent?: (event: EventView) => void;
  /** Told of the tasks that are older than this start, when another node's log brings them. */
  readonly onKnownTask?: (task: { readonly id: TaskId; readonly title: string }) => void;
  /** Told when the node can't go on, as with a full disk; it has stopped then. */
  readonly onFailure?: (error: Error) => void;
}

export interface RunningNode {
  readonly url: string;
  /** The page's address with its token. */
  readonly pageUrl: string;
  readonly token: string;
  /** The API without network, for the process that runs the node. */
  fetch(request: Request): Promise<Response>;
  /** Gives up what it keeps in memory and can read again: worth it when it rests after work. */
  freeMemory(): void;
  /** Resolves when nothing is left that the node could do now; rejects when it can't go on. */
  idle(): Promise<void>;
  /** Ends what runs, writes everything down and gives the home free. */
  stop(reason: string): Promise<void>;
}

/**
 * Starts a node on a home: takes the home's lock and the port, recovers what a crash left, and works.
 * Throws `home-in-use`, `port-in-use`, `invalid-input` (config.yaml) and what opening the store throws;
 * then nothing was changed.
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { home, clock = systemClock } = options;
  prepareHome(home);
  const config = readConfig(home);
  const lock = lockHome(home);
  let listening: Listening | null = null;
  try {
    listening = await takePort(options.port, config);
    await restoreLog(home, config.mesh, clock);
    const store = EventStore.open(home, null);
    try {
      await endLeftovers(store, home);
      markChildren(home);
      const node = new LocalNode(home, clock, store, options, config);
      await node.cleanUp();
      await node.openMesh();
      const server = ApiServer.serve(listening, node.services(portOf(listening)), apiToken(home));
      await node.begin();
      const { url } = server;
      writeAddress(home, {
        pid: process.pid,
        identity: await processIdentity(process.pid),
        port: server.port,
        url,
      });
      lock.announce(url);
      const token = apiToken(home);
      return {
        url,
        token,
        pageUrl: `${url}/#token=${token}`,
        fetch: server.fetch,
        freeMemory: () => store.freePages(),
        idle: () => node.idle(),
        stop: async (reason) => {
          clearAddress(home);
          await server.close();
          await node.end(reason);
          lock.release();
        },
      };
    } catch (error) {
      store.close();
      throw error;
    }
  } catch (error) {
    listening?.http.close();
    lock.release();
    throw error;
  }
}

function portOf({ http }: Listening): number {
  const address = http.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** The port that was asked for, or nothing; the default gives way to any free one. */
async function takePort(asked: number | undefined, config: NodeConfig): Promise<Listening> {
  const wanted = asked ?? config.port;
  if (wanted !== undefined) return listen(wanted);
  return listen(DEFAULT_PORT).catch((error: unknown) => {
    if (error instanceof VigilError && error.code === 'port-in-use') return listen(0);
    throw error;
  });
}

/** The parts of a node, wired together: what one of them finishes wakes the engine. */
class LocalNode {
  private readonly home: string;
  private readonly config: NodeConfig;
  private readonly ledger: Ledger;
  private readonly projects: Projects;
  private readonly engine: Engine;
  private readonly attempts: Attempts;
  private readonly keys: ProviderKeys;
  private readonly gateway: ModelGateway;
  private readonly agents: LocalAgents;
  private readonly sources: ContextSource;
  private readonly integrator: Integrator;
  private readonly caretaker: Caretaker;
  private readonly generation: Generation;
  private readonly mirror: MirrorWriter;
  private readonly senses: NodeSenses;
  private readonly noticeSettings: NoticeSettings;
  private readonly noticer: Noticer;
  private api: { readonly services: Services; readonly url: string } | null = null;
  private sampling: NodeJS.Timeout | null = null;
  private readonly clock: Clock;
  private openedMesh: MeshNode | null = null;
  /** Whether what other nodes do is acted on: not before this node's own past is settled. */
  private ready = false;
  /** Whether it is being stopped, and only hands over. */
  private isEnding = false;
  private readonly onFailure: ((error: Error) => void) | undefined;
  private waiting: PromiseWithResolvers<void>[] = [];
  private failure: Error | null = null;

  constructor(
    home: string,
    clock: Clock,
    store: EventStore,
    options: NodeOptions,
    config: NodeConfig,
  ) {
    this.home = home;
    this.config = config;
    this.clock = clock;
    this.onFailure = options.onFailure;
    const ledger = (this.ledger = Ledger.open(store, clock));
    this.tell(options);
    const fail = (error: unknown) => this.fail(error);
    ledger.onBroken(fail);
    const containment = new Containment(() => ledger.world.projects, home, config.sandbox);
    const projects = (this.projects = new Projects(ledger, home, containment));
    this.keys = new ProviderKeys(home);
    this.gateway = new ModelGateway({
      ledger,
      key: (provider) => this.keys.get(provider),
      refused: ({ purpose: { task, attempt } }, reached) => {
        if (task !== null && attempt !== null) this.agents.refused(task, attempt, reached);
      },
      fail,
    });
    this.agents = new LocalAgents({ ledger, home, config: config.agents, gateway: this.gateway });
    this.sources = new ContextSource(ledger);
    this.attempts = new Attempts({
      ledger,
      projects,
      workers: {
        ledger,
        home,
        host: this.agents,
        sources: this.sources,
        calls: new EngineCalls(ledger, this.gateway),
      },
      fail,
      ended: (task) => this.attemptEnded(task),
      bringCheckpoint: (task) => this.mesh.bringCheckpoint(task),
    });
    this.integrator = new Integrator({
      ledger,
      projects,
      fail,
      ended: () => this.engine.wake('merge.done'),
      giveUp: (task, failure) => giveUpIfSpent(ledger, task, failure),
      bring: (task, attempt) => this.mesh.bring(task, attempt),
      isOut: (node) => this.mesh.isOut(node),
    });
    this.caretaker = new Caretaker({
      ledger,
      projects,
      integrator: this.integrator,
      looked: () => this.engine.wake('project.observed'),
    });
    this.generation = new Generation({
      ledger,
      projects,
      home,
      fail,
      ended: () => this.engine.wake('cycle.finished'),
    });
    this.mirror = new MirrorWriter({ ledger, projects, clock });
    this.engine = new Engine({
      ledger,
      clock,
      fail,
      effects: {
        dispatch: (task) => this.attempts.follow(task),
        generate: (project) => this.generation.start(project),
        observe: () => this.observe(),
        rested: () => this.rested(),
      },
    });
    this.senses = new NodeSenses({
      ledger,
      config,
      home,
      working: () => this.attempts.busy,
      wake: (trigger) => this.engine.wake(trigger),
      woke: () => this.mesh.woke(),
      fail,
    });
    new Adapting({ ledger, fail }).start();
    this.noticeSettings = new NoticeSettings(home, config.notices, this.keys);
    this.noticer = new Noticer({
      ledger,
      clock,
      home,
      settings: this.noticeSettings,
      env: options.env ?? process.env,
      peers: () => this.openedMesh?.peers() ?? [],
      tell: () => this.openedMesh?.changed(),
      answer: (answers, yes, where) => this.answer(answers, yes, where),
      pageLink: (place) => `${this.api?.url ?? ''}${place}#token=${apiToken(home)}`,
      fail,
    });
    ledger.onEvent(({ body }) => {
      // Told as it is recorded, the engine's answer goes to disk together with what prompted it.
      if (PROMPTS.has(body.type)) this.engine.wake(body.type);
      if (body.type === 'project.added' || body.type === 'project.profiled')
        this.caretaker.lookAt(body.project);
      if (body.type === 'attempt.abandoned') this.attempts.follow(body.task);
      if (body.type === 'review.answered') this.integrator.mergeIfCleared(body.task);
    });
    ledger.onPut((task) => {
      // What is still assigned to a node that ends is given back at once.
      if (this.isEnding) this.attempts.follow(task);
      if (!this.ready) return;
      this.attempts.follow(task);
      this.integrator.mergeIfCleared(task);
      this.engine.wake('task.put');
    });
  }

  private get mesh(): MeshNode {
    if (this.openedMesh) return this.openedMesh;
    throw new Error('the mesh is used before it was opened');
  }

  /** Reads who this node is in a mesh, and who the others are. Throws as `Mesh.open`. */
  async openMesh(): Promise<void> {
    const { ledger, projects, home, config, clock, senses } = this;
    this.openedMesh = await MeshNode.open({
      ledger,
      projects,
      home,
      clock,
      config: config.mesh,
      machine: {
        senses: () => senses.now(),
        fitness: () => senses.fitness(),
        notes: () => senses.notes(),
        attention: () => this.noticer.presence(),
      },
      peersChanged: () => this.noticer.soon(),
      wake: (trigger) => this.engine.wake(trigger),
      resultsMayBe: () => {
        if (this.ready) this.integrator.mergeCleared();
      },
      fail: (error) => this.fail(error),
    });
  }

  services(port: number): Services {
    const {
      ledger,
      projects,
      engine,
      integrator,
      config,
      keys,
      mesh,
      noticer,
      noticeSettings,
      senses,
    } = this;
    const running = { pid: process.pid, url: `http://127.0.0.1:${port}` };
    const services = new Services({
      noticer,
      noticeSettings,
      ledger,
      projects,
      engine,
      integrator,
      config,
      keys,
      mesh,
      senses,
      identity: { home: this.home, version: packageFile.version, running },
    });
    this.sampling = setInterval(() => services.insight.sample(), SAMPLE_MS);
    this.sampling.unref();
    this.api = { services, url: running.url };
    return services;
  }

  /** A human's answer to what a notice asks: the same as at the command line. */
  private async answer(
    answers: NonNullable<Notice['answers']>,
    yes: boolean,
    where: string,
  ): Promise<void> {
    const { services } = this.api ?? {};
    const who = `local user ${where}`;
    if ('approval' in answers)
      await services?.agents.answerApproval(answers.approval, yes ? 'approved' : 'denied', who, '');
    else await services?.reviews.answer(answers.task, yes ? 'approved' : 'rejected', who, '');
  }

  /** Removes what a crash left half-made, while nobody can ask for anything yet. */
  async cleanUp(): Promise<void> {
    await Promise.all([this.projects.removeUnknown(), removeAbandoned(this.home)]);
  }

  async begin(): Promise<void> {
    const { ledger, config } = this;
    const { concurrency, capabilities, limits } = config;
    const { node } = ledger.store;
    const { version } = packageFile;
    await this.mesh.start(async () => {
      await ledger.commit({
        ...{ type: 'node.started', node, version, concurrency, limits },
        capabilities: [...capabilities],
      });
    });
    this.gateway.settleLost();
    await recover(ledger);
    this.mirror.catchUp();
    this.observe();
    await this.senses.start();
    this.ready = true;
    this.engine.start();
    this.noticer.start();
    for (const id of ledger.world.tasks.keys()) this.attempts.follow(id);
    // Each that is installed says its version: the node need not wait for that.
    void this.agents.look().then(
      () => this.engine.wake('agents.found'),
      (error: unknown) => this.fail(error),
    );
  }

  async end(reason: string): Promise<void> {
    const { ledger } = this;
    this.engine.stop();
    this.ready = false;
    this.isEnding = true;
    // Before its work comes back to them: else it would be given to this node again.
    this.mesh.ending();
    const handedOver = this.attempts.stopAll();
    await this.noticer.stop();
    if (this.sampling) clearInterval(this.sampling);
    await this.senses.stop();
    this.caretaker.stop();
    this.projects.interruptAll();
    await Promise.all([handedOver, this.generation.stop()]);
    await this.integrator.stop();
    await this.mesh.stop();
    await this.gateway.close();
    await stopSandbox();
    this.sources.close();
    try {
      if (!this.failure) {
        await ledger.commit({ type: 'node.stopped', node: ledger.store.node, reason });
        ledger.snapshot();
        await this.mirror.stop();
      }
      await this.projects.closeAll();
    } finally {
      ledger.store.close();
    }
  }

  /** Resolves when nothing is under way and no retry is about to come. */
  idle(): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    const waiting = Promise.withResolvers<void>();
    this.waiting.push(waiting);
    this.engine.wake('idle?');
    return waiting.promise;
  }

  private attemptEnded(task: TaskId): void {
    this.integrator.mergeIfCleared(task);
    this.engine.wake('attempt.ended');
  }

  /** What no event tells: branches that the user moved, merges that git refused before. */
  private observe(): void {
    this.caretaker.lookAtAll();
    this.integrator.mergeCleared();
  }

  private rested(): void {
    const { agents, attempts, integrator, caretaker, generation, ledger } = this;
    const busy = [agents, attempts, integrator, caretaker, generation].some((part) => part.busy);
    if (busy) return;
    // A retry that only waits out its pause will run without anybody's doing.
    const nowMs = ledger.nowMs();
    const { world } = ledger;
    const retries = [...world.retrying]
      .map((id) => world.tasks.get(id))
      .filter((task) => task !== undefined);
    if (!world.pause && retries.some((task) => backoffUntilMs(task, nowMs) > nowMs)) return;
    const { waiting } = this;
    this.waiting = [];
    for (const { resolve } of waiting) resolve();
  }

  /** Copies of what happened before are history: a node that joins gets all of it. */
  private tell({ onEvent, onKnownTask }: NodeOptions): void {
    if (!onEvent) return;
    const sinceMs = this.clock.nowMs();
    this.ledger.onEvent((event) => onEvent(toEventView(event)));
    this.ledger.onCopied((event) => {
      const { atMs, body } = event;
      if (atMs >= sinceMs) onEvent(toEventView(event));
      else if (body.type === 'task.added') onKnownTask?.({ id: body.task, title: body.spec.title });
    });
  }

  /** Without a durable log nothing may go on. */
  private fail(error: unknown): void {
    if (this.failure) return;
    this.failure = error instanceof Error ? error : new Error(messageOf(error));
    this.engine.stop();
    const { waiting } = this;
    this.waiting = [];
    for (const { reject } of waiting) reject(this.failure);
    if (this.onFailure) this.onFailure(this.failure);
    else process.stderr.write(`vigil: ${messageOf(error)}\n`);
  }
}

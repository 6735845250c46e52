import packageFile from '../../package.json' with { type: 'json' };
import type { NodeConfig } from '../../shared/model/config.ts';
import { messageOf } from '../../shared/model/errors.ts';
import type { Notice } from '../../shared/model/notice.ts';
import { removeAbandoned } from '../execute/sandbox/projectSandbox.ts';
import { stopSandbox } from '../execute/sandbox/sandbox.ts';
import { ProviderKeys } from '../gateway/keys.ts';
import type { Clock } from './clock.ts';
import { Containment } from './containment.ts';
import { SAMPLE_MS } from './feltSamples.ts';
import { apiToken } from './home.ts';
import { IdleWaiters, willRetry } from './idle.ts';
import type { Ledger } from './ledger.ts';
import { MeshNode } from './mesh/meshNode.ts';
import { NodeWork } from './nodeWork.ts';
import { Noticer } from './notices/noticer.ts';
import { NoticeSettings } from './notices/settings.ts';
import { Projects } from './projects.ts';
import { recover } from './recovery.ts';
import { NodeSenses } from './senses.ts';
import { Services } from './services.ts';

export interface LocalNodeOptions {
  readonly home: string;
  readonly config: NodeConfig;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Where the buses of the desktop are. */
  readonly env: NodeJS.ProcessEnv;
  /** Told once, when the node can't go on. */
  readonly onFailure: (error: Error) => void;
}

/**
 * A node on an open home: its work, its machine, its mesh and its human, and the order in which they begin and end:
 * `cleanUp`, `openMesh`, `services`, `begin`, `end`.
 */
export class LocalNode {
  private readonly options: LocalNodeOptions;
  private readonly projects: Projects;
  private readonly keys: ProviderKeys;
  private readonly work: NodeWork;
  private readonly senses: NodeSenses;
  private readonly noticeSettings: NoticeSettings;
  private readonly noticer: Noticer;
  private readonly waiters = new IdleWaiters();
  private openedMesh: MeshNode | null = null;
  private api: { readonly services: Services; readonly url: string } | null = null;
  private sampling: NodeJS.Timeout | null = null;
  private failure: Error | null = null;

  constructor(options: LocalNodeOptions) {
    this.options = options;
    const { home, config, ledger, clock, env } = options;
    const fail = (error: unknown) => this.fail(error);
    ledger.onBroken(fail);
    const containment = new Containment(() => ledger.world.projects, home, config.sandbox);
    this.projects = new Projects(ledger, home, containment);
    this.keys = new ProviderKeys(home);
    this.work = new NodeWork({
      ledger,
      projects: this.projects,
      keys: this.keys,
      home,
      config: config.agents,
      clock,
      mesh: () => this.mesh,
      rested: () => this.rested(),
      fail,
    });
    this.senses = new NodeSenses({
      ledger,
      config,
      home,
      working: () => this.work.attempts.busy,
      wake: (trigger) => this.work.engine.wake(trigger),
      woke: () => this.mesh.woke(),
      fail,
    });
    this.noticeSettings = new NoticeSettings(home, config.notices, this.keys);
    this.noticer = new Noticer({
      ledger,
      clock,
      home,
      settings: this.noticeSettings,
      env,
      peers: () => this.openedMesh?.peers() ?? [],
      tell: () => this.openedMesh?.changed(),
      answer: (answers, yes, where) => this.answer(answers, yes, where),
      pageLink: (place) => `${this.api?.url ?? ''}${place}#token=${apiToken(home)}`,
      fail,
    });
  }

  /** Removes what a crash left half-made, while nobody can ask for anything yet. */
  async cleanUp(): Promise<void> {
    await Promise.all([this.projects.removeUnknown(), removeAbandoned(this.options.home)]);
  }

  /** Reads who this node is in a mesh, and who the others are. Throws as `Mesh.open`. */
  async openMesh(): Promise<void> {
    const { home, config, ledger, clock } = this.options;
    const { projects, senses, noticer, work } = this;
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
        attention: () => noticer.presence(),
      },
      peersChanged: () => noticer.soon(),
      wake: (trigger) => work.engine.wake(trigger),
      resultsMayBe: () => work.resultsMayBe(),
      fail: (error) => this.fail(error),
    });
  }

  /** What the API offers, which is reached at this port. */
  services(port: number): Services {
    const { home, config, ledger } = this.options;
    const { projects, keys, mesh, senses, noticer, noticeSettings, work } = this;
    const running = { pid: process.pid, url: `http://127.0.0.1:${port}` };
    const services = new Services({
      noticer,
      noticeSettings,
      ledger,
      projects,
      engine: work.engine,
      integrator: work.integrator,
      config,
      keys,
      mesh,
      senses,
      identity: { home, version: packageFile.version, running },
    });
    this.sampling = setInterval(() => services.insight.sample(), SAMPLE_MS);
    this.sampling.unref();
    this.api = { services, url: running.url };
    return services;
  }

  /** Meets the others, settles what a crash left under way, and works from then on. */
  async begin(): Promise<void> {
    const { config, ledger } = this.options;
    const { work } = this;
    const { concurrency, capabilities, limits } = config;
    const { node } = ledger.store;
    const { version } = packageFile;
    await this.mesh.start(async () => {
      await ledger.commit({
        ...{ type: 'node.started', node, version, concurrency, limits },
        capabilities: [...capabilities],
      });
    });
    work.gateway.settleLost();
    await recover(ledger);
    work.mirror.catchUp();
    work.observe();
    await this.senses.start();
    this.noticer.start();
    work.begin();
  }

  /** Hands over or ends what runs, and writes everything down. */
  async end(reason: string): Promise<void> {
    const { ledger } = this.options;
    const { projects, work } = this;
    work.ending();
    // Before its work comes back to them: else it would be given to this node again.
    this.mesh.ending();
    const handedOver = work.attempts.stopAll();
    await this.noticer.stop();
    if (this.sampling) clearInterval(this.sampling);
    await this.senses.stop();
    work.caretaker.stop();
    projects.interruptAll();
    await Promise.all([handedOver, work.generation.stop()]);
    await work.integrator.stop();
    await this.mesh.stop();
    await work.gateway.close();
    await stopSandbox();
    work.sources.close();
    try {
      if (!this.failure) {
        await ledger.commit({ type: 'node.stopped', node: ledger.store.node, reason });
        ledger.snapshot();
        await work.mirror.stop();
      }
      await projects.closeAll();
    } finally {
      ledger.store.close();
    }
  }

  /** Resolves when nothing is under way and no retry is about to come; rejects when the node can't go on. */
  idle(): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    const idle = this.waiters.wait();
    this.work.engine.wake('idle?');
    return idle;
  }

  private get mesh(): MeshNode {
    if (this.openedMesh) return this.openedMesh;
    throw new Error('the mesh is used before it was opened');
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

  private rested(): void {
    if (!this.work.busy && !willRetry(this.options.ledger)) this.waiters.settle();
  }

  /** Without a durable log nothing may go on. */
  private fail(error: unknown): void {
    if (this.failure) return;
    this.failure = error instanceof Error ? error : new Error(messageOf(error));
    this.work.engine.stop();
    this.waiters.fail(this.failure);
    this.options.onFailure(this.failure);
  }
}

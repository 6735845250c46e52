import type { EventView } from '../../shared/model/eventApi.ts';
import type { ExplanationView } from '../../shared/model/explanationApi.ts';
import type { ReportView } from '../../shared/model/reportApi.ts';
import type { DoctorView, StatusView } from '../../shared/model/statusApi.ts';
import type { GraphView, QueueView } from '../../shared/model/taskApi.ts';
import type { NodeConfig } from '../../shared/model/config.ts';
import { VigilError } from '../../shared/model/errors.ts';
import { EventBody, type EventType } from '../../shared/model/events.ts';
import type { ProjectId, TaskId } from '../../shared/model/ids.ts';
import type { ProviderKeys } from '../gateway/keys.ts';
import { AgentServices } from './agentServices.ts';
import type { Refusal } from './api/refusals.ts';
import { AttemptServices } from './attemptServices.ts';
import { runDoctor } from './doctor.ts';
import type { Engine } from './engine.ts';
import { toEventView } from './eventView.ts';
import { InsightServices } from './insightServices.ts';
import type { Ledger } from './ledger.ts';
import type { MeshControl } from './mesh/meshControl.ts';
import { MeshServices } from './mesh/meshServices.ts';
import type { Noticer } from './notices/noticer.ts';
import { NoticeSettings } from './notices/settings.ts';
import { NoticeServices } from './noticeServices.ts';
import { Oversight } from './oversight.ts';
import type { Projects } from './projects.ts';
import { ProjectServices } from './projectServices.ts';
import { ReviewServices } from './reviewServices.ts';
import type { NodeSenses } from './senses.ts';
import { TaskServices, type WorkParts } from './taskServices.ts';
import { explainView } from './views/explain.ts';
import { graphView, queueView, type QueueQuery } from './views/queue.ts';
import { Reports } from './views/report.ts';
import { statusView, type NodeIdentity } from './views/status.ts';

export interface ServicesOptions extends WorkParts {
  readonly identity: NodeIdentity;
  readonly config: NodeConfig;
  readonly keys: ProviderKeys;
  /** Null or absent where no node runs. */
  readonly mesh?: MeshControl | null;
  readonly senses?: Pick<NodeSenses, 'feed'>;
  /** Null or absent where no node runs. */
  readonly noticer?: Noticer | null;
  /** Absent: as the configuration has them. */
  readonly noticeSettings?: NoticeSettings;
}

/**
 * What the API offers, over the ledger and the projects. Without an engine (the node is not running)
 * all of it works too; what was asked for then happens when a node starts.
 */
export class Services {
  private readonly ledger: Ledger;
  private readonly projectsOfNode: Projects;
  private readonly engine: Engine | null;
  private readonly identity: NodeIdentity;
  private readonly reports: Reports;
  readonly tasks: TaskServices;
  readonly projects: ProjectServices;
  /** Results that wait for a human. */
  readonly reviews: ReviewServices;
  /** What attempts left. */
  readonly attempts: AttemptServices;
  /** Agents, models, money and approvals. */
  readonly agents: AgentServices;
  /** The nodes of the mesh, and who belongs to it. */
  readonly mesh: MeshServices;
  /** How the work goes over time. */
  readonly insight: InsightServices;
  /** How the machine is; null where no node runs. */
  readonly senses: Pick<NodeSenses, 'feed'> | null;
  /** What a human is told, and how. */
  readonly notices: NoticeServices;

  constructor(options: ServicesOptions) {
    this.ledger = options.ledger;
    this.projectsOfNode = options.projects;
    this.engine = options.engine;
    this.identity = options.identity;
    this.reports = new Reports(options.ledger);
    this.tasks = new TaskServices(options);
    this.reviews = new ReviewServices(options);
    const changed = () => this.engine?.wake('agents.changed');
    this.agents = new AgentServices({
      ledger: options.ledger,
      config: options.config.agents,
      keys: options.keys,
      oversight: new Oversight(options.ledger, changed),
      changed,
    });
    this.senses = options.senses ?? null;
    const { home } = options.identity;
    this.hosts = options.config.hosts;
    this.mesh = new MeshServices(options.ledger, options.mesh ?? null);
    this.projects = new ProjectServices({ ...options, mesh: this.mesh, home });
    this.attempts = new AttemptServices({ ...options, mesh: this.mesh, home });
    this.notices = new NoticeServices({
      ledger: options.ledger,
      settings:
        options.noticeSettings ?? new NoticeSettings(home, options.config.notices, options.keys),
      noticer: options.noticer ?? null,
    });
    this.insight = new InsightServices({
      ledger: options.ledger,
      mesh: this.mesh,
      home,
      config: options.config,
    });
  }

  /** Names beside those of loopback under which the API answers. */
  readonly hosts: readonly string[];

  /** Somebody asked the API who may not. */
  refused(refusal: Refusal): void {
    // What can't be written down was refused all the same.
    void this.ledger.commit({ type: 'request.refused', ...refusal }).catch(() => undefined);
  }

  status(): StatusView {
    return statusView(this.ledger, this.identity);
  }

  doctor(): Promise<DoctorView> {
    return runDoctor(this.ledger, this.projectsOfNode, this.identity.home);
  }

  report(hours: number): ReportView {
    return this.reports.view(hours);
  }

  /** Throws `not-found` for a project or a position that is not known. */
  queue(query: QueueQuery): QueueView {
    const { project, at } = query;
    // The past may know a project that has been removed since.
    if (project !== undefined && at === undefined) this.projectsOfNode.state(project);
    return queueView(this.ledger, query);
  }

  graph(project?: ProjectId): GraphView {
    if (project !== undefined) this.projectsOfNode.state(project);
    return graphView(this.ledger, project);
  }

  /** The story of a task; from a node with fuller logs while this one still copies them. Throws `not-found`. */
  async explain(id: TaskId): Promise<ExplanationView> {
    const told = await this.mesh.story(id);
    if (told) return told;
    // Told from durable events: without this its status would be ahead of its story.
    await this.ledger.durable();
    return explainView(this.ledger, id);
  }

  events(query: {
    after?: number | undefined;
    before?: number | undefined;
    limit: number;
    task?: TaskId | undefined;
    type?: string | undefined;
    order: 'asc' | 'desc';
  }): EventView[] {
    const { after, before, task, type, limit, order } = query;
    return this.ledger.store
      .read({
        limit,
        order,
        // From the beginning on it is a page of the stream, as it is after a position.
        ...(after === undefined && order === 'desc' ? {} : { after: after ?? 0 }),
        ...(before === undefined ? {} : { before }),
        ...(task === undefined ? {} : { task }),
        ...(type === undefined ? {} : { types: [eventType(type)] }),
      })
      .map(toEventView);
  }

  async pause(who: string, reason: string): Promise<StatusView> {
    if (this.ledger.world.pause?.by !== 'human') {
      await this.ledger.commit({
        type: 'builds.paused',
        by: 'human',
        who,
        reason: reason || 'paused by hand',
        untilMs: null,
      });
    }
    return this.status();
  }

  /** Ends a pause of either kind; after one for lost confidence a human's word restores it. */
  async resume(who: string): Promise<StatusView> {
    const { world } = this.ledger;
    if (world.pause || world.autonomy(this.ledger.nowMs()).paused) {
      await this.ledger.commit({
        type: 'builds.resumed',
        by: 'human',
        who,
        reason: 'resumed by hand',
      });
      this.engine?.wake('builds.resumed');
    }
    return this.status();
  }

  /** Durable events as they come, first those after `after`. Returns how to stop. */
  follow(after: number | null, send: (event: EventView) => void): () => void {
    const { store } = this.ledger;
    let last = after ?? store.pos;
    const catchUp = () => {
      for (const event of store.iterate(last)) {
        last = event.pos;
        send(toEventView(event));
      }
    };
    let waiting = false;
    const wake = () => {
      if (waiting) return;
      waiting = true;
      // What is told is what is durable: a follower never hears of an event that a crash takes back.
      void this.ledger.durable().then(
        () => {
          waiting = false;
          catchUp();
        },
        () => stop(),
      );
    };
    const unsubscribe = [this.ledger.onEvent(wake), store.onCommit(wake)];
    const stop = () => unsubscribe.forEach((end) => end());
    catchUp();
    return stop;
  }
}

function eventType(name: string): EventType {
  const known = EventBody.options
    .map((option) => option.shape.type.value)
    .filter((type) => type !== 'unknown');
  const found = known.find((type) => type === name);
  if (found) return found;
  throw new VigilError('misuse', `there is no event type ${name}`, `Known: ${known.join(', ')}.`);
}

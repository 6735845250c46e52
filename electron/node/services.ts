import { homedir } from 'node:os';
import type {
  DoctorView,
  EventView,
  ExplanationView,
  GraphView,
  ProjectView,
  QueueView,
  ReportView,
  ReviewView,
  StatusView,
  TaskDetail,
  TaskInput,
  TaskSummary,
  TranscriptSearchView,
} from '../../shared/model/api.ts';
import type { NodeConfig } from '../../shared/model/config.ts';
import { VigilError } from '../../shared/model/errors.ts';
import { EventBody, type EventType } from '../../shared/model/events.ts';
import type { Attempt } from '../../shared/model/attempt.ts';
import type { AttemptDiffView } from '../../shared/model/diffApi.ts';
import type { FoundRepositories, ProjectInspection } from '../../shared/model/inspectionApi.ts';
import type { AgentRole } from '../../shared/model/agent.ts';
import type { CommitId, ProjectId, TaskId } from '../../shared/model/ids.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import { currentAttempt, statusOf } from '../../shared/world/status.ts';
import { toEventView } from './eventView.ts';
import type { Refusal } from './api/refusals.ts';
import { AgentServices } from './agentServices.ts';
import { Oversight } from './oversight.ts';
import type { ProviderKeys } from '../gateway/keys.ts';
import { addTasks, resolveDependency } from './addTasks.ts';
import { readAttemptFile, type AttemptFile } from './attemptFiles.ts';
import type { Engine } from './engine.ts';
import { InsightServices } from './insightServices.ts';
import type { Integrator } from './integrator.ts';
import type { Ledger } from './ledger.ts';
import type { MeshControl } from './mesh/meshControl.ts';
import { MeshServices } from './mesh/meshServices.ts';
import { NoticeServices } from './noticeServices.ts';
import type { Noticer } from './notices/noticer.ts';
import { NoticeSettings } from './notices/settings.ts';
import type { Projects } from './projects.ts';
import { runDoctor } from './doctor.ts';
import type { NodeSenses } from './senses.ts';
import { searchTranscripts, type TranscriptSearch } from './searchTranscripts.ts';
import { attemptDiff } from './views/attemptDiff.ts';
import { explainView } from './views/explain.ts';
import { graphView, queueView, type QueueQuery } from './views/queue.ts';
import { Reports } from './views/report.ts';
import { statusView, type NodeIdentity } from './views/status.ts';
import { undoTask } from './undo.ts';
import { findTask, listTasks, summarise, taskDetail, type TaskFilter } from './views/tasks.ts';

const MAX_DIFF_BYTES = 200_000;

/**
 * What the API offers, over the ledger and the projects. Without an engine (the node is not running)
 * all of it works too; what was asked for then happens when a node starts.
 */
export class Services {
  private readonly ledger: Ledger;
  private readonly projectsOfNode: Projects;
  private readonly engine: Engine | null;
  private readonly integrator: Integrator | null;
  private readonly identity: NodeIdentity;
  private readonly reports: Reports;
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

  constructor(options: {
    ledger: Ledger;
    projects: Projects;
    engine: Engine | null;
    integrator: Integrator | null;
    identity: NodeIdentity;
    config: NodeConfig;
    keys: ProviderKeys;
    /** Null or absent where no node runs. */
    mesh?: MeshControl | null;
    senses?: Pick<NodeSenses, 'feed'>;
    /** Null or absent where no node runs. */
    noticer?: Noticer | null;
    /** Absent: as the configuration has them. */
    noticeSettings?: NoticeSettings;
  }) {
    this.ledger = options.ledger;
    this.projectsOfNode = options.projects;
    this.engine = options.engine;
    this.integrator = options.integrator;
    this.identity = options.identity;
    this.reports = new Reports(options.ledger);
    const changed = () => this.engine?.wake('agents.changed');
    this.agents = new AgentServices({
      ledger: options.ledger,
      config: options.config.agents,
      keys: options.keys,
      oversight: new Oversight(options.ledger, changed),
      changed,
    });
    this.senses = options.senses ?? null;
    this.hosts = options.config.hosts;
    this.mesh = new MeshServices(options.ledger, options.mesh ?? null);
    const { home } = options.identity;
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

  tasks(filter: TaskFilter): TaskSummary[] {
    if (filter.project !== undefined && filter.all !== true)
      this.projectsOfNode.state(filter.project);
    return listTasks(this.ledger, filter);
  }

  task(id: TaskId): TaskDetail {
    return taskDetail(this.ledger, id);
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

  async addTasks(inputs: readonly TaskInput[], who: string): Promise<TaskSummary[]> {
    const ids = await addTasks(this.ledger, inputs, who);
    await this.projectsOfNode.observeArtifacts();
    this.engine?.wake('task.added');
    return ids.map((id) => summarise(this.ledger, findTask(this.ledger, id)));
  }

  /** Adds a dependency to an open task. Throws `cycle` and changes nothing when it would close one. */
  async link(id: TaskId, input: TaskInput['dependencies'][number]): Promise<TaskDetail> {
    const task = this.openTask(id);
    const dependency = resolveDependency(this.ledger, input, new Map(), id);
    const { project, title, origin } = task.spec;
    const cycle = this.ledger.world.graph.cycleWith(id, dependency);
    if (cycle) {
      await this.ledger.commit({
        type: 'task.refused',
        project,
        title,
        reason: 'the new dependency would close a cycle',
        cycle: [...cycle],
        origin,
      });
      throw new VigilError(
        'cycle',
        `it would close a cycle: ${cycle.join(' → ')}`,
        'Choose another dependency. Nothing was changed.',
      );
    }
    await this.ledger.commit({ type: 'task.linked', task: id, project, dependency });
    await this.projectsOfNode.observeArtifacts();
    this.engine?.wake('task.linked');
    return taskDetail(this.ledger, id);
  }

  async cancel(id: TaskId, who: string, reason: string): Promise<TaskSummary> {
    const task = this.openTask(id);
    const { project } = task.spec;
    const cancel = async () => {
      this.openTask(id);
      await this.ledger.commit({ type: 'task.cancelled', task: id, project, who, reason });
    };
    // A merge under way is not called back half-way: it is in git or it never will be.
    if (this.integrator && statusOf(task) === 'merging')
      await this.integrator.exclusively(project, cancel);
    else await cancel();
    this.engine?.wake('task.cancelled');
    return summarise(this.ledger, findTask(this.ledger, id));
  }

  /** Adds the task that takes a merged one's changes back. Throws as `undoTask`. */
  async undo(id: TaskId, who: string): Promise<TaskSummary> {
    const task = await undoTask(this.ledger, id, who);
    this.engine?.wake('task.added');
    return summarise(this.ledger, findTask(this.ledger, task));
  }

  /**
   * Gives a task that failed for good, or that a human rejected, as many attempts again as it had; the next one is
   * told why. Throws `conflict` for any other.
   */
  async retry(id: TaskId, who: string): Promise<TaskSummary> {
    const task = findTask(this.ledger, id);
    const status = statusOf(task);
    if (status !== 'failed' && status !== 'rejected') {
      throw new VigilError(
        'conflict',
        `${id} is ${status}, not failed or rejected`,
        'Only a task that failed for good, or was rejected, can be retried.',
      );
    }
    const { spec, addedDependencies, attempts } = task;
    await this.ledger.commit({
      type: 'task.retried',
      task: id,
      project: spec.project,
      who,
      granted: task.grantedAttempts + attempts.length,
      spec,
      addedDependencies: [...addedDependencies],
      attempts: status === 'rejected' ? asRefused(task) : [...attempts],
    });
    this.engine?.wake('task.retried');
    return summarise(this.ledger, findTask(this.ledger, id));
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

  projects(): Promise<ProjectView[]> {
    return Promise.all([...this.ledger.world.projects.keys()].map((id) => this.project(id)));
  }

  project(id: ProjectId): Promise<ProjectView> {
    return this.projectsOfNode.view(id);
  }

  /** What is found in a repository before it is added. */
  inspectProject(path: string): Promise<ProjectInspection> {
    return this.projectsOfNode.inspect(path);
  }

  /** What there is to choose from on this machine. */
  findRepositories(): Promise<FoundRepositories> {
    return this.projectsOfNode.find(homedir());
  }

  async addProject(path: string): Promise<ProjectView> {
    const id = await this.projectsOfNode.add(path);
    this.engine?.wake('project.added');
    return this.project(id);
  }

  async removeProject(id: ProjectId): Promise<void> {
    const remove = () => this.projectsOfNode.remove(id);
    const merging = [...this.ledger.world.tasks.values()].some(
      (task) => task.spec.project === id && statusOf(task) === 'merging',
    );
    // As with a single task: what is on its way into git arrives there first.
    if (this.integrator && merging) await this.integrator.exclusively(id, remove);
    else await remove();
    this.engine?.wake('project.removed');
  }

  /** Makes this node the home of a project whose home is gone for good. Rejects as `Projects.takeHome`. */
  async takeHome(id: ProjectId, path: string): Promise<ProjectView> {
    await this.projectsOfNode.takeHome(id, path);
    this.engine?.wake('project.added');
    return this.projectsOfNode.view(id);
  }

  promote(
    id: ProjectId,
    who: string,
  ): Promise<{
    branch: string;
    from: EventOf<'integration.promoted'>['from'];
    to: EventOf<'integration.promoted'>['to'];
    commits: number;
  }> {
    return this.projectsOfNode.promote(id, who);
  }

  reviews(): Promise<ReviewView[]> {
    const waiting = [...this.ledger.world.tasks.values()].filter(
      (task) => statusOf(task) === 'review',
    );
    return Promise.all(waiting.map((task) => this.toReview(task)));
  }

  review(id: TaskId): Promise<ReviewView> {
    return this.toReview(this.reviewed(id));
  }

  async answerReview(
    id: TaskId,
    answer: 'approved' | 'rejected',
    who: string,
    reason: string,
    seen?: CommitId,
  ): Promise<TaskSummary> {
    const task = this.reviewed(id);
    const { number: attempt = 0, state } = currentAttempt(task) ?? {};
    const commit = state?.state === 'passed' ? state.commit : null;
    if (seen !== undefined && seen !== commit)
      throw new VigilError(
        'conflict',
        `${id} has another result now than the one that was answered`,
        `Look at it again: vigil review show ${id}`,
      );
    await this.ledger.commit({
      type: 'review.answered',
      task: id,
      project: task.spec.project,
      attempt,
      commit,
      answer,
      who,
      reason,
    });
    this.engine?.wake('review.answered');
    return summarise(this.ledger, findTask(this.ledger, id));
  }

  /** What an attempt changed. Throws as `attemptDiff`. */
  attemptDiff(task: TaskId, attempt: number): Promise<AttemptDiffView> {
    return attemptDiff(this.ledger, this.projectsOfNode, task, attempt);
  }

  /** The output of an attempt, or its last `tail` bytes. Throws as `attemptFile`. */
  attemptLog(task: TaskId, attempt: number, tail?: number): Promise<string> {
    return this.attemptFile({ task, attempt, file: 'output' }, 'output', tail);
  }

  /** What an agent was told, thought, said and did, as JSON lines. Throws as `attemptFile`. */
  transcript(task: TaskId, attempt: number, role: AgentRole): Promise<string> {
    return this.attemptFile({ task, attempt, file: role }, `transcript of a ${role}`);
  }

  /** Where the transcripts of this node hold a text. */
  searchTranscripts(search: TranscriptSearch): Promise<TranscriptSearchView> {
    return searchTranscripts(this.identity.home, search);
  }

  /**
   * The end of a file that an attempt left, from the node that has it. Throws `not-found` when nobody has,
   * and as `MeshServices.attemptFile`.
   */
  private async attemptFile(file: AttemptFile, what: string, tail = Infinity): Promise<string> {
    const { task, attempt } = file;
    const { attempts } = findTask(this.ledger, task);
    const here = await readAttemptFile(this.identity.home, file, tail);
    if (here) return here.toString('utf8');
    const nodes = attempts.filter(({ number }) => number === attempt).map(({ node }) => node);
    const there = await this.mesh.attemptFile(nodes, file);
    if (there) return there.subarray(Math.max(0, there.length - tail)).toString('utf8');
    throw new VigilError(
      'not-found',
      `attempt ${attempt} of ${task} has no ${what}`,
      `\`vigil explain ${task}\` lists its attempts.`,
    );
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

  private openTask(id: TaskId): TaskRegisters {
    const task = this.ledger.world.tasks.get(id);
    if (task) return task;
    const status = statusOf(findTask(this.ledger, id));
    throw new VigilError(
      'conflict',
      `${id} has ended: it is ${status}`,
      `\`vigil explain ${id}\` tells how.`,
    );
  }

  private reviewed(id: TaskId): TaskRegisters {
    const task = findTask(this.ledger, id);
    if (statusOf(task) === 'review') return task;
    throw new VigilError(
      'conflict',
      `${id} is ${statusOf(task)} and waits for no review`,
      '`vigil review list` shows what does.',
    );
  }

  private async toReview(task: TaskRegisters): Promise<ReviewView> {
    const attempt = currentAttempt(task);
    const state = attempt?.state;
    const passed = state?.state === 'passed' ? state : null;
    const verified = this.ledger.store
      .read({
        task: task.spec.id,
        types: ['attempt.verified'],
        ...(attempt ? { node: attempt.node } : {}),
        ...{ order: 'desc', limit: 1 },
      })
      .map((event) => event.body)[0];
    return {
      task: summarise(this.ledger, task),
      attempt: attempt?.number ?? 0,
      why: passed?.needsReview ?? '',
      commit: passed?.commit ?? null,
      verification: verified?.type === 'attempt.verified' ? verified.verification : null,
      diff: passed?.commit
        ? await this.projectsOfNode.diff(task.spec.project, passed.commit, MAX_DIFF_BYTES)
        : null,
    };
  }
}

/** The attempts of a rejected task, the rejected one as a failure whose report is the human's word. */
function asRefused(task: TaskRegisters): Attempt[] {
  const refused = currentAttempt(task);
  const reason = task.verdict?.reason ?? '';
  const failure = {
    ...{ class: 'missing-context' as const, interrupted: false },
    reason: `rejected by a person: ${reason}`,
  };
  return task.attempts.map((attempt) =>
    attempt === refused
      ? {
          ...attempt,
          state: { state: 'failed', failure },
          report: `A person looked at the result of this attempt and rejected it: ${reason}`,
        }
      : attempt,
  );
}

type EventOf<T extends EventType> = Extract<EventBody, { type: T }>;

function eventType(name: string): EventType {
  const known = EventBody.options
    .map((option) => option.shape.type.value)
    .filter((type) => type !== 'unknown');
  const found = known.find((type) => type === name);
  if (found) return found;
  throw new VigilError('misuse', `there is no event type ${name}`, `Known: ${known.join(', ')}.`);
}

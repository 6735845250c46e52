import { TaskGraph, type GraphTask } from '../graph/taskGraph.ts';
import {
  autonomyLimits,
  autonomyOf,
  confidenceAt,
  isPaused,
  type AutonomyLimits,
} from '../learn/confidence.ts';
import type { Autonomy } from '../model/decision.ts';
import { estimateMs } from '../learn/durations.ts';
import { observeShare } from '../learn/spend.ts';
import {
  taskId,
  taskNumber,
  type ApprovalId,
  type NodeId,
  type ProjectId,
  type TaskId,
} from '../model/ids.ts';
import { approvalId, type Approval } from '../model/approval.ts';
import type { BudgetSetting } from '../model/budget.ts';
import type { EventType, LoggedEvent } from '../model/events.ts';
import { projectOf, taskOf } from '../model/events.ts';
import { hasEnded, type TaskRegisters, type TaskStatus } from '../model/registers.ts';
import { Limits } from '../model/config.ts';
import { workKind, type TaskSpec, type WorkKind } from '../model/task.ts';
import { foldLearned, newLearned, type Learned } from './learned.ts';
import { AGENT_CAPABILITY, poolOf, type NodeState } from './node.ts';
import { foldLimits, type LimitState } from './foldLimits.ts';
import { foldNode, foldPeer } from './foldNode.ts';
import { foldGates, foldProject, foldTaskIntoProject } from './foldProject.ts';
import type { ProjectState } from './project.ts';
import { adoptProject, type SharedProject } from './sharedProject.ts';
import { leavingOf } from './leaving.ts';
import { statusOf } from './status.ts';
import {
  choicesOn,
  foldSupply,
  forgetTaskIn,
  newSupply,
  observeSupply,
  setBudget,
  type Supply,
} from './supply.ts';
import { foldTask, newTask, retriedTask } from './tasks.ts';
import { toGraphTask } from './graphTask.ts';
import { enterGraph } from './enterGraph.ts';
import { nthNumber } from './numbering.ts';
import { NOTHING_PLANNED, planWith, type PlannedDurations } from './planned.ts';

/** Work is paused by a human, or by the engine until a time. */
export interface Pause {
  readonly by: 'human' | 'engine';
  readonly who: string;
  readonly reason: string;
  readonly untilMs: number | null;
}

/** How much the engine trusts itself at a time, and what it lets itself do. */
export interface WorldAutonomy extends AutonomyLimits {
  readonly confidence: number;
  readonly level: Autonomy;
}

/** Statuses in which a task holds its resources and its scope. */
const ACTIVE: readonly TaskStatus[] = ['assigned', 'running', 'verifying', 'merging'];

/** Who plans for the nodes that see each other, as this node knows it. */
export interface Leadership {
  readonly self: NodeId;
  /** Null while this node can't tell. */
  readonly leader: NodeId | null;
  /** The highest term heard of; it never goes down. */
  readonly term: number;
  readonly reason: string;
}

/** What a change did to a task. */
export interface TaskChange {
  readonly task: TaskRegisters;
  readonly status: TaskStatus;
  /** Null when the task was not open before. */
  readonly before: TaskStatus | null;
  /** Its registers before the change. */
  readonly previous: TaskRegisters | null;
}

/** Events by which a node tells that it is done with an attempt. */
const ATTEMPT_ENDS: ReadonlySet<EventType> = new Set(['attempt.passed', 'attempt.failed']);

/** Events that change what is known of a node. */
const NODE_EVENTS: ReadonlySet<EventType> = new Set([
  'node.started',
  'node.stopped',
  'node.sensed',
  'node.drained',
  'capabilities.found',
]);

/** Events after which other nodes may be able to do agent tasks. */
const SUPPLIES: ReadonlySet<EventType> = new Set([
  'agents.found',
  'provider.set',
  'provider.removed',
  'peer.changed',
]);

/** Events after which another share of the money may be this side's. */
const SHARES: ReadonlySet<EventType> = new Set([
  'node.started',
  'peer.changed',
  'peer.lost',
  'member.revoked',
  'mesh.left',
]);

/**
 * The world model: what the log says of tasks, projects, nodes, limits and the engine's own
 * confidence. A fold: `apply` is the only way in, and the same events give the same world.
 * It holds open tasks only; an ended one lives on in the log and in the store's task view.
 */
export class World {
  /** Position of the last event applied in the log of this node's own arrivals (`LoggedEvent.pos`). */
  seq = 0;
  /** The node whose log this is; null before its first event. */
  self: NodeId | null = null;
  /** Hash of the last event applied; it covers everything before it. */
  head = '';
  /** The last number that this node gave out or may not give out. */
  lastTaskNumber = 0;
  /** The blocks of numbers that are this node's in a mesh; null on a lone node. */
  slot: number | null = null;
  /** Null on a node that is in no mesh: it leads itself. */
  leadership: Leadership | null = null;
  pause: Pause | null = null;
  learned: Learned = newLearned();
  supply: Supply = newSupply();
  readonly tasks = new Map<TaskId, TaskRegisters>();
  readonly projects = new Map<ProjectId, ProjectState>();
  readonly nodes = new Map<NodeId, NodeState>();
  readonly limits = new Map<string, LimitState>();
  readonly artifacts = new Map<string, boolean>();
  readonly graph = new TaskGraph();
  /** Open tasks that failed and wait out their time before the next attempt. */
  readonly retrying = new Set<TaskId>();
  /** Tasks, open or ended, with attempts that no longer count and may still be at work (`leavingOf`). */
  readonly leaving = new Map<TaskId, TaskRegisters>();
  /** When open tasks were last told to move to another node, ms. */
  readonly moved = new Map<TaskId, number>();
  /** What the graph's order goes by. */
  planned: PlannedDurations = NOTHING_PLANNED;
  private readonly active = new Map<ProjectId, number>();

  /** Takes in one event of this node's log. Returns what it did to a task, if anything. */
  apply(event: LoggedEvent): TaskChange | null {
    const { body } = event;
    this.seq = event.pos;
    this.self = event.node;
    this.head = event.hash;
    this.learned = foldLearned(this.learned, event, (id) => this.tasks.get(id), this.nodesUp);
    this.supply = foldSupply(this.supply, event);
    this.foldNode(event);
    this.foldPause(event);
    foldLimits(this.limits, event);
    this.foldMoves(event);
    const projectId = projectOf(body);
    if (projectId !== null) this.foldProjects(event, projectId);
    const id = taskOf(body);
    const change = id === null ? null : this.foldTasks(event, id);
    if (change && (body.type === 'attempt.passed' || body.type === 'attempt.failed')) {
      this.replan(workKind(change.task.spec));
    }
    return change;
  }

  /**
   * Learns from an event of another node's log, which changes no task here: tasks come by `put`.
   * `ended` gives the registers of a task that is no longer open.
   */
  observe(event: LoggedEvent, ended: (id: TaskId) => TaskRegisters | undefined): void {
    const task = (id: TaskId) => this.tasks.get(id) ?? ended(id);
    this.learned = foldLearned(this.learned, event, task, this.nodesUp);
    this.supply = observeSupply(this.supply, event);
    const id = taskOf(event.body);
    const about = id === null ? undefined : task(id);
    if (about && event.body.type === 'attempt.passed') this.replan(workKind(about.spec));
    const project = about && this.projects.get(about.spec.project);
    if (project) this.projects.set(about.spec.project, foldGates(project, about, event));
  }

  /**
   * Takes in tasks as the replicated document has them. What ended elsewhere before it was known here
   * is no change.
   */
  put(tasks: readonly TaskRegisters[], atMs: number): TaskChange[] {
    const fresh = tasks.filter(
      (task) => !this.tasks.has(task.spec.id) && !hasEnded(statusOf(task)),
    );
    enterGraph(
      this.graph,
      fresh.map((task) => toGraphTask(task, this.plannedMs(task.spec))),
      (id) => this.graphTask(id),
    );
    for (const { assignment } of tasks) if (assignment) this.hearOf(assignment.node, atMs);
    return tasks.flatMap((task) => {
      const known = this.tasks.get(task.spec.id) ?? null;
      if (!known && !fresh.includes(task)) {
        this.noteLeaving(task);
        return [];
      }
      if (known) this.relink(known, task);
      return [this.change(known, task, atMs)];
    });
  }

  /** A node that has work and was never seen here is gone as far as this one knows: its work is given up in time. */
  private hearOf(id: NodeId, atMs: number): void {
    if (this.nodes.has(id)) return;
    const none = { agent: 0, cheap: 0 };
    this.nodes.set(id, {
      ...{ id, up: false, downSinceMs: atMs, version: '', capabilities: [] },
      ...{ concurrency: none, limits: Limits.parse({}), used: none },
    });
  }

  /** Lets go of a task that left the replicated document: it ended, and the log tells how. */
  drop(id: TaskId): void {
    this.leaving.delete(id);
    const known = this.tasks.get(id);
    if (!known) return;
    const before = statusOf(known);
    if (ACTIVE.includes(before)) {
      this.active.set(known.spec.project, this.activeIn(known.spec.project) - 1);
      this.useSlot(known.spec, this.holderOf(known, before), -1);
    }
    this.forget(id);
  }

  /** Takes in a project of which another node is the home; null: it is gone. */
  putProject(id: ProjectId, shared: SharedProject | null): void {
    if (!shared) {
      this.projects.delete(id);
      return;
    }
    const known = this.projects.get(id);
    this.projects.set(id, adoptProject(known, shared));
    // Whose slots its results occupy depends on where its home is.
    if (known?.home !== shared.home)
      for (const node of this.nodes.values())
        this.nodes.set(node.id, { ...node, used: this.slotsUsedOn(node.id) });
    for (const [artifact, exists] of Object.entries(shared.artifacts))
      this.setArtifact(id, artifact, exists);
  }

  /** The artifacts of a project that were looked for. */
  artifactsOf(id: ProjectId): Record<string, boolean> {
    const prefix = `${id}\n`;
    return Object.fromEntries(
      [...this.artifacts]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, exists]) => [key.slice(prefix.length), exists]),
    );
  }

  private setArtifact(id: ProjectId, artifact: string, exists: boolean): void {
    this.artifacts.set(`${id}\n${artifact}`, exists);
    this.graph.setArtifact(id, artifact, exists);
  }

  /** Takes in what another node's human set for all of them. */
  putPolicy(policy: {
    readonly budget?: BudgetSetting;
    readonly pause?: Pause | null;
    readonly planned?: PlannedDurations;
  }): void {
    if (policy.planned) this.plan(policy.planned);
    if (policy.budget) this.supply = setBudget(this.supply, policy.budget);
    if (policy.pause !== undefined) this.pause = policy.pause;
  }

  /** Takes in questions as the replicated document has them: the open ones, and answers to permissions. */
  putApprovals(approvals: readonly Approval[]): void {
    this.supply = { ...this.supply, approvals };
  }

  /** The id for a new task, or for the `index`-th of several; it is taken once the task is added. */
  freshTaskId(index = 0): TaskId {
    return taskId(nthNumber(this.lastTaskNumber, this.slot, index));
  }

  /** As `freshTaskId`. */
  freshApprovalId(index = 0): ApprovalId {
    return approvalId(nthNumber(this.supply.lastApproval, this.slot, index));
  }

  /** Whether this node plans: it is alone, or the others look to it. */
  get leads(): boolean {
    return this.leadership === null || this.leadership.leader === this.leadership.self;
  }

  /** Whether a project's repository is on this node. */
  isHome(project: ProjectId): boolean {
    const home = this.projects.get(project)?.home;
    return home === undefined || this.self === null || home === this.self;
  }

  /** What confidence allows at this time (D6). */
  autonomy(nowMs: number): WorldAutonomy {
    const confidence = confidenceAt(this.learned.confidence, nowMs);
    const paused = isPaused(this.learned.confidence, nowMs);
    return {
      confidence,
      level: autonomyOf(confidence, paused),
      ...autonomyLimits(confidence, paused),
    };
  }

  /** The estimate by which the queue is ordered, ms: alike on all nodes, unlike what each has learned. */
  plannedMs(spec: TaskSpec): number {
    return this.planned.byKind[workKind(spec)] ?? spec.estimateMs;
  }

  /** The estimate that the engine decides with, ms (Q8). */
  estimateMs(spec: TaskSpec, node: NodeId | null): number {
    return estimateMs(this.learned.durations, workKind(spec), node, spec.estimateMs);
  }

  /** Tasks of the project that are at work or about to merge. */
  activeIn(project: ProjectId): number {
    return this.active.get(project) ?? 0;
  }

  private foldTasks(event: LoggedEvent, id: TaskId) {
    const { body } = event;
    const known = this.tasks.get(id) ?? null;
    let task: TaskRegisters;
    if (body.type === 'task.added') {
      task = newTask(body.spec);
      this.lastTaskNumber = Math.max(this.lastTaskNumber, taskNumber(id));
      this.graph.add([toGraphTask(task, this.plannedMs(body.spec))]);
    } else if (body.type === 'task.retried') {
      task = retriedTask(body);
      this.graph.add([toGraphTask(task, this.plannedMs(body.spec))]);
    } else if (known) {
      task = foldTask(known, event);
      if (task === known) return null;
      if (body.type === 'task.linked') this.graph.link(id, body.dependency);
    } else {
      return this.foldLeaving(event, id);
    }
    const change = this.change(known, task, event.atMs);
    const project = this.projects.get(task.spec.project);
    if (project) this.projects.set(task.spec.project, foldGates(project, task, event));
    return change;
  }

  /** A task that has ended changes no more, but for what becomes of attempts that were under way. */
  private foldLeaving(event: LoggedEvent, id: TaskId): TaskChange | null {
    const previous = this.leaving.get(id);
    if (!previous || !ATTEMPT_ENDS.has(event.body.type)) return null;
    const task = foldTask(previous, event);
    this.noteLeaving(task);
    return { task, status: statusOf(task), before: statusOf(previous), previous };
  }

  private noteLeaving(task: TaskRegisters): void {
    const { id } = task.spec;
    if (leavingOf(task).length > 0) this.leaving.set(id, task);
    else this.leaving.delete(id);
  }

  /** Puts a task's registers in the place of those known, and all that follows from them in step. */
  private change(known: TaskRegisters | null, task: TaskRegisters, atMs: number): TaskChange {
    const before = known ? statusOf(known) : null;
    const status = statusOf(task);
    this.move(known, before, task, status);
    const project = this.projects.get(task.spec.project);
    if (project)
      this.projects.set(
        task.spec.project,
        foldTaskIntoProject(project, task, before, status, atMs),
      );
    return { task, status, before, previous: known };
  }

  private move(
    known: TaskRegisters | null,
    before: TaskStatus | null,
    task: TaskRegisters,
    status: TaskStatus,
  ): void {
    const { id, project } = task.spec;
    const wasActive = before !== null && ACTIVE.includes(before);
    const isActive = ACTIVE.includes(status);
    if (isActive !== wasActive) {
      if (isActive) this.graph.start(id);
      else this.graph.stop(id);
      this.active.set(project, this.activeIn(project) + (isActive ? 1 : -1));
    }
    this.useSlot(task.spec, known && before ? this.holderOf(known, before) : null, -1);
    this.useSlot(task.spec, this.holderOf(task, status), 1);
    if (status === 'open' && task.attempts.length > 0) this.retrying.add(id);
    else this.retrying.delete(id);
    if (hasEnded(status)) this.forget(id);
    else this.tasks.set(id, task);
    this.noteLeaving(task);
  }

  private forget(id: TaskId): void {
    this.tasks.delete(id);
    this.retrying.delete(id);
    this.moved.delete(id);
    this.graph.end(id);
    this.supply = forgetTaskIn(this.supply, id);
  }

  private graphTask(id: TaskId): GraphTask | null {
    const task = this.tasks.get(id);
    return task ? toGraphTask(task, this.plannedMs(task.spec)) : null;
  }

  /** Has the graph follow dependencies that another node added. */
  private relink(known: TaskRegisters, task: TaskRegisters): void {
    const before = new Set(known.addedDependencies.map((each) => JSON.stringify(each)));
    if (task.addedDependencies.every((each) => before.has(JSON.stringify(each)))) return;
    const { id } = task.spec;
    const running = this.graph.isRunning(id);
    this.graph.end(id);
    enterGraph(this.graph, [toGraphTask(task, this.plannedMs(task.spec))], (each) =>
      this.graphTask(each),
    );
    if (running) this.graph.start(id);
  }

  /** The node of which the task occupies a slot. What its project's home merges no longer needs another node. */
  private holderOf({ spec, assignment }: TaskRegisters, status: TaskStatus): NodeId | null {
    if (!assignment || !ACTIVE.includes(status)) return null;
    const home = this.projects.get(spec.project)?.home ?? assignment.node;
    return status === 'merging' && home !== assignment.node ? null : assignment.node;
  }

  private useSlot(spec: TaskSpec, holder: NodeId | null, by: 1 | -1): void {
    const node = holder === null ? undefined : this.nodes.get(holder);
    if (!node) return;
    const pool = poolOf(spec);
    this.nodes.set(node.id, {
      ...node,
      used: { ...node.used, [pool]: Math.max(0, node.used[pool] + by) },
    });
  }

  private foldProjects(event: LoggedEvent, id: ProjectId): void {
    const { body } = event;
    if (body.type === 'project.removed') {
      this.projects.delete(id);
      return;
    }
    if (body.type === 'project.added') {
      this.lastTaskNumber = Math.max(this.lastTaskNumber, body.taskFloor);
    }
    if (body.type === 'artifact.observed') {
      this.setArtifact(id, body.artifact, body.exists);
    }
    const next = foldProject(this.projects.get(id), event);
    if (next) this.projects.set(id, next);
  }

  private foldNode(event: LoggedEvent): void {
    const { body, node: self, atMs } = event;
    if ('node' in body && body.node !== undefined && NODE_EVENTS.has(body.type)) {
      const node = foldNode(this.nodes.get(body.node), event);
      if (node) this.nodes.set(node.id, node);
    }
    switch (body.type) {
      case 'node.started':
        // A scan does not outlive the process that ran it.
        for (const [key, project] of this.projects)
          this.projects.set(key, { ...project, scanning: false });
        // Nor does what it saw of others.
        if (this.leadership) {
          this.leadership = { ...this.leadership, leader: null };
          for (const id of this.nodes.keys()) if (id !== self) this.setDown(id, atMs);
        }
        this.labelAgents(true);
        break;
      case 'peer.changed': {
        const limits = this.nodes.get(self)?.limits ?? Limits.parse({});
        const used = this.slotsUsedOn(body.peer);
        this.nodes.set(body.peer, foldPeer(this.nodes.get(body.peer), body, atMs, limits, used));
        break;
      }
      case 'peer.lost':
        this.setDown(body.peer, atMs);
        break;
      case 'mesh.entered':
        this.slot = body.slot;
        this.lastTaskNumber = Math.max(this.lastTaskNumber, body.floor);
        this.leadership = { self, leader: null, term: 0, reason: 'the mesh was just entered' };
        break;
      case 'mesh.left':
        this.leadership = null;
        for (const id of this.nodes.keys()) if (id !== self) this.nodes.delete(id);
        break;
      case 'leader.changed': {
        // Said while the links ended, after it had left: whoever is in no mesh leads itself.
        if (this.leadership === null) break;
        const term = Math.max(this.leadership?.term ?? 0, body.term);
        this.leadership = { self, leader: body.leader, term, reason: body.reason };
        break;
      }
      default:
    }
    // A node that left or was put out goes on alone: it is still there for itself.
    if (body.type === 'member.revoked' && body.peer !== self) this.nodes.delete(body.peer);
    if (SUPPLIES.has(body.type)) this.labelAgents(false);
    if (SHARES.has(body.type)) this.reshare(self, atMs);
  }

  /** Each side of a mesh that is cut in two spends its share of what is left. */
  private reshare(self: NodeId, atMs: number): void {
    const spenders = [...this.nodes.values()].filter(
      ({ id }) =>
        this.leadership !== null && (id === self || choicesOn(this.supply, id).length > 0),
    );
    const up = spenders.filter((node) => node.up).length;
    const spend = observeShare(this.supply.spend, up, spenders.length, atMs);
    if (spend !== this.supply.spend) this.supply = { ...this.supply, spend };
  }

  private get nodesUp(): number {
    let up = 0;
    for (const node of this.nodes.values()) if (node.up) up += 1;
    return up;
  }

  private setDown(id: NodeId, atMs: number): void {
    const node = this.nodes.get(id);
    if (node?.up) this.nodes.set(id, { ...node, up: false, downSinceMs: atMs });
  }

  private slotsUsedOn(id: NodeId): NodeState['used'] {
    const used = { agent: 0, cheap: 0 };
    for (const task of this.tasks.values())
      if (this.holderOf(task, statusOf(task)) === id) used[poolOf(task.spec)] += 1;
    return used;
  }

  /** A node can do agent tasks when one of its agents has a model to call; `keep`: or when it says so itself. */
  private labelAgents(keep: boolean): void {
    for (const node of this.nodes.values()) {
      const others = node.capabilities.filter((label) => label !== AGENT_CAPABILITY);
      const declared = keep && others.length < node.capabilities.length;
      const can = declared || choicesOn(this.supply, node.id).length > 0;
      this.nodes.set(node.id, {
        ...node,
        capabilities: can ? [...others, AGENT_CAPABILITY] : others,
      });
    }
  }

  private foldPause({ body }: LoggedEvent): void {
    if (body.type === 'builds.resumed') this.pause = null;
    if (body.type === 'builds.paused')
      this.pause = { by: body.by, who: body.who, reason: body.reason, untilMs: body.untilMs };
  }

  private foldMoves({ body }: LoggedEvent): void {
    if (body.type !== 'decision.made') return;
    for (const { action, selected } of body.decision.candidates) {
      if (selected && action.kind === 'move') this.moved.set(action.task, body.decision.atMs);
    }
  }

  /** The one who leads says how long work takes; on a lone node that is this one. */
  private replan(kind: WorkKind): void {
    if (!this.leads) return;
    const term = this.leadership?.term ?? 0;
    this.plan(planWith(this.planned, this.learned.durations, kind, term));
  }

  private plan(planned: PlannedDurations): void {
    if (planned === this.planned) return;
    const before = this.planned.byKind;
    this.planned = planned;
    for (const { spec } of this.tasks.values()) {
      const kind = workKind(spec);
      if (planned.byKind[kind] !== before[kind])
        this.graph.setEstimate(spec.id, this.plannedMs(spec));
    }
  }

  /** The world as plain data, for a snapshot at this log position. */
  toJSON(): WorldData {
    return {
      seq: this.seq,
      self: this.self,
      head: this.head,
      lastTaskNumber: this.lastTaskNumber,
      slot: this.slot,
      leadership: this.leadership,
      pause: this.pause,
      learned: this.learned,
      supply: this.supply,
      tasks: [...this.tasks.values()],
      leaving: [...this.leaving.values()].filter(({ spec }) => !this.tasks.has(spec.id)),
      projects: [...this.projects],
      nodes: [...this.nodes],
      limits: [...this.limits],
      artifacts: [...this.artifacts],
      moved: [...this.moved],
      planned: this.planned,
    };
  }

  /** The world that `toJSON` described. */
  static from(data: WorldData): World {
    const world = new World();
    world.seq = data.seq;
    world.self = data.self ?? null;
    world.head = data.head;
    world.lastTaskNumber = data.lastTaskNumber;
    world.slot = data.slot ?? null;
    world.leadership = data.leadership ?? null;
    world.pause = data.pause;
    world.learned = data.learned;
    world.supply = data.supply;
    for (const [key, value] of data.projects) world.projects.set(key, value);
    for (const [key, value] of data.nodes) world.nodes.set(key, value);
    for (const [key, value] of data.limits) world.limits.set(key, value);
    world.planned = data.planned;
    for (const task of data.tasks) world.tasks.set(task.spec.id, task);
    for (const task of [...data.tasks, ...(data.leaving ?? [])]) world.noteLeaving(task);
    for (const [key, value] of data.moved) world.moved.set(key, value);
    enterGraph(
      world.graph,
      data.tasks.map((task) => toGraphTask(task, world.plannedMs(task.spec))),
      (id) => world.graphTask(id),
    );
    for (const [key, exists] of data.artifacts) {
      const [project, artifact] = key.split('\n') as [ProjectId, string];
      world.artifacts.set(key, exists);
      world.graph.setArtifact(project, artifact, exists);
    }
    for (const task of data.tasks) {
      const status = statusOf(task);
      if (status === 'open' && task.attempts.length > 0) world.retrying.add(task.spec.id);
      if (!ACTIVE.includes(status)) continue;
      world.graph.start(task.spec.id);
      world.active.set(task.spec.project, world.activeIn(task.spec.project) + 1);
    }
    return world;
  }
}

export interface WorldData {
  readonly seq: number;
  readonly self?: NodeId | null;
  readonly head: string;
  readonly lastTaskNumber: number;
  /** Absent in snapshots from before there was a mesh. */
  readonly slot?: number | null;
  readonly leadership?: Leadership | null;
  readonly pause: Pause | null;
  readonly learned: Learned;
  readonly supply: Supply;
  readonly tasks: readonly TaskRegisters[];
  /** Ended ones; absent in older snapshots. */
  readonly leaving?: readonly TaskRegisters[];
  readonly projects: readonly (readonly [ProjectId, ProjectState])[];
  readonly nodes: readonly (readonly [NodeId, NodeState])[];
  readonly limits: readonly (readonly [string, LimitState])[];
  readonly artifacts: readonly (readonly [string, boolean])[];
  readonly moved: readonly (readonly [TaskId, number])[];
  readonly planned: PlannedDurations;
}

import type { TaskGraph } from '../graph/taskGraph.ts';
import { autonomyAt, type AutonomyNow } from '../learn/confidence.ts';
import { estimateMs } from '../learn/durations.ts';
import { approvalId, type Approval } from '../model/approval.ts';
import type { BudgetSetting } from '../model/budget.ts';
import { projectOf, taskOf, type LoggedEvent } from '../model/events.ts';
import {
  taskId,
  taskNumber,
  type ApprovalId,
  type NodeId,
  type ProjectId,
  type TaskId,
} from '../model/ids.ts';
import { hasEnded, type TaskRegisters } from '../model/registers.ts';
import { workKind, type TaskSpec, type WorkKind } from '../model/task.ts';
import { labelAgents, shareMoney } from './agentNodes.ts';
import { foldLimits, type LimitState } from './foldLimits.ts';
import { foldNodes, hearOf } from './foldNodes.ts';
import { foldGates, foldProject, foldTaskIntoProject } from './foldProject.ts';
import { foldLeadership, type Leadership } from './leadership.ts';
import { foldLearned, newLearned, type Learned } from './learned.ts';
import type { NodeState } from './node.ts';
import { nthNumber } from './numbering.ts';
import { OpenTasks, type TaskChange } from './openTasks.ts';
import { foldPause, type Pause } from './pause.ts';
import { planWith, type PlannedDurations } from './planned.ts';
import type { ProjectState } from './project.ts';
import { adoptProject, type SharedProject } from './sharedProject.ts';
import { freeSlot, moveSlot, slotsUsedOn } from './slots.ts';
import {
  foldSupply,
  forgetTaskIn,
  newSupply,
  observeSupply,
  setBudget,
  type Supply,
} from './supply.ts';
import type { WorldData } from './worldData.ts';

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
  /** It alone changes the four below. */
  private readonly open = new OpenTasks();
  readonly tasks: ReadonlyMap<TaskId, TaskRegisters> = this.open.byId;
  readonly graph: TaskGraph = this.open.graph;
  readonly retrying: ReadonlySet<TaskId> = this.open.retrying;
  readonly leaving: ReadonlyMap<TaskId, TaskRegisters> = this.open.leaving;
  readonly projects = new Map<ProjectId, ProjectState>();
  readonly nodes = new Map<NodeId, NodeState>();
  readonly limits = new Map<string, LimitState>();
  readonly artifacts = new Map<string, boolean>();
  /** When open tasks were last told to move to another node, ms. */
  readonly moved = new Map<TaskId, number>();

  /** Takes in one event of this node's log. Returns what it did to a task, if anything. */
  apply(event: LoggedEvent): TaskChange | null {
    const { body } = event;
    this.seq = event.pos;
    this.self = event.node;
    this.head = event.hash;
    this.learned = foldLearned(this.learned, event, (id) => this.tasks.get(id), this.nodesUp);
    this.supply = foldSupply(this.supply, event);
    this.pause = foldPause(this.pause, event);
    foldLimits(this.limits, event);
    this.foldMoves(event);
    // What becomes of nodes is of no project, and most events are of one.
    const projectId = projectOf(body);
    if (projectId === null) this.foldMesh(event);
    else this.foldProjects(event, projectId);
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
    if (!about) return;
    if (event.body.type === 'attempt.passed') this.replan(workKind(about.spec));
    this.foldGates(about, event);
  }

  /**
   * Takes in tasks as the replicated document has them. What ended elsewhere before it was known here
   * is no change.
   */
  put(tasks: readonly TaskRegisters[], atMs: number): TaskChange[] {
    const changes = this.open.put(tasks);
    for (const { assignment } of tasks) if (assignment) hearOf(this.nodes, assignment.node, atMs);
    for (const change of changes) this.follow(change, atMs);
    return changes;
  }

  /** Lets go of a task that left the replicated document: it ended, and the log tells how. */
  drop(id: TaskId): void {
    const task = this.open.drop(id);
    if (!task) return;
    freeSlot(this.nodes, this.projects, task);
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

  /** Takes in what another node's human set for all of them. */
  putPolicy(policy: {
    readonly budget?: BudgetSetting;
    readonly pause?: Pause | null;
    readonly planned?: PlannedDurations;
  }): void {
    if (policy.planned) this.open.plan(policy.planned);
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
  autonomy(nowMs: number): AutonomyNow {
    return autonomyAt(this.learned.confidence, nowMs);
  }

  /** What the queue's order goes by. */
  get planned(): PlannedDurations {
    return this.open.planned;
  }

  /** The estimate by which the queue is ordered, ms: alike on all nodes, unlike what each has learned. */
  plannedMs(spec: TaskSpec): number {
    return this.open.plannedMs(spec);
  }

  /** The estimate that the engine decides with, ms (Q8). */
  estimateMs(spec: TaskSpec, node: NodeId | null): number {
    return estimateMs(this.learned.durations, workKind(spec), node, spec.estimateMs);
  }

  /** Tasks of the project that are at work or about to merge. */
  activeIn(project: ProjectId): number {
    return this.open.activeIn(project);
  }

  private foldTasks(event: LoggedEvent, id: TaskId): TaskChange | null {
    if (event.body.type === 'task.added')
      this.lastTaskNumber = Math.max(this.lastTaskNumber, taskNumber(id));
    const change = this.open.apply(event, id);
    if (!change) return null;
    this.follow(change, event.atMs);
    this.foldGates(change.task, event);
    return change;
  }

  /** Brings all else in step with a task that changed. */
  private follow(change: TaskChange, atMs: number): void {
    const { task, status, before } = change;
    // One that had ended uses no slot any more, and was counted then.
    if (before !== null && hasEnded(before)) return;
    moveSlot(this.nodes, this.projects, change);
    if (hasEnded(status)) this.forget(task.spec.id);
    const { project: id } = task.spec;
    const project = this.projects.get(id);
    if (project) this.projects.set(id, foldTaskIntoProject(project, task, before, status, atMs));
  }

  /** Lets go of what was kept for a task while it was open. */
  private forget(id: TaskId): void {
    this.moved.delete(id);
    this.supply = forgetTaskIn(this.supply, id);
  }

  private foldGates(task: TaskRegisters, event: LoggedEvent): void {
    const { project: id } = task.spec;
    const project = this.projects.get(id);
    if (project) this.projects.set(id, foldGates(project, task, event));
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

  private setArtifact(id: ProjectId, artifact: string, exists: boolean): void {
    this.artifacts.set(`${id}\n${artifact}`, exists);
    this.graph.setArtifact(id, artifact, exists);
  }

  /** Who is there, who leads, and what follows from it for the work of agents. */
  private foldMesh(event: LoggedEvent): void {
    const { body } = event;
    if (body.type === 'mesh.entered') {
      this.slot = body.slot;
      this.lastTaskNumber = Math.max(this.lastTaskNumber, body.floor);
    }
    if (body.type === 'node.started') {
      // A scan does not outlive the process that ran it.
      for (const [id, project] of this.projects)
        this.projects.set(id, { ...project, scanning: false });
    }
    this.leadership = foldLeadership(this.leadership, event);
    const inMesh = this.leadership !== null;
    foldNodes(this.nodes, event, inMesh, (id) => this.slotsUsedOn(id));
    labelAgents(this.nodes, this.supply, event);
    this.supply = shareMoney(this.supply, this.nodes, event, inMesh);
  }

  private slotsUsedOn(id: NodeId): NodeState['used'] {
    return slotsUsedOn(id, this.tasks.values(), this.projects);
  }

  private get nodesUp(): number {
    let up = 0;
    for (const node of this.nodes.values()) if (node.up) up += 1;
    return up;
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
    this.open.plan(planWith(this.planned, this.learned.durations, kind, term));
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
    for (const [key, value] of data.moved) world.moved.set(key, value);
    world.open.plan(data.planned);
    world.open.restore(data.tasks, data.leaving ?? []);
    for (const [key, exists] of data.artifacts) {
      const [project, artifact] = key.split('\n') as [ProjectId, string];
      world.setArtifact(project, artifact, exists);
    }
    return world;
  }
}

import { decide } from '../shared/decide/decide.ts';
import { Concurrency, Limits } from '../shared/model/config.ts';
import type { EventBody } from '../shared/model/events.ts';
import { CommitId, NodeId, ProjectId, taskId, type TaskId } from '../shared/model/ids.ts';
import { NO_TESTS, type Project } from '../shared/model/project.ts';
import type { Dependency, TaskSpec } from '../shared/model/task.ts';
import { World } from '../shared/world/world.ts';
import { seeded } from './lib.ts';

const START_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const PROJECTS = 10;
/** A task waits for up to this many of the tasks shortly before it. */
const MOST_DEPENDENCIES = 3;
const REACH = 200;
const ENGINE = NodeId.parse('n-1');
/** Types that take turns, so that what is learned of one does not touch all estimates. */
const TYPES = ['implementation', 'test', 'fix', 'refactor', 'cleanup', 'docs'] as const;

/** A world of many tasks and nodes, brought about by events as in the product. */
export class Fleet {
  readonly world = new World();
  nowMs = START_MS;
  private readonly random = seeded(7);
  private readonly agents: boolean;
  private readonly started: TaskId[] = [];
  private last = 0;

  constructor(options: { nodes: number; tasks: number; agents: boolean }) {
    this.agents = options.agents;
    for (let at = 1; at <= options.nodes; at += 1) this.addNode(NodeId.parse(`n-${at}`));
    for (let at = 0; at < PROJECTS; at += 1) this.addProject(projectId(at));
    for (let at = 0; at < options.tasks; at += 1) this.addTask();
  }

  /** Adds a task that waits for some of those before it. */
  addTask(): void {
    this.last += 1;
    const id = taskId(this.last);
    const project = projectId(this.last % PROJECTS);
    this.apply({ type: 'task.added', task: id, project, spec: this.specOf(id, project) });
  }

  /** Starts what a decision would start. */
  dispatchAll(): void {
    this.world.graph.advance(this.nowMs);
    for (const { task, project, attempt, node, worth, priority, timeoutMs, estimateMs } of decide(
      this.world,
      this.nowMs,
      'bench',
    ).dispatches) {
      this.apply({
        type: 'task.dispatched',
        task,
        project,
        assignment: {
          attempt,
          node,
          term: 0,
          by: node,
          atMs: this.nowMs,
          timeoutMs,
          fallbacks: [],
          expected: { pSuccess: worth.pSuccess, durationMs: estimateMs },
        },
        score: worth.score,
        reason: '',
        priority,
        alternatives: [],
      });
      const executor = this.agents ? 'agent' : 'command';
      this.apply({
        type: 'attempt.started',
        task,
        project,
        attempt,
        node,
        executor,
        base: null,
        prepareMs: 0,
        log: null,
      });
      this.started.push(task);
    }
  }

  /** The task that has run longest ends well. */
  finishOldest(): void {
    const task = this.started.shift();
    const project = task && this.world.tasks.get(task)?.spec.project;
    if (!task || !project) throw new Error('nothing runs');
    this.nowMs += MINUTE_MS;
    this.apply({
      type: 'attempt.passed',
      task,
      project,
      attempt: 1,
      commit: null,
      needsReview: null,
      quality: 0.9,
      durationMs: MINUTE_MS * (1 + this.random()),
    });
  }

  /** A ready task is cancelled, so that others move up. */
  cancelReady(): void {
    const task = this.world.graph.ready().next().value;
    const project = task && this.world.tasks.get(task)?.spec.project;
    if (!task || !project) throw new Error('nothing is ready');
    this.nowMs += 1;
    this.apply({ type: 'task.cancelled', task, project, who: 'bench', reason: '' });
  }

  private specOf(id: TaskId, project: ProjectId): TaskSpec {
    const dependencies = new Map<TaskId, Dependency>();
    const wanted = this.last <= REACH ? 0 : Math.floor(this.random() * (MOST_DEPENDENCIES + 1));
    for (let at = 0; at < wanted; at += 1) {
      const task = taskId(this.last - 1 - Math.floor(this.random() * REACH));
      dependencies.set(task, { type: 'ordering', task });
    }
    return {
      id,
      project,
      title: `Task ${this.last}`,
      type: TYPES[this.last % TYPES.length] ?? 'fix',
      instructions: '',
      acceptance: [],
      deliverables: [],
      references: [],
      scope: [`src/part-${this.last}/**`],
      estimateMs: Math.round((1 + 20 * this.random()) * MINUTE_MS),
      weight: 0,
      capabilities: [],
      risk: 'low',
      review: false,
      dependencies: [...dependencies.values()],
      executor:
        this.agents && this.last % 2 === 0 ? { kind: 'agent' } : { kind: 'command', run: 'true' },
      origin: { kind: 'human', who: 'bench' },
      scores: { specificity: 1, complexity: 0, notes: [] },
      createdBy: ENGINE,
      createdAtMs: this.nowMs,
    };
  }

  private addNode(node: NodeId): void {
    this.apply({
      type: 'node.started',
      node,
      version: '0',
      concurrency: Concurrency.parse({}),
      capabilities: this.agents ? ['agent'] : [],
      limits: Limits.parse({ agentTasksPerHour: 10_000, cheapTasksPerHour: 10_000_000 }),
    });
  }

  private addProject(project: ProjectId): void {
    const definition: Project = {
      id: project,
      path: `/${project}`,
      target: 'main',
      profile: {
        packageManager: 'npm',
        install: null,
        test: null,
        lint: null,
        formatter: null,
        language: 'typescript',
        ignore: [],
        review: false,
        testTimeoutMs: MINUTE_MS,
        notes: [],
        sources: {},
      },
    };
    this.apply({ type: 'project.added', project, definition, taskFloor: 0 });
    const commit = CommitId.parse('0'.repeat(40));
    this.apply({ type: 'baseline.recorded', project, baseline: { commit, tests: NO_TESTS } });
  }

  private apply(body: EventBody): void {
    const seq = this.world.seq + 1;
    this.world.apply({
      node: ENGINE,
      seq,
      clock: seq,
      pos: seq,
      atMs: this.nowMs,
      prev: '',
      hash: String(seq),
      body,
    });
  }
}

function projectId(number: number): ProjectId {
  return ProjectId.parse(`project-${number}`);
}

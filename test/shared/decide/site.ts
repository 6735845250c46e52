import { decide, type Dispatch, type Plan } from '../../../shared/decide/decide.ts';
import { Concurrency, Limits } from '../../../shared/model/config.ts';
import type { EventBody, LoggedEvent } from '../../../shared/model/events.ts';
import { CommitId, NodeId, ProjectId, taskId, type TaskId } from '../../../shared/model/ids.ts';
import { NO_TESTS, type Project } from '../../../shared/model/project.ts';
import type { Dependency, TaskSpec } from '../../../shared/model/task.ts';
import { World } from '../../../shared/world/world.ts';

/** A world that tests bring about by events, with the hash chain left out. */

export const START_MS = Date.UTC(2026, 10, 21, 12);
export const MINUTE = 60_000;
export const app = ProjectId.parse('app');
export const mac = NodeId.parse('mac-1');
export const commit = CommitId.parse('a'.repeat(40));
export const T = taskId;
export const after = (number: number): Dependency => ({ type: 'ordering', task: taskId(number) });

const definition: Project = {
  id: app,
  path: '/app',
  target: 'main',
  profile: {
    packageManager: 'npm',
    install: null,
    test: null,
    lint: null,
    formatter: null,
    language: 'javascript',
    ignore: [],
    review: false,
    testTimeoutMs: MINUTE,
    notes: [],
    sources: {},
  },
};

interface NodeOptions {
  cheap?: number;
  agent?: number;
  capabilities?: string[];
  limits?: Partial<Limits>;
}

export class Site {
  readonly world = new World();
  readonly events: LoggedEvent[] = [];
  nowMs = START_MS;

  /** A site with one project and, unless told otherwise, one node without an agent. */
  static with(node: NodeOptions | null = {}): Site {
    const site = new Site();
    if (node) site.node(mac, node);
    site.add({ type: 'project.added', project: app, definition, taskFloor: 0 });
    return site.add({
      type: 'baseline.recorded',
      project: app,
      baseline: { commit, tests: NO_TESTS },
    });
  }

  node(
    node: NodeId,
    { cheap = 1, agent = 1, capabilities = [], limits = {} }: NodeOptions = {},
  ): this {
    return this.add({
      type: 'node.started',
      node,
      version: '1',
      concurrency: Concurrency.parse({ cheap, agent }),
      capabilities,
      limits: Limits.parse(limits),
    });
  }

  add(body: EventBody): this {
    const seq = this.events.length + 1;
    const place = { seq, clock: seq, pos: seq };
    const event = { node: mac, ...place, atMs: this.nowMs, prev: '', hash: `hash-${seq}`, body };
    this.events.push(event);
    this.world.apply(event);
    return this;
  }

  wait(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  task(number: number, changes: Partial<TaskSpec> = {}): this {
    const id = taskId(number);
    const spec: TaskSpec = {
      id,
      project: app,
      title: `Task ${number}`,
      type: 'command',
      instructions: '',
      acceptance: [],
      deliverables: [],
      references: [],
      scope: [`src/${number}/**`],
      estimateMs: MINUTE,
      weight: 0,
      capabilities: [],
      risk: 'low',
      review: false,
      dependencies: [],
      executor: { kind: 'command', run: 'true' },
      origin: { kind: 'human', who: 'alex' },
      scores: { specificity: 1, complexity: 0, notes: [] },
      createdBy: mac,
      createdAtMs: this.nowMs,
      ...changes,
    };
    return this.add({ type: 'task.added', task: id, project: spec.project, spec });
  }

  decide(): Plan {
    this.world.graph.advance(this.nowMs);
    return decide(this.world, this.nowMs, 'test');
  }

  /** Decides and starts what was decided. */
  start(): readonly TaskId[] {
    const { dispatches } = this.decide();
    for (const dispatch of dispatches) this.begin(dispatch);
    return dispatches.map((dispatch) => dispatch.task);
  }

  passed(number: number, durationMs = MINUTE): this {
    const task = taskId(number);
    return this.add({
      type: 'attempt.passed',
      task,
      project: app,
      attempt: this.attempts(task),
      commit: null,
      needsReview: null,
      quality: 1,
      durationMs,
    });
  }

  failed(number: number, interrupted = false): this {
    const task = taskId(number);
    return this.add({
      type: 'attempt.failed',
      task,
      project: app,
      attempt: this.attempts(task),
      failure: { class: 'external', reason: 'it broke', interrupted },
      report: '',
      durationMs: MINUTE,
    });
  }

  /** A prediction that did not come true, so many times. */
  surprised(times: number): this {
    for (let at = 0; at < times; at += 1) {
      this.add({
        type: 'prediction.checked',
        task: T(1),
        project: app,
        attempt: 1,
        expected: { pSuccess: 0.8, durationMs: MINUTE },
        actual: { success: false, durationMs: MINUTE },
        held: false,
        finding: '',
        confidence: 0,
      });
    }
    return this;
  }

  private begin({
    task,
    project,
    attempt,
    node,
    worth,
    reason,
    priority,
    timeoutMs,
    estimateMs,
    route,
  }: Dispatch): void {
    this.add({
      type: 'task.dispatched',
      task,
      project,
      assignment: {
        attempt,
        node,
        term: 0,
        atMs: this.nowMs,
        by: node,
        timeoutMs,
        fallbacks: [],
        expected: { pSuccess: worth.pSuccess, durationMs: estimateMs },
        ...(route ? { route } : {}),
      },
      score: worth.score,
      reason,
      priority,
      alternatives: [],
    });
    this.add({
      type: 'attempt.started',
      task,
      project,
      attempt,
      node,
      executor: 'command',
      base: null,
      prepareMs: 0,
      log: null,
    });
  }

  private attempts(task: TaskId): number {
    return this.world.tasks.get(task)?.attempts.at(-1)?.number ?? 1;
  }
}

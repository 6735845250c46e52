import type { TaskSummary } from '../../../shared/model/taskApi.ts';
import type { FailureClass, Verification } from '../../../shared/model/attempt.ts';
import type { Candidate, Decision, PriorityTerms } from '../../../shared/model/decision.ts';
import type { EventBody, LoggedEvent } from '../../../shared/model/events.ts';
import {
  taskId,
  type CommitId,
  type NodeId,
  type ProjectId,
  type TaskId,
} from '../../../shared/model/ids.ts';
import type { Origin, TaskSpec, TaskType } from '../../../shared/model/task.ts';

/** A small log in which tests tell the story of a task in a few words. */

export const START_MS = Date.UTC(2026, 10, 21, 12);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const mac = 'mac-1' as NodeId;
export const app = 'app' as ProjectId;
export const commit = (digits: string): CommitId => digits.padEnd(40, '0') as CommitId;

export const priority: PriorityTerms = {
  pathMinutes: 2,
  dependents: 2,
  criticalPath: 5,
  brevity: 3,
  waiting: 0,
  weight: 0,
  total: 10,
};

const gap: Origin = {
  kind: 'gap',
  detector: 'unused-file',
  fingerprint: 'f',
  evidence: 'nothing imports src/old.js',
  cycle: 3,
  score: 1,
};

export function specOf(id: TaskId, changes: Partial<TaskSpec> = {}): TaskSpec {
  return {
    id,
    project: app,
    title: 'Remove src/old.js',
    type: 'cleanup',
    instructions: '',
    acceptance: [],
    deliverables: [],
    references: [],
    scope: ['src/old.js'],
    estimateMs: 30 * SECOND,
    weight: 0,
    capabilities: [],
    risk: 'low',
    review: false,
    dependencies: [],
    executor: { kind: 'command', run: 'true' },
    origin: gap,
    scores: { specificity: 0.9, complexity: 0.1, notes: [] },
    createdBy: mac,
    createdAtMs: START_MS,
    ...changes,
  };
}

export function summaryOf(id: TaskId, changes: Partial<TaskSummary> = {}): TaskSummary {
  return {
    id,
    project: app,
    title: 'Remove src/old.js',
    type: 'cleanup',
    executor: 'command',
    status: 'open',
    attempts: 0,
    risk: 'low',
    createdAtMs: START_MS,
    endedAtMs: null,
    commit: null,
    quality: null,
    waiting: null,
    failure: null,
    ...changes,
  };
}

export class Log {
  readonly events: LoggedEvent[] = [];
  nowMs = START_MS;

  wait(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  add(body: EventBody): this {
    const seq = this.events.length + 1;
    const place = { seq, clock: seq, pos: seq };
    this.events.push({ node: mac, ...place, atMs: this.nowMs, prev: '', hash: `${seq}`, body });
    return this;
  }

  added(number: number, changes: Partial<TaskSpec> = {}): this {
    const task = taskId(number);
    return this.add({ type: 'task.added', task, project: app, spec: specOf(task, changes) });
  }

  addedByHand(number: number, type: TaskType = 'cleanup'): this {
    return this.added(number, { type, origin: { kind: 'human', who: 'alex' } });
  }

  decided(number: number, others: Candidate[] = [], latencyUs = 100): this {
    const chosen: Candidate = {
      action: { kind: 'dispatch', task: taskId(number), node: mac },
      score: 7,
      pSuccess: 0.8,
      value: 10,
      cost: 5,
      selected: true,
      reason: 'the best of them',
    };
    const decision: Decision = {
      trigger: 'task.added',
      worldHash: 'w',
      atMs: this.nowMs,
      confidence: 0.8,
      autonomy: 'full',
      openTasks: 2,
      readyTasks: 2,
      freeSlots: 1,
      candidates: [chosen, ...others],
      omitted: 0,
      latencyUs,
    };
    return this.add({ type: 'decision.made', decision });
  }

  dispatched(number: number, attempt = 1, durationMs = 30 * SECOND): this {
    return this.add({
      type: 'task.dispatched',
      task: taskId(number),
      project: app,
      assignment: {
        attempt,
        node: mac,
        term: 1,
        by: mac,
        atMs: this.nowMs,
        timeoutMs: 2 * durationMs,
        fallbacks: [],
        expected: { pSuccess: 0.8, durationMs },
      },
      score: 7,
      reason: 'longest remaining path',
      priority,
      alternatives: [],
    });
  }

  started(number: number, attempt = 1): this {
    return this.add({
      type: 'attempt.started',
      task: taskId(number),
      project: app,
      attempt,
      node: mac,
      executor: 'command',
      base: null,
      prepareMs: 40,
      log: `/logs/T-${number}-${attempt}.log`,
    });
  }

  produced(number: number, attempt: number, files: string[]): this {
    return this.add({
      type: 'attempt.produced',
      task: taskId(number),
      project: app,
      attempt,
      commit: commit('abc'),
      diff: { files, added: 1, removed: 2 },
      durationMs: SECOND,
    });
  }

  verified(number: number, attempt: number, passed: boolean): this {
    const verification: Verification = {
      passed,
      quality: passed ? 0.93 : 0.4,
      threshold: 0.6,
      parts: [],
      tests: null,
      checks: [
        {
          name: 'tests',
          verdict: passed ? 'passed' : 'failed',
          detail: passed ? 'all 12 pass' : '1 new failure',
        },
      ],
    };
    return this.add({
      type: 'attempt.verified',
      task: taskId(number),
      project: app,
      attempt,
      verification,
    });
  }

  passed(
    number: number,
    attempt: number,
    durationMs: number,
    options: { commit?: CommitId | null; needsReview?: string; quality?: number | null } = {},
  ): this {
    const { commit: made = commit('abc'), needsReview = null, quality = 0.93 } = options;
    return this.add({
      type: 'attempt.passed',
      task: taskId(number),
      project: app,
      attempt,
      commit: made,
      needsReview,
      quality,
      durationMs,
    });
  }

  failed(
    number: number,
    attempt: number,
    failureClass: FailureClass,
    reason: string,
    options: { durationMs?: number; interrupted?: boolean } = {},
  ): this {
    const { durationMs = 10 * SECOND, interrupted = false } = options;
    return this.add({
      type: 'attempt.failed',
      task: taskId(number),
      project: app,
      attempt,
      failure: { class: failureClass, reason, interrupted },
      report: `Attempt ${attempt}: ${reason}`,
      durationMs,
    });
  }

  merged(number: number, attempt = 1): this {
    return this.add({
      type: 'merge.done',
      task: taskId(number),
      project: app,
      attempt,
      commit: commit('1a2b3c4'),
      parent: commit('0'),
      rebased: false,
      recovered: false,
    });
  }
}

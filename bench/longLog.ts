import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from '../electron/node/ledger.ts';
import { MIGRATIONS } from '../electron/store/migrations.ts';
import { EventStore } from '../electron/store/store.ts';
import { Concurrency, Limits } from '../shared/model/config.ts';
import type { Candidate } from '../shared/model/decision.ts';
import type { EventBody } from '../shared/model/events.ts';
import { CommitId, NodeId, ProjectId, taskId, type TaskId } from '../shared/model/ids.ts';
import type { Project, TestReport } from '../shared/model/project.ts';
import type { TaskSpec } from '../shared/model/task.ts';
import { seeded } from './lib.ts';

/** As many events again as lie between two snapshots of a node on average, so that it starts as after a crash. */
export const LOG_EVENTS = 1_010_000;
/** Change it when the events below change: the log is kept between runs. */
const RECIPE = 2;
/** Tasks that are open at any time. */
const OPEN_TASKS = 200;
const STEP_MS = 30_000;
/** Tasks between two waits for the disk. */
const BATCH = 50;
/** Every so many tasks one fails at first, and one asks for a review. */
const FAILS_EVERY = 7;
const REVIEW_EVERY = 20;
const TYPES = ['implementation', 'test', 'fix', 'refactor', 'cleanup', 'docs'] as const;

const node = NodeId.parse('n-bench');
const project = ProjectId.parse('bench');

/** A home with a log of about a million events, made by the real ledger or found from an earlier run. */
export async function longLog(): Promise<{ home: string; tasks: number; buildMs: number | null }> {
  const key = createHash('sha256')
    .update(`${MIGRATIONS.join()}${RECIPE}${LOG_EVENTS}`)
    .digest('hex')
    .slice(0, 12);
  const home = join(tmpdir(), `vigil-bench-log-${key}`);
  const building = `${home}.building`;
  let buildMs: number | null = null;
  if (!existsSync(home)) {
    rmSync(building, { recursive: true, force: true });
    const begun = performance.now();
    await build(building);
    renameSync(building, home);
    buildMs = performance.now() - begun;
  }
  dropOlder(key);
  const store = EventStore.open(home, null);
  const tasks = store.countTasks().reduce((sum, { count }) => sum + count, 0);
  store.close();
  return { home, tasks, buildMs };
}

/** Logs of older schemas: a gigabyte each. */
function dropOlder(key: string): void {
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith('vigil-bench-log-') && !name.includes(key)) {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}

/** Makes a home with a log of at least so many events, by the real ledger. */
export async function build(home: string, events = LOG_EVENTS): Promise<void> {
  mkdirSync(home, { recursive: true });
  const store = EventStore.open(home, node);
  // It ends now, so that the report of the last 24 hours has something to tell.
  let nowMs = Date.now() - (events / 11) * STEP_MS;
  const ledger = Ledger.open(store, {
    nowMs: () => nowMs,
    after: () => ({ cancel: () => undefined }),
  });
  const random = seeded(11);
  ledger.record(...introduction(repositoryIn(home)));
  for (let number = 1; ledger.world.seq < events; number += 1) {
    nowMs += STEP_MS;
    ledger.record({
      type: 'task.added',
      task: taskId(number),
      project,
      spec: specOf(number, random, nowMs),
    });
    if (number > OPEN_TASKS) ledger.record(...lifeOf(number - OPEN_TASKS, ledger, random, nowMs));
    if (number % BATCH === 0) await ledger.durable();
  }
  await ledger.durable();
  store.close();
  writeFileSync(
    join(home, 'config.yaml'),
    JSON.stringify({ limits: { cheapTasksPerHour: 0, cyclesPerDay: 0 } }),
  );
}

/** The repository that the log's project lies in; where its finished home will be, not where it is built. */
function repositoryIn(home: string): string {
  const path = join(home.replace(/\.building$/, ''), 'repository');
  const made = join(home, 'repository');
  mkdirSync(made);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: made, stdio: 'ignore' });
  git('init', '--initial-branch=main');
  git(
    '-c',
    'user.name=bench',
    '-c',
    'user.email=bench@localhost',
    'commit',
    '--allow-empty',
    '-m',
    'start',
  );
  return path;
}

const TESTS: TestReport = {
  outcome: 'passed',
  exitCode: 0,
  failing: [],
  total: 412,
  coverage: 0.81,
  signature: 'f'.repeat(64),
  durationMs: 21_000,
  log: null,
};

function commitOf(number: number): CommitId {
  return CommitId.parse(number.toString(16).padStart(40, '0'));
}

function introduction(path: string): EventBody[] {
  const definition: Project = {
    id: project,
    path,
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
      testTimeoutMs: 60_000,
      notes: [],
      sources: {},
    },
  };
  return [
    {
      type: 'node.started',
      node,
      version: '0.1.0',
      concurrency: Concurrency.parse({ cheap: 4 }),
      capabilities: [],
      limits: Limits.parse({ cheapTasksPerHour: 10_000_000 }),
    },
    { type: 'project.added', project, definition, taskFloor: 0 },
    { type: 'baseline.recorded', project, baseline: { commit: commitOf(1), tests: TESTS } },
  ];
}

function specOf(number: number, random: () => number, nowMs: number): TaskSpec {
  const before = number - 1 - Math.floor(random() * 50);
  return {
    id: taskId(number),
    project,
    title: `Remove the unused export of src/part-${number}/index.ts and what only it needed`,
    type: TYPES[number % TYPES.length] ?? 'fix',
    instructions: 'Take it out, run the tests, and leave everything else as it is. '.repeat(4),
    acceptance: ['The tests pass.', 'Nothing else has changed.'],
    deliverables: [],
    references: [`src/part-${number}/index.ts`],
    scope: [`src/part-${number}/**`],
    estimateMs: 60_000,
    weight: 0,
    capabilities: [],
    risk: 'low',
    review: false,
    dependencies:
      before > 0 && number % 3 === 0 ? [{ type: 'ordering', task: taskId(before) }] : [],
    executor: { kind: 'command', run: 'npx knip --fix' },
    origin: { kind: 'human', who: 'bench' },
    scores: { specificity: 0.9, complexity: 0.2, notes: [] },
    createdBy: node,
    createdAtMs: nowMs,
  };
}

/** What happens to a task from the decision to its merge, as the node records it. */
function lifeOf(number: number, ledger: Ledger, random: () => number, atMs: number): EventBody[] {
  const task = taskId(number);
  const bodies: EventBody[] = [];
  const attempts = number % FAILS_EVERY === 0 ? 2 : 1;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const durationMs = Math.round(20_000 + 60_000 * random());
    const expected = { pSuccess: 0.9, durationMs: 50_000 };
    bodies.push(decision(task, ledger, atMs), dispatched(task, attempt, atMs), {
      type: 'attempt.started',
      task,
      project,
      attempt,
      node,
      executor: 'command',
      base: commitOf(number),
      prepareMs: 30,
      log: `logs/${task}.${attempt}.log`,
    });
    if (attempt < attempts) {
      const reason = 'the command ended with exit code 1';
      bodies.push(
        {
          type: 'prediction.checked',
          task,
          project,
          attempt,
          expected,
          actual: { success: false, durationMs },
          held: false,
          finding: reason,
          confidence: 0.8,
        },
        {
          type: 'attempt.failed',
          task,
          project,
          attempt,
          failure: { class: 'external', reason, interrupted: false },
          report: 'npm ERR! network request to https://registry.npmjs.org failed\n'.repeat(10),
          durationMs,
        },
      );
      continue;
    }
    const commit = commitOf(number + 1);
    const files = [`src/part-${number}/index.ts`];
    bodies.push(
      {
        type: 'attempt.produced',
        task,
        project,
        attempt,
        commit,
        diff: { files, added: 2, removed: 31 },
        durationMs,
      },
      {
        type: 'attempt.verified',
        task,
        project,
        attempt,
        verification: {
          passed: true,
          checks: [],
          quality: 0.93,
          parts: [],
          threshold: 0.7,
          tests: TESTS,
        },
      },
      {
        type: 'prediction.checked',
        task,
        project,
        attempt,
        expected,
        actual: { success: true, durationMs },
        held: true,
        finding: 'it went as expected',
        confidence: 0.9,
      },
      {
        type: 'attempt.passed',
        task,
        project,
        attempt,
        commit,
        needsReview: number % REVIEW_EVERY === 0 ? 'the task asks for it' : null,
        quality: 0.93,
        durationMs,
      },
    );
    if (number % REVIEW_EVERY === 0) {
      bodies.push({
        type: 'review.answered',
        task,
        project,
        attempt,
        answer: 'approved',
        who: 'bench',
        reason: '',
      });
    }
    bodies.push(
      {
        type: 'merge.done',
        task,
        project,
        attempt,
        commit,
        parent: commitOf(number),
        rebased: false,
        recovered: false,
      },
      { type: 'baseline.recorded', project, baseline: { commit, tests: TESTS } },
    );
  }
  return bodies;
}

function decision(task: TaskId, { world }: Ledger, atMs: number): EventBody {
  const candidate = (id: TaskId, selected: boolean): Candidate => ({
    action: { kind: 'dispatch', task: id, node },
    score: 0.8 * 11.3 - 0.2,
    pSuccess: 0.9,
    value: 11.3,
    cost: 1.7,
    selected,
    reason: selected
      ? 'first in order with 12.0 min of work behind it, 90 % likely to succeed here'
      : 'held: slot',
  });
  const others = [...world.tasks.keys()].slice(1, 13);
  return {
    type: 'decision.made',
    decision: {
      trigger: 'merge.done',
      worldHash: world.head,
      atMs,
      confidence: 0.9,
      autonomy: 'full',
      openTasks: world.tasks.size,
      readyTasks: world.graph.readyCount,
      freeSlots: 1,
      candidates: [candidate(task, true), ...others.map((id) => candidate(id, false))],
      omitted: 100,
      latencyUs: 140,
    },
  };
}

function dispatched(task: TaskId, attempt: number, atMs: number): EventBody {
  return {
    type: 'task.dispatched',
    task,
    project,
    assignment: {
      attempt,
      node,
      term: 0,
      by: node,
      atMs,
      timeoutMs: 120_000,
      fallbacks: [],
      expected: { pSuccess: 0.9, durationMs: 50_000 },
    },
    score: 9.9,
    reason: 'first in order with 12.0 min of work behind it, 90 % likely to succeed here',
    priority: {
      pathMinutes: 12,
      dependents: 4,
      criticalPath: 0,
      brevity: 3,
      waiting: 2.3,
      weight: 0,
      total: 9.3,
    },
    alternatives: [],
  };
}

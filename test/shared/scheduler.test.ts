import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { plan, VigilError, type LibraryTask, type PlanInput } from '../../shared/scheduler.ts';

const MINUTE = 60_000;
const nowMs = Date.UTC(2026, 10, 21);
const root = fileURLToPath(new URL('../..', import.meta.url));

const work = (id: string, minutes: number, more: Partial<LibraryTask> = {}): LibraryTask => ({
  id,
  estimateMs: minutes * MINUTE,
  ...more,
});
const after = (...tasks: string[]) => ({
  dependencies: tasks.map((task) => ({ type: 'ordering' as const, task })),
});
const planOf = (tasks: LibraryTask[], more: Partial<PlanInput> = {}) =>
  plan({ tasks, nodes: [{ id: 'box', slots: 1 }], nowMs, ...more });

test('nothing in the import graph of the library touches the world', async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['shared/scheduler.ts'],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    // Knows no built-in module: an import of one fails the build.
    platform: 'neutral',
    external: ['picomatch', 'zod'],
  });
  const inputs = Object.entries(metafile.inputs);
  expect(inputs.length).toBeGreaterThan(10);
  const imported = inputs.flatMap(([, { imports }]) =>
    imports.filter((each) => each.external).map((each) => each.path),
  );
  expect(new Set(imported)).toEqual(new Set(['picomatch', 'zod']));
  for (const [file] of inputs) expect(file).toMatch(/^shared\//);
});

test('the example of the documentation runs', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['test/shared/schedulerExample.ts'],
    {
      cwd: root,
    },
  );
  expect(stdout).toContain('api → box');
  expect(stdout).toContain('icon → mac');
  expect(stdout).toContain('critical path: api → page, 75 min');
});

test('a plan starts what has most behind it, and says why, and why the others wait', () => {
  const { assignments, waiting, criticalPath } = planOf([
    work('short', 5),
    work('api', 2),
    work('page', 9, after('api')),
    work('ship', 1, { dependencies: [{ type: 'hard', artifact: 'bundle.js', task: 'page' }] }),
  ]);
  expect(assignments).toMatchObject([
    { task: 'api', node: 'box', reason: '12.0 min of work behind it' },
  ]);
  const [{ score, pSuccess, value, cost, priority }] = assignments as [
    (typeof assignments)[number],
  ];
  expect(score).toBeCloseTo(pSuccess * value - (1 - pSuccess) * cost, 9);
  expect(priority.dependents).toBe(4);
  expect(waiting).toEqual([
    { task: 'short', reason: 'no slot is free on a node that can run it' },
    { task: 'page', reason: 'waits for api' },
    { task: 'ship', reason: 'waits for bundle.js from page' },
  ]);
  expect(criticalPath).toEqual({ tasks: ['api', 'page', 'ship'], lengthMs: 12 * MINUTE });
});

test('running tasks hold their slot, their resource and their files', () => {
  const db = { dependencies: [{ type: 'resource' as const, resource: 'db' }] };
  const { assignments, waiting } = planOf(
    [
      work('migrate', 5, {
        ...db,
        scope: ['db/**'],
        running: { node: 'box', startedAtMs: nowMs - MINUTE },
      }),
      work('seed', 5, db),
      work('schema', 5, { scope: ['db/schema.sql'] }),
      work('docs', 5),
      work('more docs', 4),
    ],
    { nodes: [{ id: 'box', slots: 2 }] },
  );
  expect(assignments.map(({ task }) => task)).toEqual(['docs']);
  expect(waiting.map(({ reason }) => reason)).toEqual([
    'migrate holds db',
    'migrate may change db/**',
    'no slot is free on a node that can run it',
  ]);
});

test('two tasks of one plan do not collide with each other', () => {
  const { assignments, waiting } = planOf(
    [work('a', 5, { scope: ['src/**'] }), work('b', 4, { scope: ['src/b.js'] })],
    { nodes: [{ id: 'box', slots: 2 }] },
  );
  expect(assignments.map(({ task }) => task)).toEqual(['a']);
  expect(waiting).toEqual([{ task: 'b', reason: 'a may change src/**' }]);
});

test('labels, artifacts that exist and soft dependencies that timed out are respected', () => {
  const soft = { dependencies: [{ type: 'soft' as const, task: 'slow', timeoutMs: MINUTE }] };
  const { assignments, waiting } = planOf(
    [
      work('slow', 60, { capabilities: ['gpu'] }),
      work('patient', 1, { ...soft, createdAtMs: nowMs }),
      work('done waiting', 1, { ...soft, createdAtMs: nowMs - MINUTE }),
      work('client', 1, { dependencies: [{ type: 'hard', artifact: 'openapi.json' }] }),
    ],
    { nodes: [{ id: 'box', slots: 4 }], artifacts: ['openapi.json'] },
  );
  expect(assignments.map(({ task }) => task).sort()).toEqual(['client', 'done waiting']);
  expect(waiting).toEqual([
    { task: 'slow', reason: 'no node with slots has gpu' },
    {
      task: 'patient',
      reason: `waits for slow, until ${new Date(nowMs + MINUTE).toISOString()} at the latest`,
    },
  ]);
});

test('the node where it is likeliest to succeed is chosen, and equal ones keep special labels free', () => {
  const nodes = [
    { id: 'mac', slots: 1, capabilities: ['xcode'] },
    { id: 'box', slots: 1 },
    { id: 'old', slots: 9, pSuccess: 0.4 },
  ];
  const { assignments } = planOf(
    [work('a', 9), work('b', 8, { capabilities: ['xcode'] }), work('c', 7)],
    { nodes },
  );
  expect(assignments.map(({ task, node }) => `${task} ${node}`)).toEqual([
    'a box',
    'b mac',
    'c old',
  ]);
});

test('a plan that can not be is refused in the words of its user', () => {
  const refused = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      if (error instanceof VigilError) return { code: error.code, message: error.message };
      throw error;
    }
    throw new Error('it was not refused');
  };
  expect(refused(() => planOf([work('a', 1, after('b')), work('b', 1, after('a'))]))).toEqual({
    code: 'cycle',
    message: 'these tasks would wait for each other for ever: a → b → a',
  });
  expect(refused(() => planOf([work('a', 1), work('a', 1)])).code).toBe('conflict');
  expect(
    refused(() => planOf([work('a', 1, { running: { node: 'gone', startedAtMs: 0 } })])).code,
  ).toBe('not-found');
});

test('the same input gives the same plan, and the input is left as it was', () => {
  const tasks = Array.from({ length: 60 }, (_, at) =>
    work(`t${at}`, 1 + ((at * 7) % 5), at < 10 ? {} : after(`t${(at * 3) % 10}`)),
  );
  const input = { tasks, nodes: [{ id: 'box', slots: 3 }], nowMs };
  const before = structuredClone(input);
  expect(plan(input)).toEqual(plan(structuredClone(input)));
  expect(input).toEqual(before);
});

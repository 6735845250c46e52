import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  AgentView,
  ApprovalView,
  BudgetView,
  ModelView,
  ProviderView,
} from '../../../shared/model/agentApi.ts';
import { EventView } from '../../../shared/model/eventApi.ts';
import { ExplanationView } from '../../../shared/model/explanationApi.ts';
import { ProjectView } from '../../../shared/model/projectApi.ts';
import { ReportView } from '../../../shared/model/reportApi.ts';
import { ReviewView } from '../../../shared/model/reviewApi.ts';
import { DoctorView, StatusView } from '../../../shared/model/statusApi.ts';
import { GraphView, QueueView, TaskDetail, TaskSummary } from '../../../shared/model/taskApi.ts';
import { createSample } from '../../../electron/node/sample/createSample.ts';
import { cleanEnvironment, collect, Home, printed, ROOT } from './vigil.ts';

const Tasks = z.object({ tasks: z.array(TaskSummary) });

let home: Home;
let node: ChildProcess;
let sample: string;
beforeAll(async () => {
  home = await Home.create();
  sample = join(home.folder, 'sample');
  // No scan: these tests are about the commands, and bring their own tasks.
  await writeFile(
    join(home.folder, 'config.yaml'),
    'limits:\n  cyclesPerDay: 0\n  leastFreeDiskBytes: 0\n  leastFreeDiskShare: 0\n',
  );
  await createSample(sample);
  node = home.start(['up', sample, '--port', '0']);
  await printed(node, /as it is, 1 of \d+ tests fails/);
});
afterAll(() => home.remove());

const add = async (text: string) => {
  const file = join(home.folder, 'tasks.yaml');
  await writeFile(file, text);
  return home.vigil('task', 'add', '-f', file, '--json');
};

describe('tasks that depend on each other', () => {
  it('prints a cycle', async () => {
    const { code, stderr } = await add(
      [
        '- { key: a, title: A, run: "true", dependencies: [{ type: ordering, task: b }] }',
        '- { key: b, title: B, run: "true", dependencies: [{ type: ordering, task: a }] }',
      ].join('\n'),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/a → b → a|b → a → b/);
  });
  it('refuses a task that waits for itself', async () => {
    const { code, stderr } = await add(
      '{ key: a, title: A, run: "true", dependencies: [{ type: ordering, task: a }] }',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('a depends on itself');
  });
  it('refuses a dependency on a task that is not there', async () => {
    const { code, stderr } = await add(
      '{ title: A, run: "true", dependencies: [{ type: ordering, task: T-99 }] }',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('there is no task T-99');
  });
});

describe('the JSON of every command has the documented shape', () => {
  beforeAll(async () => {
    const added = await add(
      [
        '- { key: hello, title: Write a greeting, run: "echo hello | tee hello.txt", scope: [hello.txt], review: true }',
        '- { title: Read it, run: "cat hello.txt", dependencies: [{ type: hard, artifact: hello.txt, task: hello }] }',
      ].join('\n'),
    );
    expect(added.stderr).toBe('');
    Tasks.parse(JSON.parse(added.stdout));
    await printed(home.start(['events', '--follow', '--task', 'T-1']), /attempt\.passed/);
  });

  const shapes: [string, z.ZodType][] = [
    ['status', StatusView],
    ['project list', z.object({ projects: z.array(ProjectView).length(1) })],
    ['project show sample', ProjectView],
    ['task list --all', z.object({ tasks: z.array(TaskSummary).length(2) })],
    ['task show T-1', TaskDetail],
    ['queue', QueueView.extend({ waiting: z.array(TaskSummary).length(1) })],
    ['queue --at 3', QueueView.extend({ seq: z.literal(3) })],
    ['graph', GraphView.extend({ edges: z.array(z.unknown()).length(1) })],
    ['explain T-1', ExplanationView],
    ['explain T-2', ExplanationView],
    ['events', z.object({ events: z.array(EventView).min(5) })],
    [
      'log T-1',
      z.object({
        task: z.literal('T-1'),
        attempt: z.literal(1),
        text: z.string().includes('hello'),
      }),
    ],
    ['review list', z.object({ reviews: z.array(ReviewView).length(1) })],
    ['review show T-1', ReviewView],
    ['report', ReportView],
    ['agents', z.object({ agents: z.array(AgentView).min(1) })],
    ['providers list', z.object({ providers: z.array(ProviderView) })],
    ['models', z.object({ models: z.array(ModelView) })],
    ['budget', BudgetView],
    ['approvals list', z.object({ approvals: z.array(ApprovalView) })],
    ['doctor', DoctorView],
    ['pause', StatusView.extend({ state: z.literal('paused') })],
    ['resume', StatusView],
    ['task cancel T-2', TaskDetail],
    ['review approve T-1', TaskDetail],
  ];
  it.each(shapes)('vigil %s', async (command, schema) => {
    const { stdout, stderr } = await home.vigil(...command.split(' '), '--json');
    expect(stderr).toBe('');
    expect(() => schema.parse(JSON.parse(stdout))).not.toThrow();
  });
});

it('colours a terminal and leaves a pipe plain', async () => {
  const escape = '\u001b[';
  expect((await home.vigil('status')).stdout).not.toContain(escape);
  const script = (env: NodeJS.ProcessEnv) =>
    collect(
      spawn('script', ['-qec', `"${process.execPath}" electron/cli/main.ts status`, '/dev/null'], {
        cwd: ROOT,
        env: { ...cleanEnvironment(), VIGIL_HOME: home.folder, TERM: 'xterm', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  expect((await script({})).stdout).toContain(escape);
  expect((await script({ NO_COLOR: '1' })).stdout).not.toContain(escape);
});

it('joins the node that runs on the home already, and leaves it running', async () => {
  const second = await home.vigil('up', sample, '--once', '--port', '1');
  expect(second.stdout).toMatch(/^A node runs already on port \d+, not 1; joined it\./m);
  expect(second.stderr).toBe('');
  expect(node.exitCode).toBeNull();
});

it('says so when the port is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const other = await Home.create();
  const { code, stderr } = await other.vigil('up', '--port', String(port));
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`port ${port} .*taken`));
  expect(stderr).toContain('--port');
  server.close();
  await other.remove();
});

it('stops for Ctrl-C with exit code 0, says so in the log, and can be read without a node', async () => {
  node.kill('SIGINT');
  const [code] = (await once(node, 'exit')) as [number | null];
  expect(code).toBe(0);
  const { stdout } = await home.vigil('events', '--limit', '1');
  expect(stdout).toContain('node.stopped');
  const status = StatusView.parse(JSON.parse((await home.vigil('status', '--json')).stdout));
  expect(status).toMatchObject({ running: false, state: 'stopped', url: null });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BudgetChangeView } from '../shared/model/agentApi.ts';
import type { EventView } from '../shared/model/eventApi.ts';
import type { TaskSummary } from '../shared/model/taskApi.ts';
import { Budget } from '../shared/model/budget.ts';
import { EventBody } from '../shared/model/events.ts';
import { hiddenPaths } from '../electron/execute/sandbox/policy.ts';
import { checkSandbox, sandboxed, stopSandbox } from '../electron/execute/sandbox/sandbox.ts';
import { unwrapped, type WrapCommand } from '../electron/tools/wrapCommand.ts';
import {
  AGENT_PROGRAMS,
  AGENTS,
  inWorktree,
  scripted,
  think,
  writeConfig,
  type TestAgent,
} from '../test/electron/node/agents/scriptedAgents.ts';
import { PASSING_TEST } from '../test/electron/node/userRepository.ts';
import { startModelServer } from '../test/models/modelServer.ts';
import { call, say } from '../test/models/reply.ts';
import { writeFileCall } from '../test/models/writeFileCall.ts';
import { isMain, median, printLines, type Line } from './lib.ts';
import { startProcess, type NodeProcess } from './nodeProcess.ts';
import { makePlace } from './realNode.ts';

const SANDBOX_STARTS = 20;
/** Tasks of each agent, one after another; the first is not counted: the agent fills its caches. */
const TASKS = 4;
const LOOK_MS = 50;
const TASK_LIMIT_MS = 180_000;
const ENDED: readonly string[] = ['review', 'merged', 'done', 'failed', 'rejected', 'cancelled'];

/** An attempt by its parts, ms. */
interface Attempt {
  /** From its dispatch to its result, verified. */
  readonly whole: number;
  readonly worktree: number;
  /** From the start of an agent's process in its sandbox to its session. */
  readonly starts: readonly number[];
  /** From a prompt to the end of the agent's turn, model calls included. */
  readonly turns: number;
  /** Model calls from the request's arrival at the gateway to the last byte of the answer. */
  readonly calls: readonly number[];
}

/** What an attempt by an agent costs in time beside the model, by part. */
export async function run(): Promise<Line[]> {
  const lines: Line[] = [];
  const { ok, detail } = await checkSandbox();
  if (!ok) {
    console.log(`Not measured, since agents can't be held in a sandbox here: ${detail}`);
    return lines;
  }
  lines.push(...(await sandboxLines()));
  const measured: { agent: TestAgent; attempts: Attempt[] }[] = [];
  for (const agent of ['opencode', 'claude', 'qwen'] as const) {
    if (existsSync(join(AGENT_PROGRAMS, AGENTS[agent])))
      measured.push({ agent, attempts: (await attemptsOf(agent)).slice(1) });
    else console.log(`${agent} is not measured: it is not installed (\`npm test\` does that).`);
  }
  for (const { agent, attempts } of measured)
    lines.push(
      told(
        `${agent}: sandboxed start → session`,
        of(attempts, ({ starts }) => starts),
      ),
    );
  const [fastest] = measured.toSorted((a, b) => wholeOf(a.attempts) - wholeOf(b.attempts));
  if (fastest === undefined) return lines;
  const { agent, attempts } = fastest;
  const own = ({ starts, turns }: Attempt): number => sum(starts) + turns;
  return [
    ...lines,
    told(
      `worktree ready`,
      of(
        measured.flatMap((one) => one.attempts),
        ({ worktree }) => [worktree],
      ),
    ),
    told(
      `model call through the gateway`,
      of(
        measured.flatMap((one) => one.attempts),
        ({ calls }) => calls,
      ),
    ),
    told(
      `attempt of ${agent}, the fastest: whole`,
      of(attempts, ({ whole }) => [whole]),
    ),
    told(
      `… its agents' own time, starts included`,
      of(attempts, (one) => [own(one)]),
    ),
    told(
      `… what Vigil adds`,
      of(attempts, (one) => [one.whole - own(one)]),
    ),
  ];
}

/** `true` in a sandbox, and without one. */
async function sandboxLines(): Promise<Line[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'vigil-bench-')));
  try {
    const wrap = sandboxed({
      writable: [folder],
      readable: [],
      hidden: hiddenPaths(folder),
      tempDir: folder,
      homeDir: folder,
      hosts: [],
      gatewayPort: null,
    });
    await timeTrue(wrap, folder);
    const inside: number[] = [];
    const outside: number[] = [];
    for (let at = 0; at < SANDBOX_STARTS; at += 1) {
      outside.push(await timeTrue(unwrapped, folder));
      inside.push(await timeTrue(wrap, folder));
    }
    return [told('`true`, as it is', outside), told('`true` in a sandbox of its own', inside)];
  } finally {
    await stopSandbox();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timeTrue(wrap: WrapCommand, cwd: string): Promise<number> {
  const begunMs = performance.now();
  const path = process.env['PATH'] ?? '';
  const { file, args, env, cleanup } = await wrap({
    file: '/bin/true',
    args: [],
    env: { PATH: path },
    cwd,
  });
  const child = spawn(file, args, { env: { PATH: path, ...env }, cwd, stdio: 'ignore' });
  await once(child, 'exit');
  const tookMs = performance.now() - begunMs;
  await cleanup();
  if (child.exitCode !== 0) throw new Error(`\`true\` ended with ${child.exitCode}`);
  return tookMs;
}

/** Tasks that write one file each, done by this agent in a node of its own. */
async function attemptsOf(agent: TestAgent): Promise<Attempt[]> {
  const model = await startModelServer({
    script: (request) =>
      think(
        {
          writer: (seen) =>
            seen.toolResults.length > 0
              ? say('It is written.')
              : call(writeFileCall(seen, inWorktree(seen, 'note.txt'), 'hello\n')),
        },
        request,
      ),
  });
  const place = makePlace({
    files: { 'a.txt': 'one\n', 'vigil.yaml': `test: ${JSON.stringify(PASSING_TEST)}\n` },
  });
  try {
    writeConfig(place.home, [agent], ['cyclesPerDay: 0']);
    const node = await startProcess(place.home);
    try {
      await node.post('/v1/projects', { path: place.repository });
      const caps = Budget.parse({ task: { tokens: 1_000_000, calls: 100 } });
      const { approval } = await node.put<BudgetChangeView>('/v1/budget', caps);
      if (approval !== null) await node.post(`/v1/approvals/${approval}`, { answer: 'approved' });
      await node.put('/v1/providers/scripted', scripted(model.baseUrl, [agent]));
      const attempts: Attempt[] = [];
      for (let at = 0; at < TASKS; at += 1) attempts.push(await oneAttempt(node, at));
      return attempts;
    } finally {
      await node.end('SIGTERM');
    }
  } finally {
    place.remove();
    await model.close();
  }
}

async function oneAttempt(node: NodeProcess, number: number): Promise<Attempt> {
  const { tasks } = await node.post<{ tasks: TaskSummary[] }>('/v1/tasks', {
    tasks: [
      {
        title: `Write note.txt for the ${number + 1}th time`,
        type: 'docs',
        instructions: 'Write the file `note.txt` with the word hello in it.',
        acceptance: ['`note.txt` says hello'],
        deliverables: ['note.txt'],
        scope: ['note.txt'],
        executor: { kind: 'agent' },
      },
    ],
  });
  const id = tasks[0]?.id ?? '';
  const deadlineMs = performance.now() + TASK_LIMIT_MS;
  for (;;) {
    const { status, failure } = await node.get<TaskSummary>(`/v1/tasks/${id}`);
    if (status === 'review') break;
    if (ENDED.includes(status) || performance.now() > deadlineMs)
      throw new Error(`${id} is ${status}: ${failure ?? 'too slow'}`);
    await sleep(LOOK_MS);
  }
  const { events } = await node.get<{ events: EventView[] }>(`/v1/events?limit=1000&task=${id}`);
  await node.post(`/v1/reviews/${id}`, { answer: 'rejected', reason: 'only measured' });
  return partsOf(events);
}

/** An attempt by its parts, from its own events. */
function partsOf(events: readonly EventView[]): Attempt {
  const logged = events.map(({ atMs, body }) => ({ atMs, body: EventBody.parse(body) }));
  const atMs = (type: string): number => logged.find(({ body }) => body.type === type)?.atMs ?? NaN;
  return {
    whole: atMs('attempt.passed') - atMs('task.dispatched'),
    worktree: sum(logged.map(({ body }) => (body.type === 'attempt.started' ? body.prepareMs : 0))),
    starts: logged.flatMap(({ body }) => (body.type === 'agent.started' ? [body.startMs] : [])),
    turns: sum(logged.map(({ body }) => (body.type === 'agent.ended' ? body.durationMs : 0))),
    calls: logged.flatMap(({ body }) => (body.type === 'call.settled' ? [body.latencyMs] : [])),
  };
}

function of(attempts: readonly Attempt[], part: (one: Attempt) => readonly number[]): number[] {
  return attempts.flatMap((one) => [...part(one)]);
}

function wholeOf(attempts: readonly Attempt[]): number {
  return median(of(attempts, ({ whole }) => [whole]));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function told(name: string, values: readonly number[]): Line {
  return { name: `${name}: p50`, value: median(values), unit: 'ms', target: null, ok: null };
}

if (isMain(import.meta.url)) printLines("An agent's attempt by part", await run());

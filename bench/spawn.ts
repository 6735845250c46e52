import { execFileSync } from 'node:child_process';
import { isMain, median, percentile, printLines, timed, type Line } from './lib.ts';
import { startProcess, type NodeProcess } from './nodeProcess.ts';
import { makePlace, type BenchTask } from './realNode.ts';

const SAMPLES = 40;
/** Thrown away: the first ones compile code and fill caches. */
const WARM_UP = 5;
const P50_TARGET_MS = 100;
const P99_TARGET_MS = 300;
const LIMIT_MS = 180_000;
/** How often a bench looks whether a task has ended; not part of what is measured. */
const LOOK_MS = 20;
/** Between two single tasks, so that each finds the node idle and a worktree warm, as is usual. */
const PAUSE_MS = 200;

/** The command writes down when it runs: ns since the epoch. */
const CLOCK = 'date +%s%N';

interface EventView {
  readonly atMs: number;
  readonly type: string;
}

/**
 * From the moment at which nothing keeps a `command` task from running any more to the moment at which
 * its process runs, in a node of its own with a real repository.
 */
export async function run(): Promise<Line[]> {
  const place = makePlace({
    limits: { cheapTasksPerHour: 1_000_000, cyclesPerDay: 0 },
    files: Object.fromEntries([
      ['README.md', '# Bench\n'],
      ...Array.from({ length: 300 }, (_, at): [string, string] => [
        `src/part-${at % 20}/file-${at}.js`,
        `export const value = ${at};\n`.repeat(20),
      ]),
    ]),
  });
  let node: NodeProcess | null = null;
  try {
    node = await startProcess(place.home);
    await node.post('/v1/projects', { path: place.repository });
    await ended(node, await add(node, [task('Warm up')]));
    const added = await measureAdded(node);
    const freed = await measureFreed(node);
    return [
      ...lines('task added', added),
      ...lines('dependency done', freed),
      {
        name: 'one git process alone, at the same time: p50',
        value: gitAlone(),
        unit: 'ms',
        target: null,
        ok: null,
      },
    ];
  } finally {
    await node?.end('SIGTERM');
    place.remove();
  }
}

/** One task at a time on an idle node: from its `task.added` event to its process. */
async function measureAdded(node: NodeProcess): Promise<number[]> {
  const times: number[] = [];
  for (let sample = -WARM_UP; sample < SAMPLES; sample += 1) {
    const [id = ''] = await add(node, [task('One more')]);
    await ended(node, [id]);
    const at = await eventOf(node, id, 'task.added');
    if (sample >= 0) times.push((await ranAtMs(node, id)) - at);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return times;
}

/** A chain: from the event that ends one task to the process of the next, which waited for it alone. */
async function measureFreed(node: NodeProcess): Promise<number[]> {
  const chain = Array.from({ length: WARM_UP + SAMPLES }, (_, at): BenchTask => ({
    ...task(`Link ${at}`),
    // Time for the next worktree to be warm, as work that is worth a task takes.
    run: `${CLOCK}; sleep 0.3`,
    key: `k${at}`,
    dependencies: at === 0 ? [] : [{ type: 'ordering', task: `k${at - 1}` }],
  }));
  const ids = await add(node, chain);
  await ended(node, ids);
  const times: number[] = [];
  for (let at = WARM_UP; at < ids.length; at += 1) {
    const freed = await eventOf(node, ids[at - 1] ?? '', 'attempt.passed');
    times.push((await ranAtMs(node, ids[at] ?? '')) - freed);
  }
  return times;
}

/** What the machine makes of the least that a worktree costs: how busy it is shows here. */
function gitAlone(): number {
  const times = Array.from({ length: SAMPLES }, () =>
    timed(() => execFileSync('git', ['--version'])),
  );
  return median(times);
}

function task(title: string): BenchTask {
  return { title, type: 'command', run: CLOCK };
}

async function add(node: NodeProcess, tasks: readonly BenchTask[]): Promise<string[]> {
  const added = await node.post<{ tasks: { id: string }[] }>('/v1/tasks', { tasks });
  return added.tasks.map(({ id }) => id);
}

async function ended(node: NodeProcess, ids: readonly string[]): Promise<void> {
  const last = ids.at(-1) ?? '';
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const { status, failure } = await node.get<{ status: string; failure: string | null }>(
      `/v1/tasks/${last}`,
    );
    if (status === 'done') return;
    if (status === 'failed' || failure !== null || performance.now() > deadline) {
      throw new Error(`${last} is ${status}: ${failure ?? 'too slow'}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function eventOf(node: NodeProcess, id: string, type: string): Promise<number> {
  const { events } = await node.get<{ events: EventView[] }>(`/v1/events?task=${id}`);
  const found = events.find((event) => event.type === type);
  if (!found) throw new Error(`${id} has no ${type}`);
  return found.atMs;
}

/** When the command ran, as it wrote itself. */
async function ranAtMs(node: NodeProcess, id: string): Promise<number> {
  const output = await node.text(`/v1/tasks/${id}/attempts/1/log`);
  return Number(BigInt(output.trim()) / 1_000n) / 1_000;
}

function lines(what: string, times: readonly number[]): Line[] {
  const [p50, p99] = [median(times), percentile(times, 0.99)];
  return [
    {
      name: `${what} → process runs: p50`,
      value: p50,
      unit: 'ms',
      target: `≤ ${P50_TARGET_MS}`,
      ok: p50 <= P50_TARGET_MS,
    },
    {
      name: `${what} → process runs: p99`,
      value: p99,
      unit: 'ms',
      target: `≤ ${P99_TARGET_MS}`,
      ok: p99 <= P99_TARGET_MS,
    },
  ];
}

if (isMain(import.meta.url)) printLines('From ready to running', await run());

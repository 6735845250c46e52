import { startNode } from '../electron/node/startNode.ts';
import { ask, makePlace, type BenchTask } from './realNode.ts';
import { percentile } from './lib.ts';
import type { Load, RivalFigures } from './rivals/measure.ts';

/** As many as the rivals get. */
const LATENCY_TASKS = 300;
const WARM_UP_TASKS = 50;
/** The API takes so many in one request. */
const ADDED_AT_ONCE = 1_000;

const noop = (title: string): BenchTask => ({ title, type: 'milestone' });

/** What one run of a node reached. */
export interface VigilFigures extends RivalFigures {
  /** Events logged for each of the tasks, decisions with them. */
  readonly eventsPerTask: number;
}

/**
 * Works through no-op tasks with the real node: adds them while builds are paused, resumes, and waits
 * until the last one's end is durable. Then adds single tasks to the idle node.
 */
export async function measure({ jobs, concurrency }: Load): Promise<VigilFigures> {
  const place = makePlace({
    concurrency: { cheap: concurrency },
    // Nothing but the tasks is to happen.
    limits: { cheapTasksPerHour: 10_000_000, cyclesPerDay: 0 },
  });
  const started = new Map<string, () => void>();
  let open = 0;
  let allDone = () => {};
  const node = await startNode({
    home: place.home,
    port: 0,
    onEvent: ({ type, body }) => {
      if (type === 'attempt.started' && typeof body['task'] === 'string')
        started.get(body['task'])?.();
      if (type === 'attempt.passed') {
        open -= 1;
        if (open === 0) allDone();
      }
    },
  });
  const post = <T>(path: string, body: unknown) =>
    ask<T>((request) => node.fetch(request), `${node.url}${path}`, node.token, body);
  const get = <T>(path: string) =>
    ask<T>((request) => node.fetch(request), `${node.url}${path}`, node.token);
  try {
    await post('/v1/projects', { path: place.repository });
    await node.idle();
    await post('/v1/pause', { reason: 'the bench fills the queue' });
    for (let at = 0; at < jobs; at += ADDED_AT_ONCE) {
      const tasks = Array.from({ length: Math.min(ADDED_AT_ONCE, jobs - at) }, (_, index) =>
        noop(`No-op ${at + index}`),
      );
      await post('/v1/tasks', { tasks });
    }
    await node.idle();
    const { seq: before } = await get<{ seq: number }>('/v1/status');
    open = jobs;
    const done = new Promise<void>((resolve) => (allDone = resolve));
    const begun = performance.now();
    await post('/v1/resume', {});
    await done;
    // Resolves after the last events are on disk.
    await node.idle();
    const jobsPerS = (jobs * 1_000) / (performance.now() - begun);
    const { seq: after } = await get<{ seq: number }>('/v1/status');

    const latencies: number[] = [];
    let next = jobs;
    for (let index = -WARM_UP_TASKS; index < LATENCY_TASKS; index += 1) {
      next += 1;
      const start = new Promise<void>((resolve) => started.set(`T-${next}`, resolve));
      const added = performance.now();
      const accepted = post('/v1/tasks', { tasks: [noop('One more')] });
      await start;
      if (index >= 0) latencies.push(performance.now() - added);
      await accepted;
    }
    return {
      jobsPerS,
      addToStartP50Ms: percentile(latencies, 0.5),
      addToStartP99Ms: percentile(latencies, 0.99),
      eventsPerTask: (after - before) / jobs,
    };
  } finally {
    await node.stop('the bench is over');
    place.remove();
  }
}

if (import.meta.main) {
  const [jobs = 5_000, concurrency = 1] = process.argv.slice(2).map(Number);
  console.log(JSON.stringify(await measure({ jobs, concurrency })));
}

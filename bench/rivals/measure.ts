import { MissingServer } from './servers.ts';

/** What a rival reached: the same for each, so that the figures stand side by side. */
export interface RivalFigures {
  /** Jobs that were waiting, from the worker's start to the start of the last one's handler. */
  readonly jobsPerS: number;
  /** From the call that adds a job to an idle queue to the start of its handler, ms. */
  readonly addToStartP50Ms: number;
  readonly addToStartP99Ms: number;
}

export interface Load {
  /** How many jobs wait when the worker starts. */
  readonly jobs: number;
  readonly concurrency: number;
}

/** Jobs added one by one to the idle queue for the latency. */
const LATENCY_JOBS = 300;
/** The first ones pay for connections and compilation. */
const WARM_UP_JOBS = 50;

/** A queue under test; `onStart` is called with the id of each job when its handler starts. */
export interface Rival {
  addAll(ids: readonly string[]): Promise<void>;
  add(id: string): Promise<void>;
  work(concurrency: number, onStart: (id: string) => void): Promise<void>;
}

/** Fills the queue, works it off, then adds single jobs to the idle queue. */
export async function measureRival(
  rival: Rival,
  { jobs, concurrency }: Load,
): Promise<RivalFigures> {
  const waiting = new Map<string, () => void>();
  const started = (id: string): Promise<void> => new Promise((resolve) => waiting.set(id, resolve));
  const ids = Array.from({ length: jobs }, (_, index) => `job-${index}`);
  await rival.addAll(ids);
  const all = Promise.all(ids.map(started));
  const begun = performance.now();
  await rival.work(concurrency, (id) => waiting.get(id)?.());
  await all;
  const jobsPerS = (jobs * 1_000) / (performance.now() - begun);

  const latencies: number[] = [];
  for (let index = 0; index < WARM_UP_JOBS + LATENCY_JOBS; index += 1) {
    const id = `single-${index}`;
    const start = started(id);
    const added = performance.now();
    const accepted = rival.add(id);
    await start;
    if (index >= WARM_UP_JOBS) latencies.push(performance.now() - added);
    await accepted;
  }
  latencies.sort((a, b) => a - b);
  return {
    jobsPerS,
    addToStartP50Ms: latencies[Math.floor(LATENCY_JOBS * 0.5)] ?? Number.NaN,
    addToStartP99Ms: latencies[Math.floor(LATENCY_JOBS * 0.99)] ?? Number.NaN,
  };
}

/** Measures as the arguments say (jobs, concurrency) and prints JSON: the figures, or which server is missing. */
export async function print(measure: (load: Load) => Promise<RivalFigures>): Promise<void> {
  const [jobs = 5_000, concurrency = 1] = process.argv.slice(2).map(Number);
  try {
    console.log(JSON.stringify(await measure({ jobs, concurrency })));
  } catch (error) {
    if (!(error instanceof MissingServer)) throw error;
    console.log(JSON.stringify({ missing: error.message }));
  }
}

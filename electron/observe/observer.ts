import { NO_SENSES, type FedSenses, type Senses } from '../../shared/model/senses.ts';
import { readClocks } from './clocks.ts';
import type { Reading, SenseSource } from './reading.ts';
import { classifyGap, type Clocks, type Gap } from './wake.ts';

/** While tasks run heat and memory change within seconds; an idle machine's do not. */
const WORKING_MS = 5_000;
const IDLE_MS = 15_000;
/** Feeds that are remembered; a program that feeds more often than it lets them expire replaces its own. */
const MOST_FED = 16;

interface ObserverOptions {
  readonly source: SenseSource;
  readonly clocks?: () => Clocks;
  /** Whether tasks run, which is when it looks more often. */
  readonly working?: () => boolean;
  readonly workingMs?: number;
  readonly idleMs?: number;
}

/** Samples the machine's senses: often while it works, seldom while it idles. */
export class Observer {
  private readonly options: Required<ObserverOptions>;
  private readonly listeners = new Set<(senses: Senses) => void>();
  private readonly gapListeners = new Set<(gap: Gap) => void>();
  private reading: Reading = NO_SENSES;
  private sleep = NO_SENSES.sleep;
  private atMs: number | null = null;
  private fed: { readonly senses: FedSenses; readonly untilMs: number }[] = [];
  /** The clocks when they were last compared: nothing falls between two looks. */
  private looked: Clocks | null = null;
  private timer: NodeJS.Timeout | null = null;
  private sampling: Promise<void> | null = null;
  private running = false;

  constructor(options: ObserverOptions) {
    this.options = {
      clocks: readClocks,
      working: () => false,
      workingMs: WORKING_MS,
      idleMs: IDLE_MS,
      ...options,
    };
  }

  /** Samples at once and from then on. */
  start(): void {
    if (this.running) return;
    this.running = true;
    this.looked = null;
    this.sample(0);
  }

  /** Resolves when the last sample has been taken; nobody is told of it any more. */
  async stop(): Promise<void> {
    this.running = false;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.sampling;
  }

  /** What the machine feels, as far as it is known, with what was fed. */
  now(): Senses {
    const { monotonicMs } = this.options.clocks();
    this.fed = this.fed.filter(({ untilMs }) => untilMs > monotonicMs);
    const own: Senses = { ...this.reading, atMs: this.atMs, sleep: this.sleep };
    return this.fed.reduce(
      (senses, { senses: { thermal, power, sleep } }) => ({
        ...senses,
        thermal: over(senses.thermal, thermal),
        power: over(senses.power, power),
        sleep: over(senses.sleep, sleep),
      }),
      own,
    );
  }

  /** Told of every sample and of everything that is fed. Returns what ends that. */
  onChange(listener: (senses: Senses) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Told when the machine slept, when its clock was set, and when the process was held. */
  onGap(listener: (gap: Gap) => void): () => void {
    this.gapListeners.add(listener);
    return () => this.gapListeners.delete(listener);
  }

  /** What another program knows better counts for so long, ms, over what is sampled. */
  feed(senses: FedSenses, forMs: number): void {
    const untilMs = this.options.clocks().monotonicMs + forMs;
    this.fed = [...this.fed, { senses, untilMs }].slice(-MOST_FED);
    this.tell();
  }

  private sample(waitedMs: number): void {
    this.timer = null;
    this.sampling = this.takeSample(waitedMs).finally(() => {
      this.sampling = null;
      if (this.running) this.wait();
    });
  }

  /** `waitedMs`: how long the wait for this sample was to be. */
  private async takeSample(waitedMs: number): Promise<void> {
    const { source, clocks } = this.options;
    const before = this.looked;
    const now = clocks();
    this.looked = now;
    if (before) await this.noticeGap(before, now, waitedMs);
    this.reading = await source.read();
    this.atMs = clocks().wallMs;
    if (this.running) this.tell();
  }

  private async noticeGap(before: Clocks, after: Clocks, expectedMs: number): Promise<void> {
    let gap = classifyGap(before, after, expectedMs);
    // Where no clock tells, the system may: asked only when there is something to ask.
    if (gap.stalledMs > 0 && after.bootMs === null) {
      const wokeAtMs = await this.options.source.wokeAtMs();
      gap = classifyGap(before, after, expectedMs, wokeAtMs);
    }
    if (gap.sleptMs > 0) {
      this.sleep = { ...this.sleep, wokeAtMs: after.wallMs, sleptMs: gap.sleptMs };
      // It was about to sleep, and has.
      this.fed = this.fed.filter(({ senses }) => senses.sleep === undefined);
    }
    const nothing = gap.sleptMs === 0 && gap.steppedMs === 0 && gap.stalledMs === 0;
    if (nothing || !this.running) return;
    for (const listener of this.gapListeners) listener(gap);
  }

  private wait(): void {
    const { working, workingMs, idleMs } = this.options;
    const expectedMs = working() ? workingMs : idleMs;
    this.timer = setTimeout(() => this.sample(expectedMs), expectedMs);
    // Looking at the machine is no reason for a process to go on.
    this.timer.unref();
  }

  private tell(): void {
    const senses = this.now();
    for (const listener of this.listeners) listener(senses);
  }
}

/** The fields of `fed` that say something, over those of `own`. */
function over<T extends object>(
  own: T,
  fed: { readonly [K in keyof T]?: T[K] | undefined } | undefined,
): T {
  const next = { ...own };
  for (const key in fed) {
    const value = fed[key];
    if (value !== undefined) next[key] = value;
  }
  return next;
}

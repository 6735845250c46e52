import { fitnessOf, NO_TROUBLE, sameFitness, senseFitness } from '../../shared/decide/fitness.ts';
import { describeSenses } from '../../shared/explain/describeSenses.ts';
import type { NodeConfig } from '../../shared/model/config.ts';
import { FIT, type FedSenses, type Fitness, type Senses } from '../../shared/model/senses.ts';
import { detectCapabilities } from '../observe/capabilities.ts';
import { KeepAwake } from '../observe/keepAwake.ts';
import { Observer } from '../observe/observer.ts';
import { machineSenses } from '../observe/source.ts';
import type { Ledger } from './ledger.ts';

/** What is installed changes seldom, and asking starts processes. */
const DETECT_MS = 60 * 60_000;

interface NodeSensesOptions {
  readonly ledger: Ledger;
  readonly config: NodeConfig;
  readonly home: string;
  /** Whether tasks run here now. */
  readonly working: () => boolean;
  /** Something changed that a decision depends on. */
  readonly wake: (trigger: string) => void;
  /** The machine has slept: its links are as good as gone. */
  readonly woke: () => void;
  readonly fail: (error: unknown) => void;
}

/** The node's senses at work: what it may take is told to the log, and it stays awake while tasks run. */
export class NodeSenses {
  private readonly options: NodeSensesOptions;
  private readonly awake: KeepAwake;
  private observer: Observer | null = null;
  private state = NO_TROUBLE;
  private readonly cut = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  /** Until when the menu-bar app is taken to be there, by the monotonic clock, ms. */
  private helperUntilMs = 0;

  constructor(options: NodeSensesOptions) {
    this.options = options;
    this.awake = new KeepAwake(options.config.keepAwake);
  }

  /** Begins to look, after `node.started` was recorded. */
  async start(): Promise<void> {
    const { home, working, wake, woke } = this.options;
    const observer = new Observer({ source: await machineSenses(home), working });
    if (this.cut.signal.aborted) return;
    this.observer = observer;
    observer.onChange((senses) => this.sensed(senses));
    // Time passed that no timer saw: what was due meanwhile is due now.
    observer.onGap(() => {
      woke();
      wake('woke');
    });
    observer.start();
    void this.detect();
    this.timer = setInterval(() => void this.detect(), DETECT_MS);
    this.timer.unref();
  }

  /** Lets the machine sleep, and resolves when nothing is recorded any more. */
  async stop(): Promise<void> {
    this.cut.abort();
    this.awake.release();
    if (this.timer) clearInterval(this.timer);
    await this.observer?.stop();
  }

  /** Null before the first sample. */
  now(): Senses | null {
    const senses = this.observer?.now();
    return senses && senses.atMs !== null ? senses : null;
  }

  fitness(): Fitness {
    return fitnessOf(this.state);
  }

  /** What another program on this machine knows better, for so long, ms; returns whether it is to hold the machine awake. */
  feed(senses: FedSenses, forMs: number): boolean {
    this.helperUntilMs = performance.now() + forMs;
    this.observer?.feed(senses, forMs);
    return this.awake.asksHelper;
  }

  /** What does not work as it should, in sentences. */
  notes(): string[] {
    return this.awake.trouble === null ? [] : [this.awake.trouble];
  }

  private sensed(senses: Senses): void {
    const { ledger, config, wake } = this.options;
    const { leastFreeDiskBytes, leastFreeDiskShare } = config.limits;
    const { heavyOnBattery } = config;
    const settings = { leastFreeDiskBytes, leastFreeDiskShare, heavyOnBattery };
    this.state = senseFitness(this.state, senses, Date.now(), settings);
    // Idle sleep takes minutes to come, so a sample is soon enough; short tasks need no process each.
    const helper = performance.now() < this.helperUntilMs;
    this.awake.update(this.options.working(), senses.power, helper);
    const fitness = fitnessOf(this.state);
    const { node } = ledger.store;
    if (sameFitness(fitness, ledger.world.nodes.get(node)?.fitness ?? FIT)) return;
    this.record({ type: 'node.sensed', node, fitness, senses: describeSenses(senses) });
    wake('node.sensed');
  }

  private async detect(): Promise<void> {
    const { ledger, wake } = this.options;
    const capabilities = await detectCapabilities(process.platform, this.cut.signal);
    const { node } = ledger.store;
    const known = ledger.world.nodes.get(node)?.detected ?? [];
    if (this.cut.signal.aborted || known.join() === capabilities.join()) return;
    this.record({ type: 'capabilities.found', node, capabilities });
    wake('capabilities.found');
  }

  private record(body: Parameters<Ledger['record']>[0]): void {
    const { ledger, fail } = this.options;
    try {
      ledger.record(body);
    } catch (error) {
      fail(error);
    }
  }
}

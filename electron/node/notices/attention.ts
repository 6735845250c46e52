import { existsSync } from 'node:fs';
import { coarseIdle } from '../../../shared/decide/showing.ts';
import type { ShellState } from '../../../shared/model/notice.ts';
import type { HumanPresence } from '../../../shared/model/presence.ts';
import type { HumanWatch } from '../../notify/human.ts';
import type { Clock } from '../clock.ts';

/** Without a word for so long there is no shell, ms: it speaks three times as often. */
const SHELL_MS = 60_000;
/** Between two looks at the desktop, ms. */
const LOOK_MS = 20_000;

interface AttentionOptions {
  readonly clock: Clock;
  /** Addresses of the buses; null where none can be. */
  readonly buses: { readonly session: string; readonly system: string } | null;
  /** Whether anybody wants to know where the human is. */
  readonly wanted: () => boolean;
  readonly changed: () => void;
}

/** Whether a human is at this machine: by the word of the shell, else of the desktop. */
export class Attention {
  private readonly options: AttentionOptions;
  private shell: { readonly state: ShellState; readonly atMs: number } | null = null;
  private seen: HumanPresence | null = null;
  private watch: HumanWatch | null = null;
  private timer: { cancel(): void } | null = null;
  private stopped = false;

  constructor(options: AttentionOptions) {
    this.options = options;
  }

  /** Begins to look at the desktop; without a bus there is nothing to look at, and nothing is loaded. */
  async start(): Promise<void> {
    const { buses } = this.options;
    if (buses === null || !(mayBeBus(buses.session) || mayBeBus(buses.system))) return;
    const { HumanWatch } = await import('../../notify/human.ts');
    const watch = await HumanWatch.connect(buses);
    if (this.stopped) watch?.close();
    else if (watch) {
      this.watch = watch;
      await this.look();
    }
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
    this.watch?.close();
  }

  /** What the shell says of itself and of the human. */
  report(state: ShellState): void {
    this.shell = { state, atMs: this.options.clock.nowMs() };
    this.options.changed();
  }

  /** Whether there is a shell that can show notifications. */
  get shellNotifies(): boolean {
    return this.liveShell?.notifies === true;
  }

  get human(): HumanPresence | null {
    const shell = this.liveShell;
    if (typeof shell?.idleMs !== 'number') return this.seen;
    return { idleMs: coarseIdle(shell.idleMs), locked: shell.locked ?? false };
  }

  private get liveShell(): ShellState | null {
    const { shell, options } = this;
    return shell && shell.atMs > options.clock.nowMs() - SHELL_MS ? shell.state : null;
  }

  private async look(): Promise<void> {
    const { clock, wanted, changed } = this.options;
    if (wanted() && typeof this.liveShell?.idleMs !== 'number') {
      const found = (await this.watch?.look(clock.nowMs())) ?? null;
      const human = found && { idleMs: coarseIdle(found.idleMs), locked: found.locked };
      const isNew = JSON.stringify(human) !== JSON.stringify(this.seen);
      this.seen = human;
      if (isNew && !this.stopped) changed();
    }
    if (this.stopped) return;
    this.timer = clock.after(LOOK_MS, () => void this.look());
  }
}

/** Whether a bus may be behind an address: one in the file system must be there. */
export function mayBeBus(address: string): boolean {
  const [, path] = /^unix:path=([^,;]+)/.exec(address) ?? [];
  return path === undefined ? address.startsWith('unix:abstract=') : existsSync(path);
}

import { messageOf } from '../../../shared/model/errors.ts';
import type { Notice, NoticeChannel } from '../../../shared/model/notice.ts';
import type { Desktop, NoticeAct } from '../../notify/desktop.ts';
import type { Clock } from '../clock.ts';
import { mayBeBus } from './attention.ts';

/** Between two tries to find the desktop, ms: it comes and goes with the login of its user. */
const RETRY_MS = 60_000;
/** The shell that was told to show a notice says within this that it did, ms: it asks every 20 s. */
const SHELL_CONFIRMS_MS = 60_000;

interface ScreenOptions {
  readonly clock: Clock;
  /** Address of the session bus; null where there can be none. */
  readonly address: string | null;
  /** Where is kept what is on the screen. */
  readonly file: string;
  readonly shellNotifies: () => boolean;
  readonly acted: (notice: string, act: NoticeAct) => void;
  /** The human has put a notification away. */
  readonly putAway: (notice: string) => void;
  readonly shown: (notice: Notice, channel: NoticeChannel) => void;
  readonly failed: (notice: Notice, channel: NoticeChannel, reason: string) => void;
  readonly changed: () => void;
}

/** How a notice is to be on this screen now: not, quietly where it is already, or told (again). */
export type Wish = 'none' | 'keep' | 'tell';

/** The screen of this machine: its desktop's notifications, or those of the shell where the node has none. */
export class Screen {
  private readonly options: ScreenOptions;
  private desktop: Desktop | null = null;
  private triedMs = -Infinity;
  private connecting: Promise<void> | null = null;
  /** Off the screen by the human's hand, or because the desktop keeps nothing for long. */
  private readonly away = new Set<string>();
  private readonly busy = new Set<string>();
  /** What the shell is to show, and since when; `told` once it said so. */
  private readonly handed = new Map<string, { readonly sinceMs: number; told: boolean }>();
  /** To be shown anew by the shell: the next answer to it is without them. */
  private readonly leftOut = new Set<string>();
  /** A notice that only shows that it can be shown; it is of nothing that is open. */
  private tested: string | null = null;
  private stopped = false;

  constructor(options: ScreenOptions) {
    this.options = options;
  }

  /** Whether a notice may be shown here, by whichever of the two. */
  get works(): boolean {
    return this.channel !== null;
  }

  /** Whether the shell is to show what is told here. */
  get shellShows(): boolean {
    return this.channel === 'shell';
  }

  private get channel(): 'desktop' | 'shell' | null {
    if (this.desktop?.works) return 'desktop';
    return this.options.shellNotifies() ? 'shell' : null;
  }

  /** Looks for the desktop where it is not known, at most once a minute. */
  connect(): Promise<void> {
    const { address, clock } = this.options;
    if (this.desktop?.connected || address === null) return Promise.resolve();
    const nowMs = clock.nowMs();
    if (nowMs - this.triedMs < RETRY_MS || !mayBeBus(address))
      return this.connecting ?? Promise.resolve();
    this.triedMs = nowMs;
    this.connecting = this.open(address).finally(() => (this.connecting = null));
    return this.connecting;
  }

  /** Has a notice be on this screen, or not. Returns at once; `shown` or `failed` tell what came of it. */
  set(notice: Notice, wish: Wish): void {
    const { channel } = this;
    if (channel === 'shell' || wish === 'none') this.setShell(notice, wish);
    if (wish === 'none' || channel !== 'desktop') void this.hide(notice.id);
    else if (wish === 'tell' || this.isLost(notice)) void this.show(notice, wish === 'tell');
  }

  /** What the shell is to show now; a notice that is told again is left out once, so that it is shown anew. */
  forShell(open: readonly Notice[]): Notice[] {
    if (!this.shellShows) return [];
    const now = open.filter(({ id }) => this.handed.has(id) && !this.leftOut.has(id));
    this.leftOut.clear();
    return now;
  }

  /** The shell's word on a notice that it was to show. */
  shellSaid(notice: Notice, reason: string | null): void {
    const handed = this.handed.get(notice.id);
    if (reason !== null) {
      this.handed.delete(notice.id);
      this.options.failed(notice, 'shell', reason);
    } else if (handed && !handed.told) {
      handed.told = true;
      this.options.shown(notice, 'shell');
    }
  }

  /** Takes off what is no longer open. */
  keepOnly(open: ReadonlySet<string>): void {
    for (const id of this.desktop?.shown ?? [])
      if (!open.has(id) && id !== this.tested) void this.hide(id);
    for (const id of this.handed.keys()) if (!open.has(id)) this.handed.delete(id);
    for (const id of this.away) if (!open.has(id)) this.away.delete(id);
  }

  /** Shows one that nobody has to answer, and says what came of it. Rejects where there is no desktop. */
  async test(notice: Notice): Promise<void> {
    this.triedMs = -Infinity;
    await this.connect();
    if (!this.desktop) throw new Error('no session bus of a desktop was found');
    this.tested = notice.id;
    await this.desktop.show(notice);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.connecting;
    await this.desktop?.close();
  }

  /** Whether it was told here and the desktop, or this node, has begun anew since. */
  private isLost({ id, level }: Notice): boolean {
    return level !== 'news' && !this.away.has(id) && this.desktop?.shows(id) === false;
  }

  private setShell(notice: Notice, wish: Wish): void {
    const nowMs = this.options.clock.nowMs();
    const handed = this.handed.get(notice.id);
    if (wish === 'none') this.handed.delete(notice.id);
    else if (!handed) {
      // One that the shell has shown before is handed to it again when it is the shell that is new.
      this.handed.set(notice.id, { sinceMs: nowMs, told: wish === 'keep' });
    } else if (!handed.told && nowMs - handed.sinceMs > SHELL_CONFIRMS_MS) {
      this.handed.delete(notice.id);
      this.options.failed(notice, 'shell', 'the app did not say that it was shown');
    } else if (handed.told && wish === 'tell') {
      this.handed.set(notice.id, { sinceMs: nowMs, told: false });
      this.leftOut.add(notice.id);
    }
  }

  private async open(address: string): Promise<void> {
    const { Desktop } = await import('../../notify/desktop.ts');
    const { acted, putAway, changed, file } = this.options;
    try {
      const desktop = await Desktop.connect({
        address,
        file,
        acted,
        changed,
        closed: (id, byHuman) => {
          this.away.add(id);
          if (byHuman) putAway(id);
        },
      });
      if (this.stopped) await desktop.close();
      else this.desktop = desktop;
    } catch {
      // No desktop, or none that lets this user in: notices go elsewhere.
      this.desktop = null;
    }
    changed();
  }

  private async show(notice: Notice, isNews: boolean): Promise<void> {
    const { id } = notice;
    if (this.busy.has(id) || !this.desktop) return;
    this.busy.add(id);
    try {
      // A notification that is there already may be replaced without a sound or a look.
      if (isNews) await this.desktop.hide(id);
      await this.desktop.show(notice);
      this.away.delete(id);
      if (isNews) this.options.shown(notice, 'desktop');
    } catch (error) {
      if (!this.stopped) this.options.failed(notice, 'desktop', messageOf(error));
    } finally {
      this.busy.delete(id);
    }
  }

  private async hide(id: string): Promise<void> {
    await this.desktop?.hide(id);
  }
}

import { join } from 'node:path';
import { NEVER_SHOWN, NOTICE_EVENTS, NoticeFacts } from '../../../shared/decide/noticeFacts.ts';
import { canDismiss, nextNoticeMs, openNotices } from '../../../shared/decide/notices.ts';
import {
  dueMs,
  isQuiet,
  isScreen,
  targetOf,
  type Target,
  type Teller,
} from '../../../shared/decide/showing.ts';
import { VigilError, isDiskFull, messageOf } from '../../../shared/model/errors.ts';
import type { EventBody, EventType } from '../../../shared/model/events.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import type {
  Notice,
  NoticeChannel,
  NoticesView,
  NoticeTestView,
  ShellState,
} from '../../../shared/model/notice.ts';
import type { NodePresence } from '../../../shared/model/presence.ts';
import { sessionAddress, systemAddress } from '../../notify/addresses.ts';
import type { NoticeAct } from '../../notify/desktop.ts';
import type { Clock } from '../clock.ts';
import type { Ledger } from '../ledger.ts';
import { Alarm } from './alarm.ts';
import { Attention } from './attention.ts';
import { Away } from './away.ts';
import { openLink } from './openLink.ts';
import { observePast } from './past.ts';
import { Screen } from './screen.ts';
import type { NoticeSettings } from './settings.ts';
import { testChannels } from './testChannels.ts';
import { Weekly } from './weekly.ts';

/** What happens within so long is looked at together, ms. */
const SOON_MS = 100;
/** While something is open it is looked at so often, ms: time alone moves what is quiet, old or due. */
const LOOK_MS = 60_000;

/** Events, beside those that the facts are made of, after which other notices may be open. */
const MOVES: ReadonlySet<string> = new Set<EventType>([
  'approval.asked',
  'approval.answered',
  'attempt.passed',
  'review.answered',
  'builds.paused',
  'builds.resumed',
  'project.troubled',
  'project.recovered',
  'project.removed',
  'node.sensed',
  'peer.changed',
  'peer.lost',
]);

export interface NoticerOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly home: string;
  readonly settings: NoticeSettings;
  readonly env: NodeJS.ProcessEnv;
  /** The other machines that are there. */
  readonly peers: () => readonly NodePresence[];
  /** What others hear of this machine may be different. */
  readonly tell: () => void;
  /** Gives a human's answer to what a notice asks. */
  readonly answer: (
    answers: NonNullable<Notice['answers']>,
    yes: boolean,
    where: string,
  ) => Promise<void>;
  /** Where the page of this node is, with its token. */
  readonly pageLink: (place: string) => string;
  readonly fail: (error: unknown) => void;
}

/**
 * Tells the human of this mesh what needs one (O3): each node finds by the same rule which machine it is that tells,
 * and the log says where that was and where it failed, so that one answer takes it off all screens.
 */
export class Noticer {
  private readonly options: NoticerOptions;
  private readonly facts = new NoticeFacts();
  private readonly weekly: Weekly;
  private readonly attention: Attention;
  private readonly screen: Screen;
  private readonly away: Away;
  private readonly alarm: Alarm;
  private readonly stops: (() => void)[] = [];
  private readonly firstSeen = new Map<string, number>();
  private running = false;
  private notices: Notice[] = [];

  constructor(options: NoticerOptions) {
    this.options = options;
    const { clock, env, ledger } = options;
    this.weekly = new Weekly(ledger);
    const onLinux = process.platform === 'linux';
    const session = onLinux ? sessionAddress(env) : null;
    const changed = () => {
      options.tell();
      this.soon();
    };
    this.attention = new Attention({
      clock,
      buses: session === null ? null : { session, system: systemAddress(env) },
      wanted: () =>
        this.notices.length > 0 || options.peers().length > 0 || this.presence().tells.away,
      changed,
    });
    this.screen = new Screen({
      clock,
      changed,
      address: session,
      file: join(options.home, 'notifications.json'),
      shellNotifies: () => this.attention.shellNotifies,
      acted: (notice, act) => void this.acted(notice, act),
      putAway: (notice) => void this.dismiss(notice, 'local user').catch(() => undefined),
      shown: (notice, channel) => this.shownBy(notice, channel),
      failed: (notice, channel, reason) => this.failedBy(notice, channel, reason),
    });
    this.away = new Away({
      node: ledger.store.node,
      settings: options.settings,
      pageLink: options.pageLink,
      shown: (notice, channel) => this.shownBy(notice, channel),
      failed: (notice, channel, reason, others) => this.failedBy(notice, channel, reason, others),
    });
    this.alarm = new Alarm(clock, () => this.look());
  }

  /** Reads what the log says of before, and begins to tell. Returns at once. */
  start(): void {
    const { ledger, fail, settings } = this.options;
    observePast(ledger, this.facts);
    const heard = (event: Parameters<NoticeFacts['observe']>[0]) => {
      const { type } = event.body;
      if (NOTICE_EVENTS.has(type)) this.facts.observe(event);
      if (NOTICE_EVENTS.has(type) || MOVES.has(type)) this.soon();
    };
    this.running = true;
    this.stops.push(ledger.onEvent(heard));
    ledger.onCopied((event) => this.running && heard(event));
    ledger.onPut(() => this.soon());
    this.attention.start().catch(fail);
    if (settings.now.desktop) this.screen.connect().catch(fail);
    this.soon();
  }

  /** Takes what it shows off the screen, and tells nothing more. */
  async stop(): Promise<void> {
    this.running = false;
    this.alarm.cancel();
    for (const stop of this.stops) stop();
    this.away.stop();
    this.attention.stop();
    await this.screen.stop();
  }

  /** Something changed that notices may depend on. */
  soon(): void {
    if (this.running) this.alarm.in(SOON_MS);
  }

  /** All that is open in the mesh. */
  open(): NoticesView {
    this.look();
    return { notices: this.notices, shellShows: this.screen.shellShows };
  }

  /** What the shell says of itself; answered with what it is to show here. */
  shell(state: ShellState): NoticesView {
    this.attention.report(state);
    this.look();
    return {
      notices: this.screen.forShell(this.notices),
      shellShows: this.screen.shellShows,
    };
  }

  /** The shell's word on a notice; `reason` says why it was not shown. Throws `not-found`. */
  shellSaid(id: string, reason: string | null): void {
    this.screen.shellSaid(this.find(id), reason);
    this.look();
  }

  /** A human has read it. Throws `not-found`, and `conflict` for what waits for an answer. */
  async dismiss(id: string, who: string): Promise<void> {
    const notice = this.find(id);
    if (!canDismiss(notice))
      throw new VigilError(
        'conflict',
        `${notice.title} waits for an answer`,
        'Approve or deny it: what was asked stays until somebody answers.',
      );
    await this.options.ledger.commit({ type: 'notice.dismissed', notice: id, who });
    this.look();
  }

  /** Sends a test by every channel of this machine, and says what came of each. */
  test(): Promise<NoticeTestView> {
    const { screen, attention, away } = this;
    const { settings, ledger } = this.options;
    const { desktop } = settings.now;
    return testChannels({ screen, attention, away, desktop }, ledger.nowMs());
  }

  /** The settings are others now. */
  settingsChanged(): void {
    this.options.tell();
    this.soon();
  }

  /** What the others hear of this machine. */
  presence(): Pick<NodePresence, 'human' | 'tells'> {
    const { desktop, quiet } = this.options.settings.now;
    return {
      human: this.attention.human,
      tells: {
        screen: desktop && this.screen.works,
        away: this.away.channels.length > 0,
        quiet: isQuiet('ask', quiet, minuteOfDay(this.options.ledger.nowMs())),
      },
    };
  }

  private find(id: string): Notice {
    this.look();
    const found = this.notices.find((notice) => notice.id === id);
    if (found) return found;
    throw new VigilError(
      'not-found',
      `there is no open notice ${id}`,
      '`vigil notify list` shows which are; one that was answered is gone everywhere.',
    );
  }

  /** Finds what is open, and has this machine tell what is its to tell. */
  private look(): void {
    if (!this.running) return;
    const { ledger, settings, fail } = this.options;
    const nowMs = ledger.nowMs();
    try {
      const weekly = this.weekly.notice(nowMs);
      this.notices = openNotices(ledger.world, this.facts, nowMs, weekly).map((notice) => {
        const sinceMs = notice.sinceMs || (this.firstSeen.get(notice.id) ?? nowMs);
        this.firstSeen.set(notice.id, sinceMs);
        return { ...notice, sinceMs };
      });
      const open = new Set(this.notices.map(({ id }) => id));
      for (const id of this.firstSeen.keys()) if (!open.has(id)) this.firstSeen.delete(id);
      this.facts.prune(open, nowMs);
      this.screen.keepOnly(open);
      if (this.notices.length > 0 && settings.now.desktop) this.screen.connect().catch(fail);
      for (const notice of this.notices) this.tellOf(notice, nowMs);
      const nextMs = Math.min(
        this.notices.length > 0 ? nowMs + LOOK_MS : Infinity,
        nextNoticeMs(this.facts, nowMs) ?? Infinity,
        this.weekly.nextMs(nowMs),
      );
      this.alarm.in(Math.max(SOON_MS, nextMs - nowMs));
    } catch (error) {
      fail(error);
    }
  }

  private tellOf(notice: Notice, nowMs: number): void {
    const { ledger, settings } = this.options;
    const self = ledger.store.node;
    const { shown } = this.facts.showings.get(notice.id) ?? NEVER_SHOWN;
    const target = this.targetOf(notice, nowMs);
    const quiet = isQuiet(notice.level, settings.now.quiet, minuteOfDay(nowMs));
    const before = (screen: boolean) => shown.filter(({ channel }) => isScreen(channel) === screen);
    const isDue = (screen: boolean): boolean => {
      const due = dueMs(notice.level, before(screen));
      return due !== null && due <= nowMs;
    };
    const last = before(true).at(-1);
    // The human is at this machine now: what waits for them is told here at once.
    const moved = last !== undefined && last.node !== self && notice.level !== 'news';
    if (target.screen !== self || (quiet && last?.node !== self)) this.screen.set(notice, 'none');
    else this.screen.set(notice, !quiet && (moved || isDue(true)) ? 'tell' : 'keep');
    if (target.away === self && !quiet && isDue(false)) void this.away.send(notice);
  }

  private targetOf(notice: Notice, nowMs: number): Target {
    const { ledger, peers } = this.options;
    const own: Teller = { node: ledger.store.node, ...this.presence() };
    const showings = this.facts.showings.get(notice.id) ?? NEVER_SHOWN;
    return targetOf(notice.level, [own, ...peers()], showings, nowMs);
  }

  private shownBy({ id: notice, level, title }: Notice, channel: NoticeChannel): void {
    this.record({ type: 'notice.shown', notice, level, title, channel });
  }

  private failedBy(notice: Notice, channel: NoticeChannel, reason: string, other?: string): void {
    const { ledger, tell } = this.options;
    const { id, level, title } = notice;
    const nowMs = ledger.nowMs();
    const known = this.facts.showings.get(id) ?? NEVER_SHOWN;
    const failed = [...known.failed, { node: ledger.store.node, channel, atMs: nowMs }];
    const tellers = [{ node: ledger.store.node, ...this.presence() }, ...this.options.peers()];
    const target = targetOf(level, tellers, { ...known, failed }, nowMs);
    const next = other ?? this.nextOf(target);
    this.record({ type: 'notice.failed', notice: id, level, title, channel, reason, next });
    tell();
  }

  /** What is tried after a failure, in words. */
  private nextOf({ screen, away }: Target): string {
    const nameOf = (node: NodeId) =>
      this.options.peers().find((peer) => peer.node === node)?.name ?? 'this machine';
    const places = [
      ...(screen === null ? [] : [`the screen of ${nameOf(screen)}`]),
      ...(away === null ? [] : [`ntfy or the webhook of ${nameOf(away)}`]),
    ];
    return places.join(', and ') || 'the page, where it waits';
  }

  private async acted(id: string, act: NoticeAct): Promise<void> {
    const { answer, fail, pageLink, home } = this.options;
    const notice = this.notices.find((one) => one.id === id);
    if (!notice) return;
    if (act === 'open') {
      await openLink(home, pageLink(notice.place)).catch((error: unknown) =>
        process.stderr.write(`vigil: the page can't be opened: ${messageOf(error)}\n`),
      );
      return;
    }
    try {
      if (act === 'dismiss') await this.dismiss(id, 'local user');
      else if (notice.answers)
        await answer(notice.answers, act === 'approve', 'on its notification');
    } catch (error) {
      // Answered elsewhere a moment before, or gone: the first answer counts. A full disk ends the node.
      if (isDiskFull(error) || !(error instanceof VigilError)) fail(error);
    }
    this.look();
  }

  private record(body: EventBody): void {
    const { ledger, fail } = this.options;
    if (!this.running) return;
    ledger.commit(body).catch(fail);
  }
}

function minuteOfDay(nowMs: number): number {
  const date = new Date(nowMs);
  return date.getHours() * 60 + date.getMinutes();
}

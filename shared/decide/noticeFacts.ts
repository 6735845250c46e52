import { describeAdaptation } from '../explain/describeAdaptation.ts';
import { describeLimit, holdsWork } from '../explain/describeLimit.ts';
import type { EventType, LoggedEvent } from '../model/events.ts';
import type { NodeId, TaskId } from '../model/ids.ts';
import type { NoticeChannel, NoticeLevel } from '../model/notice.ts';

/** So long something that is only told is kept for a human who was away, ms. */
export const KEPT_MS = 3 * 24 * 3_600_000;

/** Something that happened of which a human should hear; several of a kind make one notice. */
export interface Item {
  readonly kind: 'merged' | 'failed' | 'spending' | 'audit' | 'adapted' | 'changed';
  readonly level: NoticeLevel;
  /** The event that it comes from, as it is on all nodes. */
  readonly node: NodeId;
  readonly seq: number;
  readonly atMs: number;
  readonly task: TaskId | null;
  readonly text: string;
  readonly place: string;
}

/** How much the engine trusted its picture as it looked whether a prediction had held, 0–1. */
export interface Trust {
  readonly node: NodeId;
  readonly seq: number;
  readonly atMs: number;
  readonly confidence: number;
}

/** Trouble that lasts until an event says that it is over. */
export interface Trouble {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly place: string;
  readonly sinceMs: number;
}

/** Where and when a human was told, and where that failed. */
export interface Showing {
  readonly node: NodeId;
  readonly channel: NoticeChannel;
  readonly atMs: number;
}

export interface Showings {
  readonly shown: readonly Showing[];
  readonly failed: readonly Showing[];
}

export const NEVER_SHOWN: Showings = { shown: [], failed: [] };

/**
 * What the logs of all nodes say that a human should hear of and the world does not keep: a fold, so that every
 * node of a mesh comes to the same notices.
 */
export class NoticeFacts {
  readonly items: Item[] = [];
  readonly trusts: Trust[] = [];
  readonly troubles = new Map<string, Trouble>();
  readonly dismissed = new Map<string, number>();
  readonly showings = new Map<string, Showings>();
  /** Open tasks whose result a human is to hear of once it merges. */
  private readonly toTell = new Map<TaskId, string>();

  /** Takes in an event of any node's log; nothing happens twice to an event that is taken in twice. */
  observe(event: LoggedEvent): void {
    const { body, node, atMs } = event;
    const troubleId = (what: string) => `${what}.${node}`.replaceAll(/[^A-Za-z0-9._-]/g, '_');
    switch (body.type) {
      case 'attempt.verified': {
        const tells = body.verification.checks.flatMap(({ tells: what }) => what ?? []);
        if (tells.length > 0) this.toTell.set(body.task, tells.join('; '));
        else this.toTell.delete(body.task);
        break;
      }
      case 'merge.done': {
        const what = this.toTell.get(body.task);
        this.toTell.delete(body.task);
        this.forget(body.task);
        if (what !== undefined)
          this.add(event, 'merged', 'news', body.task, `${body.task} merged: ${what}`);
        break;
      }
      case 'task.failed': {
        const { task, failure, recommendation } = body;
        const advice = recommendation === undefined ? '' : ` ${recommendation}`;
        this.add(event, 'failed', 'ask', task, `${task} was given up: ${failure.reason}.${advice}`);
        break;
      }
      case 'task.retried':
      case 'task.cancelled':
        this.forget(body.task);
        break;
      case 'limit.reached': {
        if (body.subject !== 'budget') break;
        const text = describeLimit(body);
        if (!holdsWork(body)) this.add(event, 'spending', 'news', null, text, '/costs');
        else {
          const id = troubleId(`cap.${body.limit}`);
          const title = `The cap ${body.limit} is reached`;
          // Reached anew it is a new trouble, also for one who has read of the last.
          this.dismissed.delete(id);
          this.troubles.set(id, { id, title, text, place: '/costs', sinceMs: atMs });
        }
        break;
      }
      case 'limit.cleared':
        this.end(troubleId(`cap.${body.limit}`));
        break;
      case 'log.broken':
      case 'log.forked': {
        const id = `log.${body.node}`;
        const title = `The log of ${body.node} is ${body.type === 'log.broken' ? 'broken' : 'forked'}`;
        const text = `${body.what} (event ${body.seq}). vigil doctor says more.`;
        this.troubles.set(id, { id, title, text, place: '/nodes', sinceMs: atMs });
        break;
      }
      case 'log.repaired':
        this.end(`log.${body.node}`);
        break;
      case 'peer.doubled': {
        const id = `doubled.${body.peer}`;
        const title = `A second machine uses the identity of ${body.peer}`;
        const text = `It is at ${body.address}: a home was copied. Stop one of the two for good.`;
        this.troubles.set(id, { id, title, text, place: '/nodes', sinceMs: atMs });
        break;
      }
      case 'mesh.left': {
        if (body.revoked !== true) break;
        const id = troubleId('revoked');
        const title = 'This node was put out of its mesh';
        const text =
          'Another node revoked it. It works on alone; to belong to the mesh again it needs a new home and an invitation.';
        this.troubles.set(id, { id, title, text, place: '/nodes', sinceMs: atMs });
        break;
      }
      case 'audit.finished': {
        const [first] = body.failures;
        if (first) this.add(event, 'audit', 'news', null, `${first.check}: ${first.detail}`, '/');
        break;
      }
      case 'engine.adapted': {
        const text = describeAdaptation(body.change, body.project);
        this.add(event, 'changed', 'news', null, text, '/insights');
        break;
      }
      case 'prediction.checked': {
        const { seq } = event;
        if (this.trusts.some((one) => one.node === node && one.seq === seq)) break;
        this.trusts.push({ node, seq, atMs, confidence: body.confidence });
        if (this.trusts.length > MOST_ITEMS) this.trusts.shift();
        break;
      }
      case 'notice.shown':
      case 'notice.failed': {
        const known = this.showings.get(body.notice) ?? NEVER_SHOWN;
        const one = { node, channel: body.channel, atMs };
        this.showings.set(
          body.notice,
          body.type === 'notice.shown'
            ? { ...known, shown: [...known.shown, one].slice(-MOST_SHOWINGS) }
            : { ...known, failed: [...known.failed, one].slice(-MOST_SHOWINGS) },
        );
        break;
      }
      case 'notice.dismissed':
        this.dismissed.set(body.notice, atMs);
        break;
      default:
    }
  }

  /** Lets go of what is too old to matter, but for what is `open`. */
  prune(open: ReadonlySet<string>, nowMs: number): void {
    const trusts = this.trusts.filter(({ atMs }) => atMs > nowMs - KEPT_MS);
    if (trusts.length < this.trusts.length) this.trusts.splice(0, this.trusts.length, ...trusts);
    const fresh = this.items.filter(({ atMs }) => atMs > nowMs - KEPT_MS);
    if (fresh.length < this.items.length) this.items.splice(0, this.items.length, ...fresh);
    for (const [id, { sinceMs }] of this.troubles)
      if (id.startsWith('doubled.') && sinceMs < nowMs - KEPT_MS) this.end(id);
    for (const [id, { shown, failed }] of this.showings) {
      const last = Math.max(0, ...[...shown, ...failed].map(({ atMs }) => atMs));
      if (!open.has(id) && last < nowMs - KEPT_MS) this.showings.delete(id);
    }
    for (const [id, atMs] of this.dismissed)
      if (atMs < nowMs - 2 * KEPT_MS && !open.has(id)) this.dismissed.delete(id);
  }

  private add(
    { node, seq, atMs }: LoggedEvent,
    kind: Item['kind'],
    level: NoticeLevel,
    task: TaskId | null,
    text: string,
    place = task === null ? '/' : `/tasks/${task}`,
  ): void {
    if (this.items.some((item) => item.node === node && item.seq === seq)) return;
    this.items.push({ kind, level, node, seq, atMs, task, text, place });
    if (this.items.length > MOST_ITEMS) this.items.shift();
  }

  /** A task that goes on is no longer news of its end. */
  private forget(task: TaskId): void {
    const others = this.items.filter((item) => item.task !== task);
    if (others.length < this.items.length) this.items.splice(0, this.items.length, ...others);
  }

  private end(id: string): void {
    this.troubles.delete(id);
    this.dismissed.delete(id);
    this.showings.delete(id);
  }
}

/** More is no news but a log. */
const MOST_ITEMS = 1_000;
/** Kept of each kind for one notice: repetition counts them, and is at its slowest long before. */
const MOST_SHOWINGS = 20;

/** The types of events that `NoticeFacts.observe` looks at. */
export const NOTICE_EVENT_TYPES: readonly EventType[] = [
  'attempt.verified',
  'merge.done',
  'task.failed',
  'task.retried',
  'task.cancelled',
  'limit.reached',
  'limit.cleared',
  'log.broken',
  'log.forked',
  'log.repaired',
  'peer.doubled',
  'mesh.left',
  'audit.finished',
  'engine.adapted',
  'prediction.checked',
  'notice.shown',
  'notice.failed',
  'notice.dismissed',
];
export const NOTICE_EVENTS: ReadonlySet<string> = new Set(NOTICE_EVENT_TYPES);

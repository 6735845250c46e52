import { Notification } from 'electron';
import { z } from 'zod';
import { messageOf } from '../../shared/model/errors.ts';
import { NoticesView, type Notice, type NoticeShown } from '../../shared/model/notice.ts';
import type { NodeLink } from './nodeLink.ts';
import { answerOf, BUTTONS } from './noticeAnswer.ts';
import type { Power } from './power.ts';

/** The shell says that it is there so often, ms. */
const TELL_MS = 20_000;
/** After events, at most so often, ms. */
const THROTTLE_MS = 1_000;

/**
 * Shows what the node has for the human of this machine, with Approve and Deny where the system has
 * buttons (macOS), and takes away what was answered elsewhere.
 */
export class Notifier {
  private readonly link: NodeLink;
  private readonly power: Power;
  private readonly open: (place: string) => void;
  /** By notice. They are held: one that nobody holds is collected, and its click with it. */
  private readonly shown = new Map<string, Notification>();
  private timer: NodeJS.Timeout | null = null;
  private toldAtMs = -Infinity;

  constructor(link: NodeLink, power: Power, open: (place: string) => void) {
    this.link = link;
    this.power = power;
    this.open = open;
    const tell = () => this.tellSoon();
    link.listen({ onOpen: tell, onEvent: tell, onClose: () => undefined });
    setInterval(tell, TELL_MS);
  }

  private tellSoon(): void {
    if (this.timer) return;
    const waitMs = Math.max(0, this.toldAtMs + THROTTLE_MS - performance.now());
    this.timer = setTimeout(() => {
      this.timer = null;
      this.toldAtMs = performance.now();
      void this.tell();
    }, waitMs);
  }

  private async tell(): Promise<void> {
    if (!this.link.live) return;
    try {
      const view = await this.link.call('POST', '/v1/shell', NoticesView, this.power.state());
      this.show(view.shellShows ? view.notices : []);
    } catch {
      // The link tells when the node is gone; what is shown stays until it is back.
    }
  }

  private show(notices: readonly Notice[]): void {
    const open = new Set(notices.map(({ id }) => id));
    for (const [id, notification] of this.shown)
      if (!open.has(id)) {
        this.shown.delete(id);
        notification.close();
      }
    for (const notice of notices) if (!this.shown.has(notice.id)) this.showOne(notice);
  }

  private showOne(notice: Notice): void {
    const { id, level, title, text, place, answers } = notice;
    const told = (said: NoticeShown) => this.post(`/v1/notices/${id}/shown`, said);
    if (!Notification.isSupported()) {
      told({ shown: false, reason: 'this desktop shows no notifications' });
      return;
    }
    const notification = new Notification({
      title,
      body: text,
      silent: level === 'news',
      urgency: level === 'critical' ? 'critical' : 'normal',
      actions: answers === null ? [] : BUTTONS.map((text) => ({ type: 'button', text })),
    });
    this.shown.set(id, notification);
    notification.on('show', () => told({ shown: true, reason: null }));
    // On Linux it does not say why.
    notification.on('failed', (_, error) =>
      told({ shown: false, reason: error.slice(0, 500) || 'the desktop did not take it' }),
    );
    notification.on('click', () => {
      this.open(place);
      if (answers === null) this.post(`/v1/notices/${id}/dismiss`, {});
    });
    notification.on('action', (_, button) => {
      const answer = answerOf(notice, button);
      // Where it can't be taken any more, the page says why.
      if (answer) this.post(answer.path, answer.body, () => this.open(place));
    });
    notification.show();
  }

  private post(path: string, body: unknown, failed: (why: string) => void = () => {}): void {
    this.link
      .call('POST', path, z.unknown(), body)
      .catch((error: unknown) => failed(messageOf(error)));
  }
}

import { NoticeFacts } from '../../shared/decide/noticeFacts.ts';
import { openNotices } from '../../shared/decide/notices.ts';
import { VigilError } from '../../shared/model/errors.ts';
import type {
  NoticeSettingsInput,
  NoticeSettingsView,
  NoticesView,
  NoticeShown,
  NoticeTestView,
  ShellState,
} from '../../shared/model/notice.ts';
import type { Ledger } from './ledger.ts';
import { observePast } from './notices/past.ts';
import type { Noticer } from './notices/noticer.ts';
import type { NoticeSettings } from './notices/settings.ts';
import { Weekly } from './notices/weekly.ts';

/** What the API offers about telling a human. While no node runs, nobody is told; all else works. */
export class NoticeServices {
  private readonly ledger: Ledger;
  private readonly settingsOfNode: NoticeSettings;
  private readonly noticer: Noticer | null;

  constructor(options: { ledger: Ledger; settings: NoticeSettings; noticer: Noticer | null }) {
    this.ledger = options.ledger;
    this.settingsOfNode = options.settings;
    this.noticer = options.noticer;
  }

  open(): NoticesView {
    if (this.noticer) return this.noticer.open();
    const facts = new NoticeFacts();
    const nowMs = this.ledger.nowMs();
    observePast(this.ledger, facts);
    const weekly = new Weekly(this.ledger).notice(nowMs);
    return { notices: openNotices(this.ledger.world, facts, nowMs, weekly), shellShows: false };
  }

  /** Takes the word of the shell; answers with what it is to show. */
  shell(state: ShellState): NoticesView {
    return this.running().shell(state);
  }

  /** Throws `not-found`. */
  shown(id: string, { shown, reason }: NoticeShown): NoticesView {
    this.running().shellSaid(id, shown ? null : (reason ?? 'the app did not say why'));
    return this.open();
  }

  /** Throws as `Noticer.dismiss`. */
  async dismiss(id: string, who: string): Promise<NoticesView> {
    await this.running().dismiss(id, who);
    return this.open();
  }

  settings(): Promise<NoticeSettingsView> {
    return this.settingsOfNode.view();
  }

  /** Throws as `NoticeSettings.set`. */
  async setSettings(input: NoticeSettingsInput): Promise<NoticeSettingsView> {
    const view = await this.settingsOfNode.set(input);
    this.noticer?.settingsChanged();
    return view;
  }

  test(): Promise<NoticeTestView> {
    return this.running().test();
  }

  private running(): Noticer {
    if (this.noticer) return this.noticer;
    throw new VigilError(
      'node-unreachable',
      'no node runs on this home, and only a running one tells anybody anything',
      'Start it with `vigil up`, then say it again in a second terminal.',
    );
  }
}

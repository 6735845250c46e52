import { channelName } from '../../../shared/explain/describeEngine.ts';
import { messageOf } from '../../../shared/model/errors.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import type { Notice } from '../../../shared/model/notice.ts';
import type { NoticeSettings } from './settings.ts';

/** Ways to a human who is at no machine. */
export type AwayChannel = 'ntfy' | 'webhook';

export interface AwayOptions {
  readonly node: NodeId;
  readonly settings: NoticeSettings;
  /** Where the page of this node is, with its token. */
  readonly pageLink: (place: string) => string;
  readonly shown: (notice: Notice, channel: AwayChannel) => void;
  /** `others` names the channels that took it all the same; undefined when none did. */
  readonly failed: (notice: Notice, channel: AwayChannel, reason: string, others?: string) => void;
}

/** Sends notices to ntfy and the webhook of this machine, as far as they are set. */
export class Away {
  private readonly options: AwayOptions;
  private readonly cut = new AbortController();
  private readonly pushing = new Set<string>();

  constructor(options: AwayOptions) {
    this.options = options;
  }

  get channels(): AwayChannel[] {
    const { now } = this.options.settings;
    return (['ntfy', 'webhook'] as const).filter((channel) => now[channel] !== null);
  }

  /** What is under way ends, and nothing more is told of it. */
  stop(): void {
    this.cut.abort();
  }

  /** By each channel that is set; once at a time for each notice. */
  async send(notice: Notice): Promise<void> {
    if (this.pushing.has(notice.id)) return;
    this.pushing.add(notice.id);
    const { shown, failed } = this.options;
    const { channels } = this;
    const troubles = new Map<AwayChannel, string>();
    for (const channel of channels) {
      try {
        await this.push(notice, channel);
        shown(notice, channel);
      } catch (error) {
        troubles.set(channel, messageOf(error));
      }
      if (this.cut.signal.aborted) return;
    }
    this.pushing.delete(notice.id);
    const others = channels.filter((channel) => !troubles.has(channel)).map(channelName);
    for (const [channel, reason] of troubles)
      failed(notice, channel, reason, others.length > 0 ? others.join(', ') : undefined);
  }

  /** Rejects when it was not taken, after having tried again with these pauses. */
  async push(notice: Notice, channel: AwayChannel, pausesMs?: readonly number[]): Promise<void> {
    const { node, settings, pageLink } = this.options;
    const { page, [channel]: url } = settings.now;
    if (url === null) return;
    const { pushToNtfy, pushToWebhook } = await import('../../notify/push.ts');
    // Without its token: what is read elsewhere must not open the page for whoever reads it.
    const own = new URL(pageLink(notice.place));
    own.hash = '';
    const link = page === null ? own.href : new URL(notice.place, page).href;
    const target = {
      ...{ url, token: settings.token(channel), link, signal: this.cut.signal },
      ...(pausesMs ? { pausesMs } : {}),
    };
    if (channel === 'ntfy') await pushToNtfy(notice, target);
    else await pushToWebhook(notice, node, target);
  }
}

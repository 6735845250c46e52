import { ProviderId } from '../../../shared/model/agent.ts';
import {
  NoticeConfig,
  type NoticeSettingsInput,
  type NoticeSettingsView,
} from '../../../shared/model/notice.ts';
import type { ProviderKeys } from '../../gateway/keys.ts';
import { writeSetting } from '../home.ts';

/** Under these names the tokens are kept beside the keys of providers, which need one of their own. */
const NTFY = ProviderId.parse('notices-ntfy');
const WEBHOOK = ProviderId.parse('notices-webhook');

/** How a human is told on this machine: in `config.yaml`, and the tokens where keys are kept. */
export class NoticeSettings {
  private readonly home: string;
  private readonly keys: ProviderKeys;
  private config: NoticeConfig;

  constructor(home: string, config: NoticeConfig, keys: ProviderKeys) {
    this.home = home;
    this.config = config;
    this.keys = keys;
  }

  get now(): NoticeConfig {
    return this.config;
  }

  /** The token of a channel, or null. Throws as `ProviderKeys.get`. */
  token(channel: 'ntfy' | 'webhook'): string | null {
    return this.keys.get(channel === 'ntfy' ? NTFY : WEBHOOK);
  }

  async view(): Promise<NoticeSettingsView> {
    return {
      ...this.config,
      ntfyToken: await this.keys.source(NTFY),
      webhookToken: await this.keys.source(WEBHOOK),
    };
  }

  /** Holds from now on, and after a restart. Throws `invalid-input` for a file or a token that can't be. */
  async set(input: NoticeSettingsInput): Promise<NoticeSettingsView> {
    const { ntfyToken, webhookToken, ...changes } = input;
    // First, so that what can't be kept changes nothing.
    await this.setToken(NTFY, ntfyToken);
    await this.setToken(WEBHOOK, webhookToken);
    const config = NoticeConfig.parse({ ...this.config, ...changes });
    if (JSON.stringify(config) !== JSON.stringify(this.config))
      writeSetting(this.home, 'notices', config);
    this.config = config;
    return this.view();
  }

  private async setToken(name: ProviderId, token: string | null | undefined): Promise<void> {
    if (token === null) await this.keys.delete(name);
    else if (token !== undefined) await this.keys.set(name, token);
  }
}

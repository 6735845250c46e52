import type { Command } from 'commander';
import { VigilError } from '../../../shared/model/errors.ts';
import {
  NoticesView,
  NoticeSettingsView,
  NoticeTestView,
  type NoticeSettingsInput,
} from '../../../shared/model/notice.ts';
import { readKey } from '../providerKey.ts';
import { renderNotices, renderNoticeSettings, renderNoticeTest } from '../render/notices.ts';
import { action, type Session } from '../session.ts';

const HELP = `
For example:
  vigil notify set --quiet 22:00-07:30
  vigil notify set --ntfy https://ntfy.sh/my-topic --ntfy-token-env NTFY_TOKEN
  vigil notify set --webhook off
  vigil notify test`;

interface SetOptions {
  desktop?: string;
  quiet?: string;
  ntfy?: string;
  webhook?: string;
  page?: string;
  ntfyTokenEnv?: string;
  ntfyTokenStdin?: boolean;
  webhookTokenEnv?: string;
  webhookTokenStdin?: boolean;
}

export function addNotifyCommands(program: Command): void {
  const notify = program
    .command('notify')
    .description('what you are told of, and how')
    .addHelpText('after', HELP)
    .action(action(showSettings));
  notify
    .command('list')
    .description('list what is open: asks, what is critical, and news')
    .action(
      action(async (session) => {
        const client = await session.client();
        session.show(await client.call('GET', '/v1/notices', NoticesView), renderNotices);
      }),
    );
  notify.command('show').description('show the settings').action(action(showSettings));
  notify
    .command('set')
    .description('change how you are told on this machine; `off` takes a setting away')
    .option('--desktop <on|off>', 'notifications on the desktop of this machine')
    .option(
      '--quiet <from-to>',
      'only what is critical in this time of day, for example 22:00-07:30',
    )
    .option('--ntfy <url>', 'address of an ntfy topic, for when you are at no machine')
    .option('--ntfy-token-env <name>', 'take its token from this variable')
    .option('--ntfy-token-stdin', 'read its token from standard input')
    .option('--webhook <url>', 'address that gets each notice as JSON')
    .option('--webhook-token-env <name>', 'take its bearer token from this variable')
    .option('--webhook-token-stdin', 'read its bearer token from standard input')
    .option('--page <url>', 'where the page is for whoever reads those two')
    .action(action(setSettings));
  notify
    .command('test')
    .description('tell you by every channel, and say what came of each; exits 1 when one failed')
    .action(action(testChannels));
}

async function showSettings(session: Session): Promise<void> {
  const client = await session.client();
  session.show(
    await client.call('GET', '/v1/notice-settings', NoticeSettingsView),
    renderNoticeSettings,
  );
}

async function setSettings(session: Session, options: SetOptions): Promise<void> {
  const { desktop, quiet, ntfy, webhook, page } = options;
  const change: NoticeSettingsInput = {
    ...(desktop === undefined ? {} : { desktop: onOrOff(desktop) }),
    ...(quiet === undefined ? {} : { quiet: quiet === 'off' ? null : period(quiet) }),
    ...(ntfy === undefined ? {} : { ntfy: addressOrOff(ntfy) }),
    ...(webhook === undefined ? {} : { webhook: addressOrOff(webhook) }),
    ...(page === undefined ? {} : { page: addressOrOff(page) }),
    ...(await token('ntfy', options.ntfyTokenEnv, options.ntfyTokenStdin)),
    ...(await token('webhook', options.webhookTokenEnv, options.webhookTokenStdin)),
    // A token of an address that is gone would go to the next.
    ...(ntfy === 'off' ? { ntfyToken: null } : {}),
    ...(webhook === 'off' ? { webhookToken: null } : {}),
  };
  if (Object.keys(change).length === 0)
    throw new VigilError(
      'misuse',
      'nothing is to be set',
      '`vigil notify set --help` lists what can be.',
    );
  const client = await session.client();
  session.show(
    await client.call('PUT', '/v1/notice-settings', NoticeSettingsView, change),
    renderNoticeSettings,
  );
}

async function testChannels(session: Session): Promise<void> {
  const client = await session.client();
  const tested = await client.call('POST', '/v1/notice-settings/test', NoticeTestView);
  session.show(tested, renderNoticeTest);
  if (tested.channels.some(({ ok }) => !ok)) process.exitCode = 1;
}

async function token(
  channel: 'ntfy' | 'webhook',
  keyEnv: string | undefined,
  keyStdin: boolean | undefined,
): Promise<NoticeSettingsInput> {
  if (keyEnv === undefined && keyStdin !== true) return {};
  const given = { ...(keyEnv === undefined ? {} : { keyEnv }), ...(keyStdin ? { keyStdin } : {}) };
  const found = await readKey(channel, given, null, true);
  if (!found) return {};
  return channel === 'ntfy' ? { ntfyToken: found.key } : { webhookToken: found.key };
}

function addressOrOff(text: string): string | null {
  if (text === 'off') return null;
  if (URL.canParse(text)) return text;
  throw new VigilError(
    'misuse',
    `${text} is no address`,
    'Write it whole, for example https://ntfy.sh/my-topic, or `off` for none.',
  );
}

function onOrOff(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new VigilError('misuse', `${text} is neither on nor off`, 'Write --desktop on or off.');
}

function period(text: string): { from: string; to: string } {
  const [, from, to] = /^(\d\d:\d\d)\s*-\s*(\d\d:\d\d)$/.exec(text) ?? [];
  if (from !== undefined && to !== undefined) return { from, to };
  throw new VigilError(
    'misuse',
    `${text} is no time of day`,
    'Write it as 22:00-07:30, or `off` for none.',
  );
}

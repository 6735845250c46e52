import { relative } from '../../../shared/explain/format.ts';
import { channelName } from '../../../shared/explain/describeEngine.ts';
import type {
  NoticeSettingsView,
  NoticesView,
  NoticeTestView,
} from '../../../shared/model/notice.ts';
import { facts, paragraph } from './blocks.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';

const LEVELS = { critical: 'critical', ask: 'asks you', news: 'news' } as const;
const TOKENS = {
  environment: ', with a token from the environment',
  keychain: ', with a token in the keychain',
  file: ', with a token in a file that only you can read',
  none: '',
} as const;

/** What a human should know of, one line each. */
export function renderNotices({ notices }: NoticesView, look: Look): string[] {
  const { colours } = look;
  if (notices.length === 0) return ['Nothing is open: nobody needs you.'];
  return table(
    notices,
    [
      {
        head: 'level',
        cell: ({ level }) => LEVELS[level],
        paint: ({ level }) => (level === 'critical' ? colours.red : colours.bold),
      },
      { head: 'what', cell: ({ title }) => title, flexible: true },
      { head: 'more', cell: ({ text }) => text, flexible: true, paint: () => colours.dim },
      {
        head: 'since',
        cell: ({ sinceMs }) => relative(sinceMs, look.nowMs),
        paint: () => colours.dim,
      },
    ],
    look,
  );
}

/** How a human is told on this machine. Tokens are not shown, only where they are. */
export function renderNoticeSettings(settings: NoticeSettingsView, look: Look): string[] {
  const { desktop, quiet, ntfy, ntfyToken, webhook, webhookToken, page } = settings;
  return [
    ...facts(
      [
        ['desktop', desktop ? 'on' : 'off'],
        ['quiet', quiet === null ? 'never' : `${quiet.from}–${quiet.to}, but for what is critical`],
        ['ntfy', ntfy === null ? 'off' : `${ntfy}${TOKENS[ntfyToken]}`],
        ['webhook', webhook === null ? 'off' : `${webhook}${TOKENS[webhookToken]}`],
        ['page', page],
      ],
      look,
    ),
    '',
    look.colours.dim(
      '`vigil notify set --help` says how to change it, `vigil notify test` tries it.',
    ),
  ];
}

/** What became of a test on each channel. */
export function renderNoticeTest({ channels }: NoticeTestView, look: Look): string[] {
  const { green, red } = look.colours;
  if (channels.length === 0)
    return ['No channel is set: what needs you waits on the page. See `vigil notify set --help`.'];
  return channels.flatMap(({ channel, ok, detail }) =>
    paragraph(`${channelName(channel)}: ${detail}`, look, `${ok ? green('✓') : red('✗')} `),
  );
}

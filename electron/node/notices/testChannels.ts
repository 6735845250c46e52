import { messageOf } from '../../../shared/model/errors.ts';
import type { Notice, NoticeChannel, NoticeTestView } from '../../../shared/model/notice.ts';
import type { Attention } from './attention.ts';
import type { Away } from './away.ts';
import type { Screen } from './screen.ts';

export interface Channels {
  readonly screen: Screen;
  readonly attention: Attention;
  readonly away: Away;
  /** Whether this machine's desktop is to be used. */
  readonly desktop: boolean;
}

/** Sends a test by every channel of this machine, and says what came of each. */
export async function testChannels(
  { screen, attention, away, desktop }: Channels,
  nowMs: number,
): Promise<NoticeTestView> {
  const notice: Notice = {
    id: 'test',
    level: 'news',
    title: 'A test of Vigil’s notices',
    text: 'This is how Vigil tells you of what needs you.',
    place: '/settings',
    answers: null,
    sinceMs: nowMs,
  };
  const tried: { channel: NoticeChannel; done: Promise<unknown>; good: string }[] = [
    ...(desktop && process.platform === 'linux'
      ? [{ channel: 'desktop' as const, done: screen.test(notice), good: 'shown' }]
      : []),
    ...(attention.shellNotifies
      ? [{ channel: 'shell' as const, done: Promise.resolve(), good: 'the app is there and can' }]
      : []),
    // Whoever waits for the answer is told at once: nothing is tried again.
    ...away.channels.map((channel) => ({
      ...{ channel, done: away.push(notice, channel, []), good: 'sent' },
    })),
  ];
  const channels = await Promise.all(
    tried.map(async ({ channel, done, good }) =>
      done.then(
        () => ({ channel, ok: true, detail: good }),
        (error: unknown) => ({ channel, ok: false, detail: messageOf(error) }),
      ),
    ),
  );
  return { channels };
}

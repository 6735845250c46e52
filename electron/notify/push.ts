import { setTimeout } from 'node:timers/promises';
import { VigilError, messageOf } from '../../shared/model/errors.ts';
import type { Notice } from '../../shared/model/notice.ts';

/** One try; what answers later is as good as away. */
const TRY_MS = 10_000;
/** Before each further try, ms: what was only restarting is back by then. */
const PAUSES_MS = [1_000, 5_000] as const;

/** ntfy's priorities, 5 being the highest. */
const PRIORITY = { critical: 5, ask: 4, news: 3 } as const;
const TAGS = {
  critical: 'rotating_light',
  ask: 'raised_hand',
  news: 'information_source',
} as const;

export interface PushTarget {
  readonly url: string;
  readonly token: string | null;
  /** Where the notice's page is for whoever reads it. */
  readonly link: string;
  readonly signal: AbortSignal;
  /** Before each further try, ms; none: it is tried once. */
  readonly pausesMs?: readonly number[];
}

/** Publishes a notice to an ntfy topic. Throws `peer-unreachable` when it was not taken. */
export function pushToNtfy(notice: Notice, target: PushTarget): Promise<void> {
  return post(target, notice.text || notice.title, {
    'content-type': 'text/plain; charset=utf-8',
    title: headerText(notice.title),
    priority: String(PRIORITY[notice.level]),
    tags: TAGS[notice.level],
    click: target.link,
  });
}

/** Sends a notice as JSON. Throws `peer-unreachable` when it was not taken. */
export function pushToWebhook(notice: Notice, node: string, target: PushTarget): Promise<void> {
  const { id, level, title, text, sinceMs } = notice;
  return post(
    target,
    JSON.stringify({ id, level, title, text, link: target.link, node, sinceMs }),
    {
      'content-type': 'application/json',
    },
  );
}

async function post(
  { url, token, signal, pausesMs = PAUSES_MS }: PushTarget,
  body: string,
  headers: Record<string, string>,
): Promise<void> {
  const all = { ...headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  for (let tried = 0; ; tried += 1) {
    const { trouble, again } = await once(url, body, all, signal);
    if (trouble === null) return;
    const pause = pausesMs[tried];
    if (!again || pause === undefined || signal.aborted)
      throw new VigilError(
        'peer-unreachable',
        `${hostOf(url)} ${trouble}`,
        'See `vigil notify`; `vigil notify test` tries every channel.',
      );
    await setTimeout(pause, undefined, { signal }).catch(() => undefined);
  }
}

/** One try: what went wrong, if anything, and whether it may go better soon. */
async function once(
  url: string,
  body: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<{ trouble: string | null; again: boolean }> {
  try {
    const response = await fetch(url, {
      ...{ method: 'POST', body, headers },
      // The token goes to the address that was set, and to no other.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TRY_MS)]),
    });
    await response.body?.cancel();
    if (response.ok) return { trouble: null, again: false };
    const again = response.status >= 500 || response.status === 429;
    return { trouble: `answered ${response.status}`, again };
  } catch (error) {
    const cause = error instanceof Error && error.cause ? messageOf(error.cause) : '';
    return { trouble: `can't be reached: ${cause || messageOf(error)}`, again: true };
  }
}

/** Of an address only the host is said: paths of webhooks are secrets as often as not. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'the address';
}

/** Headers hold ASCII; ntfy reads other text as mail does (RFC 2047). */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text)
    ? text
    : `=?UTF-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

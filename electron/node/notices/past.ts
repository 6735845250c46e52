import {
  KEPT_MS,
  NOTICE_EVENT_TYPES,
  type NoticeFacts,
} from '../../../shared/decide/noticeFacts.ts';
import type { EventType } from '../../../shared/model/events.ts';
import { compareStamps } from '../../../shared/model/register.ts';
import type { Ledger } from '../ledger.ts';

/** Of the past this is read at a start, of each kind; more says nothing to a human any more. */
const MOST_PAST = 2_000;
/** Each attempt has these: on a busy mesh they must not push out that a human has read a notice. */
const OF_ATTEMPTS: readonly EventType[] = ['attempt.verified', 'merge.done', 'prediction.checked'];
const OTHERS = NOTICE_EVENT_TYPES.filter((type) => !OF_ATTEMPTS.includes(type));

/** Takes in what the log says of the last days. */
export function observePast(ledger: Ledger, facts: NoticeFacts): void {
  const sinceMs = ledger.nowMs() - KEPT_MS;
  const newest = (types: readonly EventType[]) =>
    ledger.store.read({ types, order: 'desc', limit: MOST_PAST });
  const past = [...newest(OF_ATTEMPTS), ...newest(OTHERS)].toSorted(compareStamps);
  for (const event of past) if (event.atMs > sinceMs) facts.observe(event);
}

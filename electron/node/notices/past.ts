import {
  KEPT_MS,
  NOTICE_EVENT_TYPES,
  type NoticeFacts,
} from '../../../shared/decide/noticeFacts.ts';
import type { Ledger } from '../ledger.ts';

/** Of the past this is read at a start; more says nothing to a human any more. */
const MOST_PAST = 2_000;

/** Takes in what the log says of the last days. */
export function observePast(ledger: Ledger, facts: NoticeFacts): void {
  const sinceMs = ledger.nowMs() - KEPT_MS;
  const past = ledger.store.read({ types: NOTICE_EVENT_TYPES, order: 'desc', limit: MOST_PAST });
  for (const event of past.reverse()) if (event.atMs > sinceMs) facts.observe(event);
}

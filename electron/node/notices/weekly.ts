import {
  nextReportMs,
  weeklyNotice,
  weekToReport,
  type Week,
  type WeekTally,
} from '../../../shared/decide/weeklyReport.ts';
import type { Notice } from '../../../shared/model/notice.ts';
import type { Ledger } from '../ledger.ts';

/** Ends of tasks that are read at a time. */
const PAGE = 1_000;

/** The report of the last week while it is new: its facts are read from the log once for each week. */
export class Weekly {
  private readonly ledger: Ledger;
  private read: { readonly week: Week; readonly notice: Notice | null } | null = null;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  notice(nowMs: number): Notice | null {
    const week = weekToReport(nowMs, offsetMinutes(nowMs));
    if (week === null) return null;
    if (this.read?.week.toMs !== week.toMs)
      this.read = { week, notice: weeklyNotice(week, tallyOf(this.ledger, week)) };
    return this.read.notice;
  }

  /** When there may be another, ms since the epoch. */
  nextMs(nowMs: number): number {
    return nextReportMs(nowMs, offsetMinutes(nowMs));
  }
}

/** Counts by the clocks of those who wrote it, of all logs that are here. */
function tallyOf({ store }: Ledger, { fromMs, toMs }: Week): WeekTally {
  const tally = { merged: 0, failed: 0 };
  let before = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const types = ['merge.done', 'task.failed'] as const;
    const page = store.read({ types, before, order: 'desc', limit: PAGE });
    for (const { atMs, body } of page)
      if (atMs >= fromMs && atMs < toMs)
        tally[body.type === 'merge.done' ? 'merged' : 'failed'] += 1;
    const last = page.at(-1);
    // What arrived before all of a page had happened is older still.
    if (!last || page.length < PAGE || page.every(({ atMs }) => atMs < fromMs)) return tally;
    before = last.pos;
  }
}

function offsetMinutes(atMs: number): number {
  return -new Date(atMs).getTimezoneOffset();
}

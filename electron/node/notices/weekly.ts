import {
  nextReportMs,
  weekBefore,
  weeklyNotice,
  weekToReport,
  type Week,
} from '../../../shared/decide/weeklyReport.ts';
import { foldTally, inShort, newTally, TALLY_EVENTS } from '../../../shared/explain/inShort.ts';
import type { LoggedEvent } from '../../../shared/model/events.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { Notice } from '../../../shared/model/notice.ts';
import type { Ledger } from '../ledger.ts';
import { typeOfTask } from '../views/tasks.ts';

/** Events that are read at a time. */
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
      this.read = { week, notice: weeklyNotice(week, this.sentences(week)) };
    return this.read.notice;
  }

  private sentences(week: Week): string[] {
    const { ledger } = this;
    const typeOf = (task: TaskId) => typeOfTask(ledger, task);
    const [tally, before] = [newTally(), newTally()];
    const { fromMs } = weekBefore(week);
    for (const { atMs, body } of eventsOf(ledger, { fromMs, toMs: week.toMs }))
      foldTally(atMs < week.fromMs ? before : tally, body, typeOf);
    return inShort(tally, before);
  }

  /** When there may be another, ms since the epoch. */
  nextMs(nowMs: number): number {
    return nextReportMs(nowMs, offsetMinutes(nowMs));
  }
}

/** By the clocks of those who wrote it, of all logs that are here, oldest first. */
function eventsOf({ store }: Ledger, { fromMs, toMs }: Week): LoggedEvent[] {
  const found: LoggedEvent[] = [];
  let before = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const page = store.read({ types: TALLY_EVENTS, before, order: 'desc', limit: PAGE });
    found.push(...page.filter(({ atMs }) => atMs >= fromMs && atMs < toMs));
    const last = page.at(-1);
    // What arrived before all of a page had happened is older still.
    if (!last || page.length < PAGE || page.every(({ atMs }) => atMs < fromMs))
      return found.reverse();
    before = last.pos;
  }
}

function offsetMinutes(atMs: number): number {
  return -new Date(atMs).getTimezoneOffset();
}

import { emptyReport, foldReport, type ReportState } from '../../../shared/explain/report.ts';
import { viewReport } from '../../../shared/explain/reportView.ts';
import type { ReportView } from '../../../shared/model/reportApi.ts';
import type { LoggedEvent } from '../../../shared/model/events.ts';
import type { Ledger } from '../ledger.ts';
import { typeOfTask } from './tasks.ts';

const MS_PER_HOUR = 3_600_000;
/** A report begins at a whole minute, so that within it what happens can be added to what was folded, ms. */
const STEP_MS = 60_000;

/** A report as far as it was folded. */
interface Folded {
  readonly hours: number;
  readonly state: ReportState;
  /** Of the last event in it. */
  pos: number;
  clock: number;
}

/**
 * What was done in the last hours, folded from the events of that time. The last report is kept: a page that
 * shows it asks again after every few events, and only those are new.
 */
export class Reports {
  private readonly ledger: Ledger;
  private last: Folded | null = null;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  view(hours: number): ReportView {
    const { world } = this.ledger;
    const untilMs = this.ledger.nowMs();
    const lengthMs = hours * MS_PER_HOUR;
    const sinceMs = Math.floor(untilMs / STEP_MS) * STEP_MS - lengthMs;
    const known =
      this.last?.hours === hours && this.last.state.sinceMs === sinceMs ? this.last : null;
    const folded = known && this.goOn(known) ? known : this.begin(hours, sinceMs);
    this.last = folded.pos === 0 ? null : folded;
    const slots = [...world.nodes.values()].reduce(
      (sum, { concurrency }) => sum + concurrency.agent + concurrency.cheap,
      0,
    );
    return viewReport(folded.state, { untilMs, slots, lengthMs });
  }

  private begin(hours: number, sinceMs: number): Folded {
    const folded: Folded = { hours, state: emptyReport(sinceMs), pos: 0, clock: 0 };
    for (const event of this.ledger.store.since(sinceMs)) this.take(folded, event);
    return folded;
  }

  /** Takes in what was logged since; false when some of it belongs before what is in it, as what others did may. */
  private goOn(folded: Folded): boolean {
    const { store } = this.ledger;
    for (const event of store.iterate(folded.pos)) {
      if (event.node !== store.node || event.clock <= folded.clock) return false;
      this.take(folded, event);
    }
    return true;
  }

  private take(folded: Folded, event: LoggedEvent): void {
    foldReport(folded.state, event, (id) => typeOfTask(this.ledger, id));
    folded.pos = Math.max(folded.pos, event.pos);
    folded.clock = Math.max(folded.clock, event.clock);
  }
}

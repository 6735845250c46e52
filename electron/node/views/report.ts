import { emptyReport, foldReport } from '../../../shared/explain/report.ts';
import { viewReport } from '../../../shared/explain/reportView.ts';
import type { ReportView } from '../../../shared/model/api.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { TaskType } from '../../../shared/model/task.ts';
import type { Ledger } from '../ledger.ts';

const MS_PER_HOUR = 3_600_000;

/** What was done in the last hours, folded from the events of that time. */
export function reportView(ledger: Ledger, hours: number): ReportView {
  const { store, world } = ledger;
  const untilMs = ledger.nowMs();
  const sinceMs = untilMs - hours * MS_PER_HOUR;
  const typeOf = (id: TaskId): TaskType | null =>
    world.tasks.get(id)?.spec.type ?? store.getTask(id)?.type ?? null;
  let state = emptyReport(sinceMs);
  for (const event of store.since(sinceMs)) state = foldReport(state, event, typeOf);
  const slots = [...world.nodes.values()].reduce(
    (sum, { concurrency }) => sum + concurrency.agent + concurrency.cheap,
    0,
  );
  return viewReport(state, { untilMs, slots });
}

import { taskId, type TaskId } from '../../shared/model/ids.ts';
import { endLeftover, type ProcessRecord } from '../execute/processGroup.ts';
import type { EventStore } from '../store/store.ts';

/** Stands for the engine's own work (baselines, scans) where a task is named; real attempts are numbered low. */
export const ENGINE_TASK = taskId(1);

/** Writes down each process group that the node starts, so that a crash leaves none behind unseen. */
export class ProcessWatch {
  private readonly store: EventStore;
  private readonly task: TaskId;
  private readonly attempt: number;
  private readonly records: ProcessRecord[] = [];

  constructor(store: EventStore, task: TaskId, attempt: number) {
    this.store = store;
    this.task = task;
    this.attempt = attempt;
  }

  /** For `onSpawn` of a command. */
  readonly onSpawn = (record: ProcessRecord): void => {
    this.records.push(record);
    this.store.local.processes.put({ ...record, task: this.task, attempt: this.attempt });
  };

  /** The commands have ended. */
  done(): void {
    for (const record of this.records) this.store.local.processes.remove(record.run);
    this.records.length = 0;
  }
}

/** Ends what a crashed node left running: only groups that are provably its own. */
export async function endLeftovers(store: EventStore): Promise<number> {
  const rows = store.local.processes.list();
  const ended = await Promise.all(rows.map((row) => endLeftover(row)));
  for (const row of rows) store.local.processes.remove(row.run);
  return ended.filter(Boolean).length;
}

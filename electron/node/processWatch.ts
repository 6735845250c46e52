import { taskId, type TaskId } from '../../shared/model/ids.ts';
import {
  endChildrenOf,
  endLeftover,
  HOME_VARIABLE,
  type ProcessRecord,
} from '../execute/command/processGroup.ts';
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

/**
 * Ends what a crashed node of this home left running: only what is provably its own. Called before
 * anything else of the home is touched, so that nothing works on it from two sides.
 */
export async function endLeftovers(store: EventStore, home: string): Promise<void> {
  const rows = store.local.processes.list();
  await Promise.all([endChildrenOf(home), ...rows.map((row) => endLeftover(row))]);
  for (const row of rows) store.local.processes.remove(row.run);
}

/** Marks all that this process starts from now on as children of the home. */
export function markChildren(home: string): void {
  process.env[HOME_VARIABLE] = home;
}

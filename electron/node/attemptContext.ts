import type { WorkOrder } from '../../shared/world/order.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import type { Workspace } from '../execute/repository/workspace.ts';
import type { ProcessWatch } from './processWatch.ts';
import type { ProjectRuntime } from './projectRuntime.ts';

/** One attempt on its way. */
export interface AttemptContext {
  readonly order: WorkOrder;
  readonly task: TaskRegisters;
  readonly runtime: ProjectRuntime;
  readonly workspace: Workspace;
  readonly watch: ProcessWatch;
  readonly startedMs: number;
  readonly signal: AbortSignal;
}

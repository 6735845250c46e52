import type { NodeId, ProjectId, TaskId } from '../model/ids.ts';
import type { TaskRegisters } from '../model/registers.ts';
import type { LimitState } from './foldLimits.ts';
import type { Leadership } from './leadership.ts';
import type { Learned } from './learned.ts';
import type { NodeState } from './node.ts';
import type { Pause } from './pause.ts';
import type { PlannedDurations } from './planned.ts';
import type { ProjectState } from './project.ts';
import type { Supply } from './supply.ts';

/** The world as plain data, as snapshots hold it. */
export interface WorldData {
  readonly seq: number;
  readonly self?: NodeId | null;
  readonly head: string;
  readonly lastTaskNumber: number;
  /** Absent in snapshots from before there was a mesh. */
  readonly slot?: number | null;
  readonly leadership?: Leadership | null;
  readonly pause: Pause | null;
  readonly learned: Learned;
  readonly supply: Supply;
  readonly tasks: readonly TaskRegisters[];
  /** Ended ones; absent in older snapshots. */
  readonly leaving?: readonly TaskRegisters[];
  readonly projects: readonly (readonly [ProjectId, ProjectState])[];
  readonly nodes: readonly (readonly [NodeId, NodeState])[];
  readonly limits: readonly (readonly [string, LimitState])[];
  readonly artifacts: readonly (readonly [string, boolean])[];
  readonly moved: readonly (readonly [TaskId, number])[];
  readonly planned: PlannedDurations;
}

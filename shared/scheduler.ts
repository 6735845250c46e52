/** The decision core as a library (`vigil/scheduler`): data in, data out, no I/O in its import graph. */
export { plan } from './decide/plan.ts';
export type {
  LibraryDependency,
  LibraryNode,
  LibraryPlan,
  LibraryTask,
  PlanInput,
  PlannedStart,
  PlannedWait,
} from './decide/planTypes.ts';
export { decide, type Dispatch, type Plan } from './decide/decide.ts';
export { startOrder, type Contest } from './decide/startOrder.ts';
export { TaskGraph, type GraphTask, type OpenTask, type Wait } from './graph/taskGraph.ts';
export { CycleError } from './graph/cycle.ts';
export { estimateMs, NO_DURATIONS, observeDuration, type Durations } from './learn/durations.ts';
export { VigilError } from './model/errors.ts';
export type { PriorityTerms } from './model/decision.ts';
export { World } from './world/world.ts';

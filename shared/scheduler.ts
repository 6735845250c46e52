/** The decision core as a library (`vigil/scheduler`): data in, data out, no I/O in its import graph. */
export { decide, type Dispatch, type Plan } from './decide/decide.ts';
export { World } from './world/world.ts';
export { TaskGraph } from './graph/taskGraph.ts';

import { VigilError } from '../model/errors.ts';
import { taskNumber, type TaskId } from '../model/ids.ts';

/** Tasks that would wait for each other in a circle (Q6). */
export class CycleError extends VigilError {
  /** Each task waits for the next; the first is repeated at the end. */
  readonly cycle: readonly TaskId[];

  constructor(cycle: readonly TaskId[]) {
    super(
      'cycle',
      `these tasks would wait for each other for ever: ${cycle.join(' → ')}`,
      'Leave out one of these dependencies, or merge the tasks into one.',
    );
    this.cycle = cycle;
  }
}

/** The outcome of a walk: a cycle, or the tasks reached with every dependent before what it waits for. */
export type Walk =
  | { readonly cycle: readonly TaskId[] }
  | { readonly cycle: null; readonly dependentsFirst: readonly TaskId[] };

/** Walks from `starts` along `dependentsOf`, depth first, until a cycle shows or all is seen. */
export function walkDependents(
  starts: Iterable<TaskId>,
  dependentsOf: (id: TaskId) => readonly TaskId[],
): Walk {
  const onPath = new Map<TaskId, boolean>();
  const dependentsFirst: TaskId[] = [];
  for (const start of starts) {
    if (onPath.has(start)) continue;
    onPath.set(start, true);
    const stack = [{ id: start, rest: dependentsOf(start).values() }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.rest.next();
      if (next.done) {
        stack.pop();
        onPath.set(top.id, false);
        dependentsFirst.push(top.id);
        continue;
      }
      const id = next.value;
      const state = onPath.get(id);
      if (state)
        return {
          cycle: closed(
            stack.map((entry) => entry.id),
            id,
          ),
        };
      if (state === undefined) {
        onPath.set(id, true);
        stack.push({ id, rest: dependentsOf(id).values() });
      }
    }
  }
  return { cycle: null, dependentsFirst };
}

/** The cycle at the end of a path that came back to `id`, told from its lowest number on. */
function closed(path: readonly TaskId[], id: TaskId): TaskId[] {
  const waiting = path.slice(path.indexOf(id)).reverse();
  const lowest = waiting.reduce((best, each, at) => {
    const least = waiting[best];
    return least === undefined || taskNumber(each) < taskNumber(least) ? at : best;
  }, 0);
  const cycle = [...waiting.slice(lowest), ...waiting.slice(0, lowest)];
  return [...cycle, ...cycle.slice(0, 1)];
}

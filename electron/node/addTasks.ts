import type { TaskInput } from '../../shared/model/taskInput.ts';
import { VigilError } from '../../shared/model/errors.ts';
import type { EventBody } from '../../shared/model/events.ts';
import { walkDependents } from '../../shared/graph/cycle.ts';
import { TaskId, type ProjectId } from '../../shared/model/ids.ts';
import type { Dependency, Executor, Origin, TaskSpec } from '../../shared/model/task.ts';
import { scoreSpec } from '../../shared/policy/spec.ts';
import type { Ledger } from './ledger.ts';
import { askToPublish } from './publication.ts';
import { findTask } from './views/tasks.ts';

const MS_PER_MINUTE = 60_000;

/** First guesses until there is history (Q8), ms. */
const COLD_START_MS: Record<Executor['kind'], number> = {
  mechanic: 10_000,
  command: 60_000,
  agent: 30 * MS_PER_MINUTE,
  milestone: 1_000,
};

/**
 * Turns what a person wrote into tasks and adds them: all of them or, when one is wrong, none.
 * Durable when it resolves. Throws `invalid-input`, `not-found` or `cycle`; a refused cycle is also
 * an event, so that whoever generates tasks can learn from it (Q6).
 */
export async function addTasks(
  ledger: Ledger,
  inputs: readonly TaskInput[],
  who: string,
): Promise<TaskId[]> {
  const { world } = ledger;
  if (inputs.length === 0)
    throw new VigilError('invalid-input', 'the file holds no task', 'Write at least one task.');
  const ids = new Map<string, TaskId>();
  inputs.forEach((input, index) => {
    if (input.key === undefined) return;
    if (ids.has(input.key)) {
      throw new VigilError(
        'invalid-input',
        `two tasks have the key ${input.key}`,
        'Give each task a key of its own.',
      );
    }
    ids.set(input.key, world.freshTaskId(index));
  });

  const specs = inputs.map((input, index) =>
    toSpec(ledger, input, world.freshTaskId(index), ids, who),
  );
  // Tasks that exist already can't name these, so a cycle can only lie within the file.
  const dependents = Map.groupBy(
    specs.flatMap((spec) => namedBy(spec).map((target) => ({ target, id: spec.id }))),
    (edge) => edge.target,
  );
  const walk = walkDependents(
    ids.values(),
    (id) => dependents.get(id)?.map((edge) => edge.id) ?? [],
  );
  if (walk.cycle) {
    const keys = new Map([...ids].map(([key, id]) => [id, key]));
    const cycle = walk.cycle.map((id) => keys.get(id) ?? id);
    await ledger.commit(
      ...refusal(
        specs.find((spec) => spec.id === walk.cycle[0]),
        cycle,
      ),
    );
    throw new VigilError(
      'cycle',
      `these tasks wait for each other: ${cycle.join(' → ')}`,
      'Take one of these dependencies out. Nothing was added.',
    );
  }
  const questions: EventBody[] = [];
  for (const spec of specs) {
    const asked = askToPublish(ledger, spec, world.freshApprovalId(questions.length));
    if (asked) questions.push(asked);
  }
  await ledger.commit(
    ...specs.map((spec): EventBody => ({
      type: 'task.added',
      task: spec.id,
      project: spec.project,
      spec,
    })),
    // In one transaction: no task that publishes is ever without its question.
    ...questions,
  );
  return specs.map((spec) => spec.id);
}

function namedBy(spec: TaskSpec): TaskId[] {
  return spec.dependencies.flatMap((d) => ('task' in d && d.task ? [d.task] : []));
}

function refusal(spec: TaskSpec | undefined, cycle: string[]): EventBody[] {
  if (!spec) return [];
  const { project, title, origin } = spec;
  return [
    { type: 'task.refused', project, title, reason: 'it would close a cycle', cycle, origin },
  ];
}

function toSpec(
  ledger: Ledger,
  input: TaskInput,
  id: TaskId,
  ids: Map<string, TaskId>,
  who: string,
): TaskSpec {
  const {
    key: _,
    project,
    estimateMinutes,
    run,
    executor,
    dependencies,
    minQuality,
    maxAttempts,
    ...rest
  } = input;
  const does = executorOf(run, executor, input);
  const origin: Origin = { kind: 'human', who };
  const draft = {
    ...rest,
    id,
    project: projectOf(ledger, project),
    ...(minQuality === undefined ? {} : { minQuality }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    estimateMs:
      estimateMinutes === undefined
        ? COLD_START_MS[does.kind]
        : Math.round(estimateMinutes * MS_PER_MINUTE),
    dependencies: dependencies.map((dependency) => resolveDependency(ledger, dependency, ids, id)),
    executor: does,
    origin,
    createdBy: ledger.store.node,
    createdAtMs: ledger.nowMs(),
  };
  return { ...draft, scores: scoreSpec(draft) };
}

function executorOf(
  run: string | undefined,
  executor: Executor | undefined,
  input: TaskInput,
): Executor {
  if (run !== undefined && executor !== undefined) {
    throw new VigilError(
      'invalid-input',
      `"${input.title}" has both run and executor`,
      'Keep one of the two.',
    );
  }
  if (run !== undefined) return { kind: 'command', run };
  if (executor !== undefined) return executor;
  return input.type === 'milestone' ? { kind: 'milestone' } : { kind: 'agent' };
}

function projectOf(ledger: Ledger, wanted: ProjectId | undefined): ProjectId {
  const { projects } = ledger.world;
  if (wanted !== undefined) {
    if (projects.has(wanted)) return wanted;
    throw new VigilError(
      'not-found',
      `there is no project ${wanted}`,
      `Known: ${[...projects.keys()].join(', ') || 'none'}. \`vigil project add PATH\` adds one.`,
    );
  }
  const [only, ...more] = projects.keys();
  if (only !== undefined && more.length === 0) return only;
  throw new VigilError(
    'invalid-input',
    only === undefined
      ? 'there is no project yet'
      : 'the task does not say which project it belongs to',
    only === undefined
      ? 'Add one first: `vigil project add PATH`.'
      : `Write \`project:\` with one of ${[...projects.keys()].join(', ')}.`,
  );
}

type DependencyInput = TaskInput['dependencies'][number];

/** A dependency as a person wrote it, with keys and ids resolved. Throws `not-found` for an unknown task. */
export function resolveDependency(
  ledger: Ledger,
  input: DependencyInput,
  ids: ReadonlyMap<string, TaskId>,
  self: TaskId,
): Dependency {
  const resolve = (name: string): TaskId => {
    const local = ids.get(name);
    if (local === self || name === self) {
      throw new VigilError('cycle', `${name} depends on itself`, 'Take that dependency out.');
    }
    if (local) return local;
    const parsed = TaskId.safeParse(name);
    if (!parsed.success) {
      throw new VigilError(
        'not-found',
        `no task has the key ${name}`,
        'Use the key of a task in the same file, or an id such as T-12.',
      );
    }
    findTask(ledger, parsed.data);
    return parsed.data;
  };
  switch (input.type) {
    case 'hard':
      return {
        type: 'hard',
        artifact: input.artifact,
        ...(input.task ? { task: resolve(input.task) } : {}),
      };
    case 'soft':
      return {
        type: 'soft',
        task: resolve(input.task),
        timeoutMs: Math.round(input.timeoutMinutes * MS_PER_MINUTE),
        fallback: input.fallback,
      };
    case 'ordering':
      return { type: 'ordering', task: resolve(input.task) };
    case 'resource':
      return input;
  }
}

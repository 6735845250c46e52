import type { EventBody } from '../../../shared/model/events.ts';
import { type TaskId } from '../../../shared/model/ids.ts';
import type { TaskRegisters } from '../../../shared/model/registers.ts';
import { workKind, type Dependency, type TaskSpec } from '../../../shared/model/task.ts';
import { engineTarget } from '../../../shared/decide/route.ts';
import { mayExplore } from '../../../shared/policy/budget.ts';
import { effortFor, type Effort } from '../../../shared/policy/effort.ts';
import { scoreSpec, tooVagueOrLarge } from '../../../shared/policy/spec.ts';
import type { ContextPart } from '../../../shared/prompt/buildPrompt.ts';
import { git } from '../../execute/repository/git.ts';
import type { Ask } from '../../generate/specs/askFor.ts';
import { splitSpec, type SpecPart } from '../../generate/specs/splitSpec.ts';
import { writeSpec, type WrittenSpec } from '../../generate/specs/writeSpec.ts';
import { AttemptFailure } from '../attemptFailure.ts';
import type { Ledger } from '../ledger.ts';
import type { AttemptContext } from '../attemptContext.ts';
import type { EngineCalls } from './engineCalls.ts';

/**
 * Before an agent begins: what is only a gap, or too vague, gets a spec by a model (G3, G4, G7); what
 * failed for its spec is rewritten by the diagnosis (L3); what is too large is cut into tasks of its
 * own (L4). Returns the task as it is then. Throws AttemptFailure, as interrupted, when there is nothing
 * left for this attempt to do.
 */
export async function readySpec(
  ledger: Ledger,
  calls: EngineCalls,
  context: AttemptContext,
  parts: readonly ContextPart[],
): Promise<TaskRegisters> {
  const { order, task, workspace, runtime } = context;
  const { world } = ledger;
  const rung = order.route?.rung ?? 'first';
  if (engineTarget(world) === null || !wantsSpec(ledger, task, rung)) return task;
  const { spec } = task;
  const ask: Ask = (request) =>
    calls.ask(request, {
      category: rung === 'first' ? 'generation' : 'healing',
      task: spec.id,
      project: spec.project,
      attempt: order.attempt,
      role: null,
      agent: null,
    });
  const files = await filesOf(workspace.path);
  const { profile } = runtime.project;
  const facts = [`Language: ${profile.language}. Tests: ${profile.test ?? 'none'}.`];
  const { effort } = effortFor(world.learned.specs, workKind(spec));
  const instruction = order.route?.instruction ?? null;
  const draft =
    instruction === null
      ? spec
      : { ...spec, instructions: `${spec.instructions}\n\nWhat went wrong: ${instruction}` };
  const options = { draft, context: parts, facts, effort, files, ask };
  if (rung !== 'decompose') {
    const written = await writeSpec({ ...options, siblings: [] });
    told(ledger, spec, effort, written.asked, written.trouble);
    if (!written.tooLarge) return amend(ledger, task, written.spec, effort, rung);
  }
  const reason =
    rung === 'decompose'
      ? (order.route?.reason ?? 'its attempts failed')
      : 'it is too much for one attempt';
  const split = await splitSpec({ ...options, origin: spec.origin, reason });
  told(ledger, spec, effort, split.asked, split.trouble);
  // What can't be cut is tried as it is, with what was learned.
  if (split.value === null) return amend(ledger, task, null, effort, rung);
  await ledger.commit(...splitEvents(ledger, task, split.value, reason));
  throw AttemptFailure.ofInterruption(`${spec.id} was split`);
}

/** Whether a model is to look at the spec: once, and again only when its failures ask for it. */
function wantsSpec(ledger: Ledger, { spec }: TaskRegisters, rung: string): boolean {
  if (rung === 'rewrite' || rung === 'decompose') return true;
  if (spec.effort !== undefined) return false;
  if (tooVagueOrLarge(spec.scores) !== null) return true;
  const { supply } = ledger.world;
  return spec.origin.kind !== 'human' && mayExplore(supply.spend, supply.budget, ledger.nowMs());
}

function told(
  ledger: Ledger,
  { id: task, project, title: subject }: TaskSpec,
  effort: Effort,
  asked: number,
  trouble: string | null,
): void {
  ledger.record({ type: 'spec.written', project, task, subject, effort, asked, trouble });
}

/** Notes what the model made of the spec, or that it made nothing, so that it is not asked again. */
async function amend(
  ledger: Ledger,
  task: TaskRegisters,
  written: WrittenSpec | null,
  effort: Effort,
  rung: string,
): Promise<TaskRegisters> {
  const merged: TaskSpec = { ...task.spec, ...picked(written), effort };
  const spec = { ...merged, scores: scoreSpec(merged) };
  const { id, project } = spec;
  const healing = rung === 'rewrite' || rung === 'decompose';
  await ledger.commit({
    type: 'task.amended',
    task: id,
    project,
    spec,
    by: healing ? 'healing' : 'model',
    reason: written === null ? 'no model could say it better' : `a ${effort} spec`,
  });
  const unfit = tooVagueOrLarge(spec.scores);
  if (unfit !== null) throw AttemptFailure.ofInterruption(unfit);
  return ledger.world.tasks.get(id) ?? task;
}

/** What a model may change of a task; who it is and why it exists stay. */
function picked(written: WrittenSpec | null): Partial<TaskSpec> {
  if (written === null) return {};
  const { type: _type, executor: _executor, scores: _scores, after: _after, ...fields } = written;
  return fields;
}

/** The parts take the task's place: what it waited for they wait for, and who waited for it waits for them. */
function splitEvents(
  ledger: Ledger,
  task: TaskRegisters,
  parts: readonly SpecPart[],
  reason: string,
): EventBody[] {
  const { world, store } = ledger;
  const { spec } = task;
  const { project } = spec;
  const ids = new Map(parts.map(({ key }, index) => [key, world.freshTaskId(index)]));
  const idOf = (key: string): TaskId => ids.get(key) ?? spec.id;
  const before = [...spec.dependencies, ...task.addedDependencies];
  const into = parts.map(({ key }) => idOf(key));
  const added = parts.map((part): EventBody => {
    const { key, dependsOn, origin, ...fields } = part;
    const dependencies = dependsOn.map((dependency): Dependency =>
      dependency.type === 'hard'
        ? { type: 'hard', artifact: dependency.artifact, task: idOf(dependency.on) }
        : { type: 'ordering', task: idOf(dependency.on) },
    );
    const id = idOf(key);
    return {
      type: 'task.added',
      task: id,
      project,
      spec: {
        ...spec,
        ...fields,
        id,
        origin,
        dependencies: [...before, ...dependencies],
        effort: 'standard',
        createdBy: store.node,
        createdAtMs: ledger.nowMs(),
      },
    };
  });
  const waiting = [...world.tasks.values()].filter(({ spec: other, addedDependencies }) =>
    [...other.dependencies, ...addedDependencies].some(
      (dependency) => dependency.type === 'ordering' && dependency.task === spec.id,
    ),
  );
  return [
    ...added,
    ...waiting.flatMap(({ spec: other }) =>
      into.map((part): EventBody => ({
        type: 'task.linked',
        task: other.id,
        project,
        dependency: { type: 'ordering', task: part },
      })),
    ),
    { type: 'task.split', task: spec.id, project, into, reason },
  ];
}

async function filesOf(worktree: string): Promise<string[]> {
  const { stdout } = await git(worktree, ['ls-files', '-z']);
  return stdout.split('\0').filter((file) => file !== '');
}

import type { Attempt } from '../../shared/model/attempt.ts';
import type { TaskDetail, TaskSummary } from '../../shared/model/taskApi.ts';
import type { TaskInput } from '../../shared/model/taskInput.ts';
import { VigilError } from '../../shared/model/errors.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import { currentAttempt, statusOf } from '../../shared/world/status.ts';
import { addTasks, resolveDependency } from './addTasks.ts';
import type { Engine } from './engine.ts';
import type { Integrator } from './integrator.ts';
import type { Ledger } from './ledger.ts';
import { observeArtifacts } from './observeArtifacts.ts';
import type { Projects } from './projects.ts';
import { undoTask } from './undo.ts';
import { findTask, listTasks, summarise, taskDetail, type TaskFilter } from './views/tasks.ts';

/** What the work is done with. */
export interface WorkParts {
  readonly ledger: Ledger;
  readonly projects: Projects;
  /** Null where no node runs, as the next. */
  readonly engine: Engine | null;
  readonly integrator: Integrator | null;
}

/** What the API offers on tasks; also while no node runs. */
export class TaskServices {
  private readonly ledger: Ledger;
  private readonly projects: Projects;
  private readonly engine: Engine | null;
  private readonly integrator: Integrator | null;

  constructor({ ledger, projects, engine, integrator }: WorkParts) {
    this.ledger = ledger;
    this.projects = projects;
    this.engine = engine;
    this.integrator = integrator;
  }

  list(filter: TaskFilter): TaskSummary[] {
    if (filter.project !== undefined && filter.all !== true) this.projects.state(filter.project);
    return listTasks(this.ledger, filter);
  }

  detail(id: TaskId): TaskDetail {
    return taskDetail(this.ledger, id);
  }

  async add(inputs: readonly TaskInput[], who: string): Promise<TaskSummary[]> {
    const ids = await addTasks(this.ledger, inputs, who);
    await observeArtifacts(this.ledger, this.projects);
    this.engine?.wake('task.added');
    return ids.map((id) => summarise(this.ledger, findTask(this.ledger, id)));
  }

  /** Adds a dependency to an open task. Throws `cycle` and changes nothing when it would close one. */
  async link(id: TaskId, input: TaskInput['dependencies'][number]): Promise<TaskDetail> {
    const task = this.openTask(id);
    const dependency = resolveDependency(this.ledger, input, new Map(), id);
    const { project, title, origin } = task.spec;
    const cycle = this.ledger.world.graph.cycleWith(id, dependency);
    if (cycle) {
      await this.ledger.commit({
        type: 'task.refused',
        project,
        title,
        reason: 'the new dependency would close a cycle',
        cycle: [...cycle],
        origin,
      });
      throw new VigilError(
        'cycle',
        `it would close a cycle: ${cycle.join(' → ')}`,
        'Choose another dependency. Nothing was changed.',
      );
    }
    await this.ledger.commit({ type: 'task.linked', task: id, project, dependency });
    await observeArtifacts(this.ledger, this.projects);
    this.engine?.wake('task.linked');
    return taskDetail(this.ledger, id);
  }

  async cancel(id: TaskId, who: string, reason: string): Promise<TaskSummary> {
    const task = this.openTask(id);
    const { project } = task.spec;
    const cancel = async () => {
      this.openTask(id);
      await this.ledger.commit({ type: 'task.cancelled', task: id, project, who, reason });
    };
    // A merge under way is not called back half-way: it is in git or it never will be.
    if (this.integrator && statusOf(task) === 'merging')
      await this.integrator.exclusively(project, cancel);
    else await cancel();
    this.engine?.wake('task.cancelled');
    return summarise(this.ledger, findTask(this.ledger, id));
  }

  /** Adds the task that takes a merged one's changes back. Throws as `undoTask`. */
  async undo(id: TaskId, who: string): Promise<TaskSummary> {
    const task = await undoTask(this.ledger, id, who);
    this.engine?.wake('task.added');
    return summarise(this.ledger, findTask(this.ledger, task));
  }

  /**
   * Gives a task that failed for good, or that a human rejected, as many attempts again as it had; the next one is
   * told why. Throws `conflict` for any other.
   */
  async retry(id: TaskId, who: string): Promise<TaskSummary> {
    const task = findTask(this.ledger, id);
    const status = statusOf(task);
    if (status !== 'failed' && status !== 'rejected') {
      throw new VigilError(
        'conflict',
        `${id} is ${status}, not failed or rejected`,
        'Only a task that failed for good, or was rejected, can be retried.',
      );
    }
    const { spec, addedDependencies, attempts } = task;
    await this.ledger.commit({
      type: 'task.retried',
      task: id,
      project: spec.project,
      who,
      granted: task.grantedAttempts + attempts.length,
      spec,
      addedDependencies: [...addedDependencies],
      attempts: status === 'rejected' ? asRefused(task) : [...attempts],
    });
    this.engine?.wake('task.retried');
    return summarise(this.ledger, findTask(this.ledger, id));
  }

  private openTask(id: TaskId): TaskRegisters {
    const task = this.ledger.world.tasks.get(id);
    if (task) return task;
    const status = statusOf(findTask(this.ledger, id));
    throw new VigilError(
      'conflict',
      `${id} has ended: it is ${status}`,
      `\`vigil explain ${id}\` tells how.`,
    );
  }
}

/** The attempts of a rejected task, the rejected one as a failure whose report is the human's word. */
function asRefused(task: TaskRegisters): Attempt[] {
  const refused = currentAttempt(task);
  const reason = task.verdict?.reason ?? '';
  const failure = {
    ...{ class: 'missing-context' as const, interrupted: false },
    reason: `rejected by a person: ${reason}`,
  };
  return task.attempts.map((attempt) =>
    attempt === refused
      ? {
          ...attempt,
          state: { state: 'failed', failure },
          report: `A person looked at the result of this attempt and rejected it: ${reason}`,
        }
      : attempt,
  );
}

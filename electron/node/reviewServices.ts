import type { ReviewView } from '../../shared/model/reviewApi.ts';
import type { TaskSummary } from '../../shared/model/taskApi.ts';
import { VigilError } from '../../shared/model/errors.ts';
import type { CommitId, ProjectId, TaskId } from '../../shared/model/ids.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import { currentAttempt, statusOf } from '../../shared/world/status.ts';
import type { Engine } from './engine.ts';
import type { Ledger } from './ledger.ts';
import type { Projects } from './projects.ts';
import type { WorkParts } from './taskServices.ts';
import { commitDiff } from './views/commitDiff.ts';
import { findTask, summarise } from './views/tasks.ts';

const MAX_DIFF_BYTES = 200_000;

/** What the API offers on results that wait for a human. */
export class ReviewServices {
  private readonly ledger: Ledger;
  private readonly projects: Projects;
  private readonly engine: Engine | null;

  constructor({ ledger, projects, engine }: WorkParts) {
    this.ledger = ledger;
    this.projects = projects;
    this.engine = engine;
  }

  waiting(): Promise<ReviewView[]> {
    const waiting = [...this.ledger.world.tasks.values()].filter(
      (task) => statusOf(task) === 'review',
    );
    return Promise.all(waiting.map((task) => this.toReview(task)));
  }

  one(id: TaskId): Promise<ReviewView> {
    return this.toReview(this.reviewed(id));
  }

  async answer(
    id: TaskId,
    answer: 'approved' | 'rejected',
    who: string,
    reason: string,
    seen?: CommitId,
  ): Promise<TaskSummary> {
    const task = this.reviewed(id);
    const { number: attempt = 0, state } = currentAttempt(task) ?? {};
    const commit = state?.state === 'passed' ? state.commit : null;
    if (seen !== undefined && seen !== commit)
      throw new VigilError(
        'conflict',
        `${id} has another result now than the one that was answered`,
        `Look at it again: vigil review show ${id}`,
      );
    await this.ledger.commit({
      type: 'review.answered',
      task: id,
      project: task.spec.project,
      attempt,
      commit,
      answer,
      who,
      reason,
    });
    this.engine?.wake('review.answered');
    return summarise(this.ledger, findTask(this.ledger, id));
  }

  private reviewed(id: TaskId): TaskRegisters {
    const task = findTask(this.ledger, id);
    if (statusOf(task) === 'review') return task;
    throw new VigilError(
      'conflict',
      `${id} is ${statusOf(task)} and waits for no review`,
      '`vigil review list` shows what does.',
    );
  }

  private async toReview(task: TaskRegisters): Promise<ReviewView> {
    const attempt = currentAttempt(task);
    const state = attempt?.state;
    const passed = state?.state === 'passed' ? state : null;
    const verified = this.ledger.store
      .read({
        task: task.spec.id,
        types: ['attempt.verified'],
        ...(attempt ? { node: attempt.node } : {}),
        ...{ order: 'desc', limit: 1 },
      })
      .map((event) => event.body)[0];
    return {
      task: summarise(this.ledger, task),
      attempt: attempt?.number ?? 0,
      why: passed?.needsReview ?? '',
      commit: passed?.commit ?? null,
      verification: verified?.type === 'attempt.verified' ? verified.verification : null,
      diff: passed?.commit ? await this.diff(task.spec.project, passed.commit) : null,
    };
  }

  /** Null while the commit is on its way from the node that made it: the other reviews can be read all the same. */
  private async diff(project: ProjectId, commit: CommitId): Promise<string | null> {
    try {
      return await commitDiff(this.projects, project, commit, MAX_DIFF_BYTES);
    } catch (error) {
      if (error instanceof VigilError) return null;
      throw error;
    }
  }
}

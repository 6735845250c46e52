import type { EventBody } from '../../shared/model/events.ts';
import { type CommitId, type NodeId, type ProjectId, type TaskId } from '../../shared/model/ids.ts';
import { followUpsOf } from '../../shared/policy/followUps.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import { isTestFile } from '../../shared/policy/tests.ts';
import type { Attempt } from '../../shared/model/attempt.ts';
import { resultToMerge, type Result } from '../../shared/world/result.ts';
import { currentAttempt } from '../../shared/world/status.ts';
import { integrate, rebase } from '../execute/repository/integrate.ts';
import { resolveCommit } from '../execute/repository/git.ts';
import { diffStat } from '../execute/repository/commit.ts';
import { findMerged } from '../execute/repository/trailers.ts';
import { AttemptFailure } from './attemptFailure.ts';
import type { Ledger } from './ledger.ts';
import { mergeResult, type MergeOutcome } from './mergeResult.ts';
import { ProcessWatch } from './processWatch.ts';
import type { ProjectRuntime } from './projectRuntime.ts';
import { observeArtifacts } from './observeArtifacts.ts';
import type { Projects } from './projects.ts';
import { verifyWorkspace } from './verification.ts';

/**
 * Puts results into the integrated tree, one at a time per project, by compare-and-swap of the ref
 * (safety rule 4). A result that others overtook is rebased and verified again before it merges.
 */
export class Integrator {
  private readonly ledger: Ledger;
  private readonly projects: Projects;
  private readonly ended: (task: TaskId) => void;
  private readonly fatal: (error: unknown) => void;
  private readonly giveUp: (task: TaskId, failure: AttemptFailure['failure']) => Promise<void>;
  private readonly bring: (task: TaskRegisters, attempt: Attempt) => Promise<boolean>;
  private readonly isOut: (node: NodeId) => boolean;
  private readonly stopping = new AbortController();
  private readonly turns = new Map<ProjectId, Promise<void>>();
  private readonly queued = new Set<TaskId>();
  private acts = 0;

  constructor(options: {
    ledger: Ledger;
    projects: Projects;
    ended: (task: TaskId) => void;
    giveUp: (task: TaskId, failure: AttemptFailure['failure']) => Promise<void>;
    /** Makes a result of another node usable here; false while it can't be had. */
    bring: (task: TaskRegisters, attempt: Attempt) => Promise<boolean>;
    /** Whether a node has left the mesh for good. */
    isOut: (node: NodeId) => boolean;
    fail: (error: unknown) => void;
  }) {
    this.bring = options.bring;
    this.isOut = options.isOut;
    this.ledger = options.ledger;
    this.projects = options.projects;
    this.ended = options.ended;
    this.fatal = options.fail;
    this.giveUp = options.giveUp;
  }

  /** Queues every result that is cleared to merge. Cheap; returns at once. */
  mergeCleared(): void {
    for (const id of this.ledger.world.tasks.keys()) this.mergeIfCleared(id);
  }

  /** Queues the task's result when it is cleared to merge. */
  mergeIfCleared(id: TaskId): void {
    const result = resultToMerge(this.ledger.world, id);
    if (!result || this.queued.has(id) || this.stopping.signal.aborted) return;
    this.queued.add(id);
    this.inTurn(result.task.spec.project, async () => {
      try {
        await this.merge(id);
      } finally {
        this.queued.delete(id);
        this.ended(id);
      }
    });
  }

  /** Runs an act on the project's integrated tree when all before it are done. */
  inTurn(project: ProjectId, act: () => Promise<void>): void {
    const before = this.turns.get(project) ?? Promise.resolve();
    const turn = before
      .then(act)
      .catch(this.fatal)
      .finally(() => (this.acts -= 1));
    this.acts += 1;
    this.turns.set(project, turn);
  }

  /** As `inTurn`, for an act that someone waits for and whose errors are theirs. */
  exclusively<T>(project: ProjectId, act: () => Promise<T>): Promise<T> {
    const result = Promise.withResolvers<T>();
    this.inTurn(project, () => act().then(result.resolve, result.reject));
    return result.promise;
  }

  /** Whether a merge or a look at a repository is under way. */
  get busy(): boolean {
    return this.acts > 0;
  }

  /** Lets the merge under way finish or break off, and resolves then. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('the node was stopped'));
    await Promise.all(this.turns.values());
  }

  private async merge(id: TaskId): Promise<void> {
    const result = resultToMerge(this.ledger.world, id);
    if (!result || this.stopping.signal.aborted) return;
    const { task } = result;
    try {
      const runtime = await this.projects.runtime(task.spec.project);
      await this.mergeInto(runtime, result);
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      await (error instanceof AttemptFailure ? this.fail(task, error) : this.park(task, error));
    }
  }

  private async mergeInto(runtime: ProjectRuntime, result: Result): Promise<void> {
    const { task, attempt } = result;
    const { id: taskId, project, createdBy } = task.spec;
    if (!(await this.bring(task, attempt))) {
      // Its maker may be away with it: it merges when that is back. One that was put out does not come back.
      const reason = `its result was only on ${attempt.node}, which has left the mesh`;
      if (this.isOut(attempt.node)) throw AttemptFailure.ofInterruption(reason);
      return;
    }
    const { number } = attempt;
    // What clears it may have been recorded this instant: git must not know of a merge that the log forgets.
    await this.ledger.durable();
    const { clone } = runtime;
    const merge = await mergeResult(
      {
        integrate: (commit) =>
          integrate({ clone, task: taskId, attempt: number, creator: createdBy, commit }),
        merged: () => findMerged(clone, taskId, createdBy),
        parentOf: (commit) => resolveCommit(clone.repository, `${commit}^`),
        verifyOnto: (commit, head) => this.verifyOnto(runtime, task, number, commit, head),
      },
      result.commit,
    );
    switch (merge.kind) {
      case 'merged':
        await this.recordMerge(runtime, task, attempt, merge);
        break;
      case 'blocked':
        await this.projects.trouble(project, merge.reason, merge.help);
        break;
      case 'nothing':
        await this.ledger.commit({
          type: 'attempt.passed',
          task: taskId,
          project,
          attempt: number,
          commit: null,
          needsReview: null,
          quality: task.quality,
          durationMs: 0,
        });
    }
  }

  /** Puts the commit onto the new head and verifies it there. Null: nothing of it is left to merge. */
  private async verifyOnto(
    runtime: ProjectRuntime,
    task: TaskRegisters,
    attempt: number,
    commit: CommitId,
    onto: CommitId,
  ): Promise<CommitId | null> {
    const { id, project } = task.spec;
    const workspace = await runtime.workspaces.take({ task: id, attempt, base: commit });
    const watch = new ProcessWatch(this.ledger.store, id, attempt);
    try {
      const moved = await rebase({ workspace, commit, onto });
      if (moved.kind === 'conflict') throw AttemptFailure.ofConflict(moved.files);
      if (moved.kind === 'empty') return null;
      const diff = await diffStat(workspace.path, onto, moved.commit);
      const { verification, held } = await verifyWorkspace(this.ledger, {
        task,
        runtime,
        workspace: { ...workspace, base: onto },
        watch,
        diff,
        // Tests that were written for it came with it, and were in its scope the first time.
        alsoInScope: task.spec.executor.kind === 'agent' ? diff.files.filter(isTestFile) : [],
        signal: this.stopping.signal,
      });
      await this.ledger.commit({
        type: 'attempt.verified',
        task: id,
        project,
        attempt,
        verification,
      });
      if (!verification.passed) throw AttemptFailure.ofVerification(verification, task.spec);
      if (verification.tests) runtime.remember(moved.commit, verification.tests, held);
      return moved.commit;
    } finally {
      watch.done();
      await runtime.workspaces.release(workspace);
    }
  }

  private async recordMerge(
    runtime: ProjectRuntime,
    task: TaskRegisters,
    { number: attempt, node }: Attempt,
    { commit, parent, rebased, recovered }: Extract<MergeOutcome, { kind: 'merged' }>,
  ): Promise<void> {
    const { id, project } = task.spec;
    await this.ledger.commit(
      {
        type: 'merge.done',
        task: id,
        project,
        attempt,
        node,
        commit,
        parent,
        rebased,
        recovered,
      },
      ...this.followUps(task),
    );
    const hold = await runtime.hold(false);
    const tests = runtime.known(commit, hold);
    if (tests)
      await this.ledger.commit({
        type: 'baseline.recorded',
        project,
        baseline: { commit, tests, held: hold.held },
      });
    await this.projects.recovered(project);
    await observeArtifacts(this.ledger, this.projects, project);
  }

  /** What a check warned of in a result that merges becomes work of its own. */
  private followUps({ spec }: TaskRegisters): EventBody[] {
    const { world, store, limits } = this.ledger;
    const [verified] = store.read({
      task: spec.id,
      types: ['attempt.verified'],
      order: 'desc',
      limit: 1,
    });
    const gaps = world.projects.get(spec.project)?.gaps ?? {};
    if (verified?.body.type !== 'attempt.verified') return [];
    const specs = followUpsOf(spec, verified.body.verification, gaps, {
      node: store.node,
      nowMs: this.ledger.nowMs(),
      cooldownMs: limits.cooldownMs,
    });
    return specs.map((draft, index): EventBody => {
      const id = world.freshTaskId(index);
      return {
        type: 'task.added',
        task: id,
        project: spec.project,
        spec: { ...draft, id },
      };
    });
  }

  private async fail(task: TaskRegisters, error: AttemptFailure): Promise<void> {
    const { id, project } = task.spec;
    const current = currentAttempt(task);
    await this.ledger.commit({
      type: 'attempt.failed',
      task: id,
      project,
      attempt: current?.number ?? 1,
      ...(current ? { node: current.node } : {}),
      failure: error.failure,
      report: error.report,
      durationMs: 0,
    });
    await this.giveUp(id, error.failure);
  }

  /** Git or the disk refused: the result is kept, the human is told, and the next tick tries again. */
  private park(task: TaskRegisters, error: unknown): Promise<void> {
    return this.projects.troubleOf(task.spec.project, error);
  }
}

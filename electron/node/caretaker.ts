import type { CommitId, ProjectId } from '../../shared/model/ids.ts';
import type { TestReport } from '../../shared/model/project.ts';
import { compareTests } from '../../shared/policy/tests.ts';
import { advanceIntegration } from '../execute/repository/integrate.ts';
import { syncTarget } from '../execute/repository/promote.ts';
import type { Hold } from './containment.ts';
import type { Integrator } from './integrator.ts';
import type { Ledger } from './ledger.ts';
import { ENGINE_TASK, ProcessWatch } from './processWatch.ts';
import type { ProjectRuntime } from './projectRuntime.ts';
import { observeArtifacts } from './observeArtifacts.ts';
import type { Projects } from './projects.ts';

/**
 * Keeps each project in step with its repository: follows the user's branch, knows what the tests
 * say before anything is changed, and sees which artifacts exist.
 */
export class Caretaker {
  private readonly ledger: Ledger;
  private readonly projects: Projects;
  private readonly integrator: Integrator;
  private readonly looked: () => void;
  private readonly stopping = new AbortController();
  private readonly looking = new Set<ProjectId>();
  /** The branches of each project as they were when it was last looked at in full. */
  private readonly seen = new Map<ProjectId, string>();

  /** `looked` is called after each look, also after one that found nothing: someone may wait for the end of it. */
  constructor(options: {
    ledger: Ledger;
    projects: Projects;
    integrator: Integrator;
    looked: () => void;
  }) {
    this.ledger = options.ledger;
    this.projects = options.projects;
    this.integrator = options.integrator;
    this.looked = options.looked;
  }

  /** Looks at every project that is not being looked at. Returns at once. */
  lookAtAll(): void {
    for (const id of this.ledger.world.projects.keys()) this.lookAt(id);
  }

  lookAt(id: ProjectId): void {
    if (this.looking.has(id) || this.stopping.signal.aborted) return;
    if (!this.ledger.world.isHome(id)) return;
    this.looking.add(id);
    this.integrator.inTurn(id, async () => {
      try {
        if (this.ledger.world.projects.has(id)) await this.look(id);
      } catch (error) {
        if (!this.stopping.signal.aborted) await this.projects.troubleOf(id, error);
      } finally {
        this.looking.delete(id);
        this.looked();
      }
    });
  }

  /** Whether a look is under way: the node is not idle then. */
  get busy(): boolean {
    return this.looking.size > 0;
  }

  stop(): void {
    this.stopping.abort(new Error('the node was stopped'));
  }

  private async look(id: ProjectId): Promise<void> {
    const runtime = await this.projects.runtime(id);
    const heads = await headsOf(runtime);
    // An idle look costs two reads of a ref; whoever is in trouble is looked at in full.
    const state = this.projects.state(id);
    if (this.seen.get(id) === heads && state.baseline && !state.trouble) return;
    const followed = await this.follow(runtime);
    const head = await runtime.clone.integrationHead();
    const { baseline } = this.projects.state(id);
    const hold = await runtime.hold(false);
    if (baseline?.commit !== head || (baseline.held ?? false) !== hold.held) {
      const tests = await this.test(runtime, hold, head);
      await this.ledger.commit({
        type: 'baseline.recorded',
        project: id,
        baseline: { commit: head, tests, held: hold.held },
      });
    }
    if (followed) await this.projects.recovered(id);
    await observeArtifacts(this.ledger, this.projects, id);
    this.seen.set(id, await headsOf(runtime));
  }

  /** Brings the user's new commits into the integrated tree. False when a human has to help. */
  private async follow(runtime: ProjectRuntime): Promise<boolean> {
    const { id, target } = runtime.project;
    const result = await syncTarget(runtime.clone);
    switch (result.kind) {
      case 'current':
      case 'moved':
        return true;
      case 'forwarded':
        await this.ledger.commit({
          type: 'integration.synced',
          project: id,
          commit: result.commit,
          target: result.commit,
        });
        return true;
      case 'blocked':
        await this.projects.trouble(id, result.reason, result.help);
        return false;
      case 'conflict':
        await this.projects.trouble(
          id,
          `new commits on ${target} conflict with the integrated tree in ${result.files.join(', ')}`,
          `Merge them by hand: git switch -c merge-vigil ${target} && git merge vigil/integration, resolve, then git switch ${target} && git merge merge-vigil.`,
        );
        return false;
      case 'candidate':
        return this.followByMerge(runtime, result.commit, result.onto);
    }
  }

  private async followByMerge(
    runtime: ProjectRuntime,
    commit: CommitId,
    onto: CommitId,
  ): Promise<boolean> {
    const { id, target } = runtime.project;
    const hold = await runtime.hold(false);
    const tests = await this.test(runtime, hold, commit);
    const ours = await this.test(runtime, hold, onto);
    const theirs = await this.test(runtime, hold, await runtime.clone.targetHead());
    // What fails on either side alone was not broken by bringing them together.
    const known: TestReport = {
      ...ours,
      failing: [...new Set([...ours.failing, ...theirs.failing])],
      total: null,
    };
    const verdict = compareTests(known, tests, { mayRemoveTests: true });
    if (verdict.verdict === 'failed') {
      await this.projects.trouble(
        id,
        `the tests fail where new commits on ${target} meet the integrated tree: ${verdict.detail}`,
        `Fix it on ${target}, or promote first; it is tried again at the next commit.`,
      );
      return false;
    }
    const result = await advanceIntegration(runtime.clone, {
      from: onto,
      to: commit,
      why: `follow ${target}`,
    });
    if (result.kind !== 'advanced') return true;
    runtime.remember(commit, tests, hold.held);
    const targetHead = await runtime.clone.targetHead();
    await this.ledger.commit({
      type: 'integration.synced',
      project: id,
      commit,
      target: targetHead,
    });
    return true;
  }

  private async test(runtime: ProjectRuntime, hold: Hold, commit: CommitId): Promise<TestReport> {
    const known = runtime.known(commit, hold);
    if (known) return known;
    const { store } = this.ledger;
    const watch = new ProcessWatch(store, ENGINE_TASK, 1);
    const { limits } = this.ledger;
    try {
      return await runtime.test(commit, hold, limits, watch.onSpawn, this.stopping.signal);
    } finally {
      watch.done();
    }
  }
}

/** The project's two branches as they are now. */
async function headsOf({ clone }: ProjectRuntime): Promise<string> {
  return `${await clone.targetHead()} ${await clone.integrationHead()}`;
}

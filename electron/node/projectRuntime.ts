import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import type { CommitId } from '../../shared/model/ids.ts';
import type { Project, TestReport } from '../../shared/model/project.ts';
import type { Limits } from '../../shared/model/config.ts';
import { ProjectClone } from '../execute/repository/clone.ts';
import { installDependencies } from '../execute/dependencies/installDependencies.ts';
import { DependencyStore } from '../execute/dependencies/dependencyStore.ts';
import { QueueMirror } from '../execute/repository/mirror.ts';
import type { Origin } from '../execute/repository/origin.ts';
import { runTests } from '../execute/verify/runTests.ts';
import { WorkspacePool, type Workspace } from '../execute/repository/workspace.ts';
import type { ProcessRecord } from '../execute/command/processGroup.ts';
import type { EventStore } from '../store/store.ts';
import type { ProjectGround } from '../execute/sandbox/projectPolicy.ts';
import type { Containment, Hold } from './containment.ts';
import { ENGINE_TASK, ProcessWatch } from './processWatch.ts';

/** A project opened on this node: its clone, its workspaces and the mirror of its queue. */
export class ProjectRuntime {
  readonly clone: ProjectClone;
  readonly workspaces: WorkspacePool;
  /** Folder of the outputs of installing and testing. */
  readonly logs: string;
  private readonly baselines = new Map<CommitId, { tests: TestReport; held: boolean }>();
  private readonly containment: Containment;
  private readonly stopping: AbortController;
  private readonly queueMirror: QueueMirror | null;
  private housekeeping = 0;

  private constructor(
    clone: ProjectClone,
    workspaces: WorkspacePool,
    logs: string,
    stopping: AbortController,
    containment: Containment,
  ) {
    this.stopping = stopping;
    this.containment = containment;
    this.clone = clone;
    this.workspaces = workspaces;
    this.queueMirror = clone.isHome ? new QueueMirror(clone.userRepository) : null;
    this.logs = logs;
  }

  /**
   * Opens the clone and cleans what a crash left in it. Throws what git and the disk throw.
   * @param origin where the code comes from, for a project whose repository is on another node
   */
  static async open(
    home: string,
    project: Project,
    store: EventStore,
    containment: Containment,
    origin?: Origin,
  ): Promise<ProjectRuntime> {
    const clone = await ProjectClone.open(home, project, origin);
    const logs = join(clone.folder, 'logs');
    await mkdir(logs, { recursive: true });
    const dependencies = await DependencyStore.open(clone.dependencyFolder);
    const stopping = new AbortController();
    const workspaces = await WorkspacePool.open(clone, async (folder) => {
      const watch = new ProcessWatch(store, ENGINE_TASK, 1);
      try {
        await installDependencies({
          workspace: folder,
          profile: clone.project.profile,
          store: dependencies,
          logFile: join(logs, 'install.log'),
          signal: stopping.signal,
          onSpawn: watch.onSpawn,
        });
      } finally {
        watch.done();
      }
    });
    return new ProjectRuntime(clone, workspaces, logs, stopping, containment);
  }

  get project(): Project {
    return this.clone.project;
  }

  /** The mirror of the queue in the user's repository. Throws `not-home` where another node has that. */
  get mirror(): QueueMirror {
    return this.queueMirror ?? new QueueMirror(this.clone.userRepository);
  }

  /** Takes over new settings; what the tests said by the old ones no longer counts. */
  redefine(project: Project): void {
    this.clone.redefine(project);
    this.baselines.clear();
  }

  /** Ends installing dependencies, which can take minutes; what waits for it fails. */
  interrupt(): void {
    this.stopping.abort(new Error('the node was stopped'));
  }

  /** A workspace of the engine's own at a commit; give it back with `workspaces.release`. */
  scratch(base: CommitId): Promise<Workspace> {
    this.housekeeping += 1;
    // Attempt numbers of real tasks are small: these can't collide with theirs.
    return this.workspaces.take({
      task: ENGINE_TASK,
      attempt: 1_000_000 + this.housekeeping,
      base,
    });
  }

  /**
   * How the project's code runs now; `byAgent`: with an agent's result that has not merged yet.
   * Throws `sandbox-unavailable` when it must be held and can't.
   */
  hold(byAgent: boolean): Promise<Hold> {
    return this.containment.of(this.clone, byAgent);
  }

  /** What a sandbox has to know of the project, for one worktree. */
  ground(worktree: string): ProjectGround {
    return this.containment.ground(this.clone, worktree);
  }

  /** What the project's tests say at a commit, run now. Throws what installing dependencies throws. */
  async test(
    commit: CommitId,
    hold: Hold,
    limits: Limits,
    onSpawn: (record: ProcessRecord) => void,
    signal: AbortSignal,
  ): Promise<TestReport> {
    const workspace = await this.scratch(commit);
    try {
      const tests = await runTests({
        root: workspace.path,
        profile: this.project.profile,
        logFile: join(this.logs, `tests-${commit.slice(0, 12)}.log`),
        limits,
        signal,
        onSpawn,
        wrap: hold.wrap(workspace.path, { writesDependencies: false }),
      });
      signal.throwIfAborted();
      this.remember(commit, tests, hold.held);
      return tests;
    } finally {
      await this.workspaces.release(workspace);
    }
  }

  /** Notes what the tests said of a commit that has been verified already. */
  remember(commit: CommitId, tests: TestReport, held: boolean): void {
    this.baselines.set(commit, { tests, held });
    const [oldest] = this.baselines.keys();
    if (this.baselines.size > KEPT_BASELINES && oldest) this.baselines.delete(oldest);
  }

  /** What the tests said of a commit, when they have run on it in this way. */
  known(commit: CommitId, { held }: Hold): TestReport | null {
    const known = this.baselines.get(commit);
    return known?.held === held ? known.tests : null;
  }

  async close(): Promise<void> {
    this.interrupt();
    await this.workspaces.close();
  }
}

/** Commits whose test results are kept in memory: the head and those that attempts still build on. */
const KEPT_BASELINES = 32;

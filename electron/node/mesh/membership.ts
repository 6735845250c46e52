import type { NodeId, ProjectId } from '../../../shared/model/ids.ts';
import { GitServer } from '../../mesh/git/gitServer.ts';
import { MeshGit } from '../../mesh/git/meshGit.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import type { MonotonicClock } from '../../mesh/monotonicClock.ts';
import type { Presence } from '../../mesh/presence/presence.ts';
import type { Ledger } from '../ledger.ts';
import type { Projects } from '../projects.ts';
import { clonePath } from '../../execute/repository/clone.ts';
import { serveAttemptFiles } from './attemptFilesOfPeers.ts';
import { Commons, type Machine } from './commons.ts';
import type { Replica } from './replica.ts';
import { serveStories } from './storiesOfPeers.ts';
import { WorkMover } from './workMover.ts';

export interface MembershipOptions {
  readonly ledger: Ledger;
  readonly projects: Projects;
  readonly home: string;
  readonly mesh: Mesh;
  readonly machine: Machine;
  readonly wake: (trigger: string) => void;
  readonly resultsMayBe: () => void;
  readonly peersChanged: () => void;
  readonly fail: (error: unknown) => void;
}

/** Disks fail slowly: all logs are read through at each start, and so often, ms. */
const CHECK_LOGS_MS = 24 * 3_600_000;

/** That of this process; its timers keep no process alive. */
export const clock: MonotonicClock = {
  monotonicMs: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Everything that runs while a node belongs to a mesh: what its members hold in common, and the code. */
export class Membership {
  readonly mover: WorkMover;
  private readonly options: MembershipOptions;
  private readonly commons: Commons;
  private readonly gitServer: GitServer;
  private readonly git: MeshGit;
  private readonly stops: (() => void)[] = [];
  private nextCheck: { cancel(): void } | null = null;

  /** As `Commons.open`. */
  static async open(options: MembershipOptions, started: () => Promise<void>): Promise<Membership> {
    const { mesh, projects } = options;
    const { members, links } = mesh;
    const moved = (project: ProjectId) => projects.moved(project);
    const cloned = () => projects.cloned;
    const git = await MeshGit.open((peer, wanted) => mesh.http.request(peer, wanted));
    const alone = members.list().length <= 1;
    const commons = await Commons.open(
      { ...options, clock, links, members, moved, cloned },
      alone,
      started,
    );
    return new Membership(options, git, commons);
  }

  private constructor(options: MembershipOptions, git: MeshGit, commons: Commons) {
    this.options = options;
    this.git = git;
    this.commons = commons;
    this.checkLogs();
    this.stops.push(() => this.nextCheck?.cancel());
    const { ledger, mesh, projects, home, resultsMayBe } = options;
    const { world } = ledger;
    this.gitServer = new GitServer({
      repositoryOf: (project) => (world.projects.has(project) ? clonePath(home, project) : null),
      pushed: () => resultsMayBe(),
    });
    this.stops.push(
      mesh.http.serve('/git/', this.gitServer.handle),
      serveAttemptFiles(mesh.http, home),
      serveStories(mesh.http, ledger),
    );
    projects.originate((project) => this.originOf(project));
    this.mover = new WorkMover({
      ledger,
      projects,
      git,
      holders: (project) => this.holders(project),
    });
    this.stops.push(
      this.presence.onChange(() => {
        resultsMayBe();
        options.peersChanged();
        // The code comes before the work does.
        projects.fetchAll();
      }),
    );
  }

  get presence(): Presence {
    return this.commons.presence;
  }

  get replica(): Replica {
    return this.commons.replica;
  }

  /** Ends all of it; what was recorded is written with the next transaction. */
  async stop(): Promise<void> {
    // What was handed over is on its way to those who go on with it: until it is there, it can be had here.
    this.mover.stop();
    await this.mover.idle();
    for (const stop of this.stops) stop();
    this.commons.stop();
    await Promise.all([this.gitServer.close(), this.git.close()]);
  }

  /** As `LogReplication.fuller`. */
  get fuller(): NodeId[] {
    return this.commons.fuller;
  }

  /** As `Commons.ending`. */
  ending(): void {
    this.commons.ending();
  }

  /** Members were admitted or put out: what they wrote counts, or does so no longer. */
  membersChanged(): void {
    this.commons.membersChanged();
  }

  /** Tells the others what this node is now. */
  tell(): void {
    this.commons.tell();
  }

  private originOf(project: ProjectId) {
    return {
      kind: 'mesh' as const,
      home: () => {
        const home = this.options.ledger.world.projects.get(project)?.home;
        return this.git.address(home ?? this.options.ledger.store.node, project);
      },
    };
  }

  private checkLogs(): void {
    this.commons.checkLogs().catch(this.options.fail);
    this.nextCheck = clock.after(CHECK_LOGS_MS, () => this.checkLogs());
  }

  private holders(project: ProjectId): NodeId[] {
    return [...this.presence.peers()]
      .filter(([, { presence }]) => presence.projects.includes(project))
      .map(([node]) => node);
  }
}

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VigilError, isDiskFull, messageOf } from '../../shared/model/errors.ts';
import type { EventBody } from '../../shared/model/events.ts';
import type { NodeId, ProjectId } from '../../shared/model/ids.ts';
import type { ProjectState } from '../../shared/world/project.ts';
import { ProjectClone, projectsFolder } from '../execute/repository/clone.ts';
import { inspectRepository } from '../execute/repository/inspect.ts';
import type { Origin } from '../execute/repository/origin.ts';
import { takeHome } from '../execute/repository/takeHome.ts';
import { highestTaskNumber } from '../execute/repository/trailers.ts';
import type { Containment } from './containment.ts';
import type { Ledger } from './ledger.ts';
import { defineProject } from './projectDefinition.ts';
import { ProjectRuntime } from './projectRuntime.ts';

/** The projects of this node: adding and removing them, and their open clones. */
export class Projects {
  private readonly ledger: Ledger;
  private readonly home: string;
  /** How the code of projects is held. */
  readonly containment: Containment;
  private readonly open = new Map<ProjectId, Promise<ProjectRuntime>>();
  private readonly ready = new Set<ProjectId>();
  private turn: Promise<unknown> = Promise.resolve();
  private originOf: (id: ProjectId) => Origin | undefined = () => undefined;

  constructor(ledger: Ledger, home: string, containment: Containment) {
    this.ledger = ledger;
    this.home = home;
    this.containment = containment;
  }

  /** Says where the code of a project comes from whose repository is on another node. */
  originate(originOf: (id: ProjectId) => Origin): void {
    this.originOf = originOf;
  }

  /** What is known of a project. Throws `not-found`. */
  state(id: ProjectId): ProjectState {
    const state = this.ledger.world.projects.get(id);
    if (state) return state;
    const known = [...this.ledger.world.projects.keys()].join(', ') || 'none';
    throw new VigilError(
      'not-found',
      `there is no project ${id}`,
      `Known: ${known}. \`vigil project add PATH\` adds one.`,
    );
  }

  /** Projects whose code is on this node. */
  get cloned(): ProjectId[] {
    return [...this.ready];
  }

  /** Fetches the code of projects that came from other nodes; what can't be had now is tried at the next call. */
  fetchAll(): void {
    const { world } = this.ledger;
    for (const [id, { home }] of world.projects) {
      const isThere = home !== undefined && world.nodes.get(home)?.up === true;
      if (!this.ready.has(id) && !world.isHome(id) && isThere)
        void this.runtime(id).catch(() => null);
    }
  }

  /** The project opened on this node; opened once, and again after a failure. */
  runtime(id: ProjectId): Promise<ProjectRuntime> {
    const known = this.open.get(id);
    if (known) return known;
    const { definition } = this.state(id);
    const { store } = this.ledger;
    const origin = definition.path === null ? this.originOf(id) : undefined;
    const opening = ProjectRuntime.open(this.home, definition, store, this.containment, origin);
    this.open.set(id, opening);
    opening.then(
      () => this.ready.add(id),
      () => this.open.delete(id),
    );
    return opening;
  }

  /**
   * Adds the repository at a path, or reads its settings anew when it is known. Nothing is recorded
   * unless all of it can be read. Returns the project's id; durable when it resolves.
   */
  add(path: string): Promise<ProjectId> {
    return this.inTurn(() => this.addNow(path));
  }

  private async addNow(path: string): Promise<ProjectId> {
    const { definition, known } = await defineProject(this.ledger.world, path);
    const before = known && { ...known.definition, remote: known.definition.remote ?? null };
    if (JSON.stringify(before) === JSON.stringify(definition)) return definition.id;
    const { id } = definition;
    if (known) {
      // First, because what is recorded is acted on at once.
      (await this.open.get(id)?.catch(() => null))?.redefine(definition);
      await this.ledger.commit({
        type: 'project.profiled',
        project: id,
        profile: definition.profile,
        target: definition.target,
        remote: definition.remote ?? null,
      });
      return id;
    }
    const clone = await ProjectClone.open(this.home, definition);
    const taskFloor = await highestTaskNumber(clone);
    await this.ledger.commit({ type: 'project.added', project: id, definition, taskFloor });
    return id;
  }

  /** Stops working on a project. The user's repository keeps all of its branches. */
  remove(id: ProjectId): Promise<void> {
    return this.inTurn(() => this.removeNow(id));
  }

  /**
   * Makes this node a project's home, because the one that was it is gone for good: a repository of the user
   * on this machine takes over the integrated tree as this node saw it last. Rejects with `conflict` while the
   * old home is there or the repository goes another way, and as `inspectRepository`, `takeHome` and `release`,
   * which makes sure that the old home merges nothing more.
   */
  takeHome(
    id: ProjectId,
    path: string,
    release: (home: NodeId | undefined) => Promise<void>,
  ): Promise<void> {
    return this.inTurn(() => this.takeHomeNow(id, path, release));
  }

  private async takeHomeNow(
    id: ProjectId,
    path: string,
    release: (home: NodeId | undefined) => Promise<void>,
  ): Promise<void> {
    const { world } = this.ledger;
    const { home, definition } = this.state(id);
    if (world.isHome(id) || (home !== undefined && world.nodes.get(home)?.up === true))
      throw new VigilError(
        'conflict',
        world.isHome(id)
          ? `this node is the home of ${id} already`
          : `${home} is the home of ${id}, and it is there`,
        'A project moves only when its home is gone for good; `vigil nodes` shows who is there.',
      );
    const info = await inspectRepository(path, { target: definition.target });
    const { clone } = await this.runtime(id);
    await release(home);
    await takeHome(clone, info.root);
    const taskFloor = await highestTaskNumber(clone);
    await this.close(id);
    const here = { ...definition, path: info.root, remote: info.remote };
    await this.ledger.commit({ type: 'project.added', project: id, definition: here, taskFloor });
  }

  /** Another node is the home now: the clone follows that from now on. */
  moved(id: ProjectId): void {
    void this.inTurn(() => this.close(id));
  }

  private async removeNow(id: ProjectId): Promise<void> {
    const { home } = this.state(id);
    if (!this.ledger.world.isHome(id))
      throw new VigilError(
        'not-home',
        `The repository of ${id} is on ${home ?? 'another node'}.`,
        'Remove the project there.',
      );
    const cancelled = [...this.ledger.world.tasks.values()]
      .filter((task) => task.spec.project === id)
      .map((task): EventBody => ({
        type: 'task.cancelled',
        task: task.spec.id,
        project: id,
        who: 'local user',
        reason: 'the project was removed',
      }));
    await this.ledger.commit(...cancelled, { type: 'project.removed', project: id });
    const runtime = await this.open.get(id)?.catch(() => null);
    await this.close(id);
    if (runtime) await rm(runtime.clone.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Deletes the folders of projects that a crash left half-added or half-removed. */
  async removeUnknown(): Promise<void> {
    const folder = projectsFolder(this.home);
    const known: ReadonlySet<string> = new Set(this.ledger.world.projects.keys());
    const names = await readdir(folder).catch(() => []);
    const left = names.filter((name) => !known.has(name));
    // What can't be deleted now is tried again at the next start; nothing uses it.
    await Promise.all(
      left.map((name) =>
        rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 }).catch(
          () => undefined,
        ),
      ),
    );
  }

  /** Parks the project with what is wrong and what to do; said once, until it changes or recovers. */
  async trouble(id: ProjectId, reason: string, help: string): Promise<void> {
    const state = this.ledger.world.projects.get(id);
    if (!state || state.trouble?.reason === reason) return;
    await this.ledger.commit({ type: 'project.troubled', project: id, reason, help });
  }

  /** Parks the project with an error. Throws it again when the disk is full, which is the whole node's trouble. */
  async troubleOf(id: ProjectId, error: unknown): Promise<void> {
    if (isDiskFull(error)) throw error;
    const help =
      error instanceof VigilError ? error.help : 'See `vigil doctor`; it is tried again by itself.';
    await this.trouble(id, messageOf(error), help);
  }

  async recovered(id: ProjectId): Promise<void> {
    if (this.ledger.world.projects.get(id)?.trouble)
      await this.ledger.commit({ type: 'project.recovered', project: id });
  }

  /** Ends what takes long and nobody will wait for any more. */
  interruptAll(): void {
    for (const opening of this.open.values()) {
      void opening.then(
        (runtime) => runtime.interrupt(),
        () => undefined,
      );
    }
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.open.keys()].map((id) => this.close(id)));
  }

  /** One project is added or removed at a time: ids and folders are given out and taken back. */
  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = this.turn.then(act);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async close(id: ProjectId): Promise<void> {
    const runtime = await this.open.get(id)?.catch(() => null);
    this.open.delete(id);
    this.ready.delete(id);
    await runtime?.close();
  }
}

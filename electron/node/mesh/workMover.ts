import { messageOf, VigilError } from '../../../shared/model/errors.ts';
import type { Attempt } from '../../../shared/model/attempt.ts';
import type { EventBody } from '../../../shared/model/events.ts';
import type { NodeId, ProjectId, TaskId } from '../../../shared/model/ids.ts';
import type { TaskRegisters } from '../../../shared/model/registers.ts';
import { adoptResult } from '../../execute/repository/adoptResult.ts';
import { resolveCommit } from '../../execute/repository/git.ts';
import { fetchWork, pushWork } from '../../execute/repository/moveWork.ts';
import { sentRef, type SentWork } from '../../execute/repository/sentWork.ts';
import type { MeshGit } from '../../mesh/git/meshGit.ts';
import type { Ledger } from '../ledger.ts';
import type { Projects } from '../projects.ts';

export interface WorkMoverOptions {
  readonly ledger: Ledger;
  readonly projects: Projects;
  readonly git: MeshGit;
  /** Nodes that are there and have a clone of the project, the nearest first. */
  readonly holders: (project: ProjectId) => NodeId[];
}

/**
 * Moves results and work in progress between nodes as git refs: to the project's home when they are made
 * here, and to whoever needs them when they were made elsewhere. What can't be moved now is moved when it is
 * asked for: its maker keeps it.
 */
export class WorkMover {
  private readonly options: WorkMoverOptions;
  private turn: Promise<void> = Promise.resolve();
  /** Sends nothing more. */
  readonly stop: () => void;

  constructor(options: WorkMoverOptions) {
    this.options = options;
    this.stop = options.ledger.onEvent(({ body }) => this.made(body));
  }

  /** Resolves when nothing is on its way any more. */
  idle(): Promise<void> {
    return this.turn;
  }

  /**
   * Makes another node's result usable here. False while no node that is there has it; throws what is
   * wrong with one that has come.
   */
  async bring({ spec }: TaskRegisters, attempt: Attempt): Promise<boolean> {
    const { ledger, projects } = this.options;
    const { number, node, state } = attempt;
    if (node === ledger.store.node) return true;
    if (state.state !== 'passed' || state.commit === null) return false;
    const { clone } = await projects.runtime(spec.project);
    const { id: task, createdBy: creator } = spec;
    const work = { kind: 'result', node, task, attempt: number, commit: state.commit } as const;
    const arrived = await resolveCommit(clone.repository, state.commit);
    if (arrived === null && !(await this.fetch(spec.project, work))) return false;
    await adoptResult(clone, { ...work, creator });
    return true;
  }

  /** Brings the work in progress of an attempt that another node made; false when nobody who is there has it. */
  async bringCheckpoint(project: ProjectId, task: TaskId): Promise<boolean> {
    const { store } = this.options.ledger;
    const [last] = store.read({
      task,
      types: ['attempt.checkpointed'],
      order: 'desc',
      limit: 1,
    });
    if (last?.body.type !== 'attempt.checkpointed' || last.node === store.node) return false;
    const { attempt, commit } = last.body;
    const work = { kind: 'checkpoint', node: last.node, task, attempt, commit } as const;
    const { clone } = await this.options.projects.runtime(project);
    if ((await resolveCommit(clone.repository, sentRef(work))) === commit) return true;
    return this.fetch(project, work);
  }

  /** From its maker first, then from any other that may have been given it. */
  private async fetch(project: ProjectId, work: SentWork): Promise<boolean> {
    const { projects, git, holders } = this.options;
    const { clone } = await projects.runtime(project);
    const there = holders(project);
    const order = [...there.filter((node) => node === work.node), ...there];
    for (const node of new Set(order)) {
      try {
        await fetchWork(clone, git.address(node, project), work);
        return true;
      } catch (error) {
        if (!(error instanceof VigilError)) throw error;
        // It lacks it or has just gone: the next may have it.
      }
    }
    return false;
  }

  private made(body: EventBody): void {
    const { store } = this.options.ledger;
    if (body.type !== 'attempt.passed' && body.type !== 'attempt.checkpointed') return;
    const { task, project, attempt, commit } = body;
    if (commit === null) return;
    const kind = body.type === 'attempt.passed' ? 'result' : 'checkpoint';
    const work: SentWork = { kind, node: store.node, task, attempt, commit };
    this.turn = this.turn.then(() => this.send(project, work));
  }

  /** To the home; while that is away, to any other for safe keeping. */
  private async send(project: ProjectId, work: SentWork): Promise<void> {
    const { projects, git, holders, ledger } = this.options;
    const home = ledger.world.projects.get(project)?.home;
    const there = holders(project);
    const to = there.find((node) => node === home) ?? there[0];
    const isSafe = work.kind === 'result' && ledger.world.isHome(project);
    if (to === undefined || isSafe) return;
    try {
      const { clone } = await projects.runtime(project);
      await pushWork(clone, git.address(to, project), work);
    } catch (error) {
      // The other has just begun to fetch it by itself.
      if (messageOf(error).includes('reference already exists')) return;
      // The other fetches it when it is there again; this node keeps it.
      process.stderr.write(`vigil: ${work.task} could not be sent to ${to}: ${messageOf(error)}\n`);
    }
  }
}

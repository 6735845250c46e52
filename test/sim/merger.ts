import { integrateInto } from '../../electron/execute/repository/integrationRef.ts';
import { AttemptFailure } from '../../electron/node/attemptFailure.ts';
import { giveUpIfSpent } from '../../electron/node/giveUp.ts';
import type { Ledger } from '../../electron/node/ledger.ts';
import { mergeResult } from '../../electron/node/mergeResult.ts';
import type { EventBody } from '../../shared/model/events.ts';
import type { CommitId, ProjectId, TaskId } from '../../shared/model/ids.ts';
import { classifyFailure } from '../../shared/policy/failure.ts';
import { resultToMerge, type Result } from '../../shared/world/result.ts';
import { belongs } from './members.ts';
import { integrationRef, NoAnswer } from './integrationRef.ts';
import { checkChoice } from './localInvariants.ts';
import type { Process } from './scheduler.ts';
import type { SimNode } from './node.ts';

/** Of results that were overtaken, those that do not go together with what merged before. */
const CONFLICTS = 0.15;

/** The integrator's turns on one node: what merges, and how, is the product's; git is not. */
export class SimMerger {
  readonly #node: SimNode;
  readonly #ledger: Ledger;
  readonly #process: Process;
  readonly #queued = new Set<TaskId>();
  #turn: Promise<void> = Promise.resolve();

  constructor(node: SimNode, ledger: Ledger, process: Process) {
    this.#node = node;
    this.#ledger = ledger;
    this.#process = process;
  }

  mergeCleared(): void {
    for (const id of this.#ledger.world.tasks.keys()) this.mergeIfCleared(id);
  }

  mergeIfCleared(id: TaskId): void {
    if (this.#queued.has(id) || !resultToMerge(this.#ledger.world, id)) return;
    this.#queued.add(id);
    this.#turn = this.#turn
      .then(async () => {
        const result = resultToMerge(this.#ledger.world, id);
        if (result) await this.#merge(result);
      })
      .catch((error: unknown) => this.#node.fail(error))
      .finally(() => {
        this.#queued.delete(id);
        this.#node.engine?.wake('merge.done');
      });
  }

  async #merge(result: Result): Promise<void> {
    const { task, attempt, commit } = result;
    const { sim, repository } = this.#node;
    checkChoice(sim, result);
    const { id, project } = task.spec;
    if (!(await this.#bring(attempt.node, commit))) {
      if (!belongs(this.#node.members, attempt.node)) await this.#lose(result);
      return;
    }
    if (!repository.objects.has(commit)) return;
    await this.#ledger.durable();
    const ids = { task: id, project, attempt: attempt.number };
    const ref = integrationRef(this.#node, this.#process);
    const merged = () => Promise.resolve(repository.findMerged(id));
    const parentOf = (each: CommitId) =>
      Promise.resolve(repository.objects.get(each)?.parent ?? null);
    try {
      const merge = await mergeResult(
        {
          ...{ merged, parentOf },
          integrate: (each) => integrateInto(ref, { merged, parentOf }, each, id),
          verifyOnto: async (each, head) => {
            await this.#pass(sim.random.int(5, 300));
            if (sim.random.chance(CONFLICTS)) throw AttemptFailure.ofConflict(['a']);
            return repository.rebase(each, head, sim.random.chance(0.5));
          },
        },
        commit,
      );
      if (merge.kind !== 'merged') throw new Error(`${id} can't merge: ${merge.kind}`);
      const { kind: _, ...how } = merge;
      await this.#ledger.commit({ type: 'merge.done', ...ids, ...how });
    } catch (error) {
      // Git refused, or said nothing: it is tried again when something happens, and at the next tick.
      if (error instanceof NoAnswer) return;
      if (!(error instanceof AttemptFailure)) throw error;
      const { failure, report } = error;
      await this.#ledger.commit({ type: 'attempt.failed', ...ids, failure, report, durationMs: 0 });
      await giveUpIfSpent(this.#ledger, id, failure);
      return;
    }
    await this.observe(project);
  }

  /** As the integrator does when a result is gone with a node that was put out. */
  async #lose({ task: { spec }, attempt }: Result): Promise<void> {
    const reason = 'its result was only on a node that has left';
    const failure = classifyFailure({ kind: 'interrupted', reason });
    await this.#ledger.commit({
      type: 'attempt.failed',
      task: spec.id,
      project: spec.project,
      attempt: attempt.number,
      failure,
      report: '',
      durationMs: 0,
    });
    await giveUpIfSpent(this.#ledger, spec.id, failure);
  }

  /** As `observeArtifacts`. */
  async observe(project: ProjectId): Promise<void> {
    const { world } = this.#ledger;
    if (!world.isHome(project)) return;
    const { artifacts, head: commit } = this.#node.repository;
    const changes = world.graph
      .watchedArtifacts(project)
      .filter(
        (artifact) =>
          (world.artifacts.get(`${project}\n${artifact}`) ?? false) !== artifacts.has(artifact),
      )
      .map((artifact): EventBody => {
        const exists = artifacts.has(artifact);
        return { type: 'artifact.observed', project, artifact, exists, commit };
      });
    if (changes.length > 0) await this.#ledger.commit(...changes);
  }

  /** Makes a result of another node usable here; false while nobody who is there has it. */
  async #bring(maker: string, commit: Result['commit']): Promise<boolean> {
    const { repository, sim, id } = this.#node;
    if (maker === id || repository.objects.has(commit)) return true;
    await this.#pass(sim.random.int(20, 200));
    const holder = sim.nodes.find(
      (each) => each.repository.objects.has(commit) && sim.network.connected(id, each.id),
    );
    const made = holder?.repository.objects.get(commit);
    if (!made) return false;
    repository.objects.set(commit, made);
    return true;
  }

  #pass(ms: number): Promise<void> {
    const passed = Promise.withResolvers<void>();
    this.#node.sim.scheduler.after(ms, this.#process, () => passed.resolve());
    return passed.promise;
  }
}

import type { LoggedEvent } from '../../../shared/model/events.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import { ProjectId, TaskId } from '../../../shared/model/ids.ts';
import { compareStamps, HUMAN_WORDS, type Register } from '../../../shared/model/register.ts';
import { hasEnded, type TaskRegisters } from '../../../shared/model/registers.ts';
import { readTask } from '../../../shared/world/readRegisters.ts';
import { SharedProject, shareProject } from '../../../shared/world/sharedProject.ts';
import { leavingOf } from '../../../shared/world/leaving.ts';
import { statusOf } from '../../../shared/world/status.ts';
import { foldTask, newTask } from '../../../shared/world/tasks.ts';
import type { TaskChange } from '../../../shared/world/openTasks.ts';
import { writesOf } from '../../../shared/world/writeRegisters.ts';
import type { RegisterDocument } from '../../mesh/document/registerDocument.ts';
import type { Ledger } from '../ledger.ts';
import { SharedPolicy, type SharedPolicyOptions } from './sharedPolicy.ts';
import { SETTINGS, SignedWords, type Place, type SignedWordsOptions } from './signedWords.ts';

/** Ended tasks that stay in the document for a while, so that every node that is there sees how they ended. */
const KEPT_ENDED = 20;

export interface ReplicaOptions extends SignedWordsOptions, SharedPolicyOptions {
  /** Another node has become the home of a project of this one. */
  readonly moved: (project: ProjectId) => void;
  /** Something that decisions depend on has changed elsewhere, other than a task. */
  readonly changed: () => void;
}

/**
 * Keeps the world and the replicated document in step: what happens here becomes registers, and the
 * registers of other nodes are put into the world.
 */
export class Replica {
  private readonly options: ReplicaOptions;
  private readonly ledger: Ledger;
  private readonly document: RegisterDocument;
  private readonly self: NodeId;
  private readonly words: SignedWords;
  private readonly policy: SharedPolicy;
  /** Ended tasks whose home this node is, the oldest first. */
  private readonly ended = new Set<TaskId>();
  private readonly stops: (() => void)[] = [];

  constructor(options: ReplicaOptions) {
    this.options = options;
    this.ledger = options.ledger;
    this.document = options.document;
    this.self = options.ledger.store.node;
    this.words = new SignedWords(options);
    this.policy = new SharedPolicy(options, this.words);
  }

  /** Brings both in step with what was recorded while the document was not followed, and follows from now on. */
  start(): void {
    const { ledger, document } = this;
    const { store } = ledger;
    if (store.documentSeq === 0) this.fill();
    else this.catchUp(store.documentSeq);
    this.reread();
    this.stops.push(
      ledger.onEvent((event, change) => this.own(event, change)),
      ledger.onCopied(() => this.policy.ownPlan(ledger.store.head)),
      document.onChange((entities) => this.take(entities)),
    );
  }

  /** Follows neither any more. */
  stop(): void {
    for (const stop of this.stops) stop();
  }

  /** Reads all again: what a node may write, or what counts of it, has changed. */
  reread(): void {
    const { ledger, document } = this;
    this.words.forget();
    const known = new Set(document.entities('task/').map(taskOfEntity));
    const { tasks, leaving } = ledger.world;
    for (const id of new Set([...tasks.keys(), ...leaving.keys()]))
      if (!known.has(id)) ledger.drop(id);
    this.take(new Set(document.entities()));
  }

  /** Has another node take nothing new, or take work again; signed, for it is a human's word. */
  drain(node: NodeId, drain: boolean, who: string): void {
    const last = this.ledger.store.head;
    this.words.put(last, `node/${node}`, 'drain', { drain, who });
  }

  /** As `SignedWords.signaturesOf`. */
  signaturesOf(node: NodeId): string[] {
    return this.words.signaturesOf(node);
  }

  /** A lone node's whole world enters the document. */
  private fill(): void {
    const { world, store } = this.ledger;
    const stamp = store.head;
    this.document.transact(() => {
      for (const task of world.tasks.values()) this.putTask(stamp, null, task);
      for (const id of world.projects.keys()) this.putProject(stamp, id);
      this.policy.fill(stamp);
    });
  }

  /** What was recorded without the document, as by the command line while no node ran. */
  private catchUp(documentSeq: number): void {
    const { store } = this.ledger;
    for (const event of store.read({ node: this.self })) {
      if (event.seq <= documentSeq) continue;
      const { body } = event;
      const id = 'task' in body ? body.task : null;
      if (id !== null) {
        const { task: known } = readTask(this.words.ofTask(id));
        const next =
          body.type === 'task.added' ? newTask(body.spec) : known && foldTask(known, event);
        if (next && next !== known) this.putTask(event, known, next);
      }
      this.policy.own(event);
    }
  }

  /** What this node did. */
  private own(event: LoggedEvent, change: TaskChange | null): void {
    const { body } = event;
    this.document.transact(() => {
      if (change && !this.isOut(change)) {
        const { id, project } = change.task.spec;
        if (body.type === 'task.retried') this.document.remove(`task/${id}`);
        this.putTask(event, body.type === 'task.retried' ? null : change.previous, change.task);
        if (hasEnded(change.status)) this.endedHere(id, change.task);
        else this.ended.delete(id);
        if (hasEnded(change.status)) this.putProject(event, project);
      }
      if ('project' in body && body.project !== null) this.putProject(event, body.project);
      this.policy.own(event);
    });
    this.policy.ownPlan(event);
    // Where others have a say too, what all say together counts.
    const id = change?.task.spec.id;
    if (id !== undefined && this.document.read(`task/${id}`).some((each) => this.isForeign(each)))
      this.takeTasks([id], 'own');
  }

  private putTask(stamp: Place, before: TaskRegisters | null, task: TaskRegisters): void {
    const entity = `task/${task.spec.id}`;
    for (const { name, value } of writesOf(before, task))
      if (HUMAN_WORDS.has(name)) this.words.put(stamp, entity, name, value);
      else this.document.put(entity, name, stamp, value);
  }

  private putProject(stamp: Place, id: ProjectId): void {
    const { world } = this.ledger;
    const state = world.projects.get(id);
    if (!state || !world.isHome(id)) return;
    const shared = shareProject(state, this.self, world.artifactsOf(id));
    this.document.put(`project/${id}`, 'state', stamp, shared);
  }

  /** Only a project's home takes its ended tasks out: nobody else can know that nothing more will come. */
  private endedHere(id: TaskId, task: TaskRegisters): void {
    if (!this.ledger.world.isHome(task.spec.project)) return;
    this.ended.add(id);
    for (const oldest of this.ended) {
      if (this.ended.size <= KEPT_ENDED) break;
      if (this.isStopping(oldest)) continue;
      this.ended.delete(oldest);
      this.document.remove(`task/${oldest}`);
    }
  }

  /** Whether what happened is of an ended task that has left the document, where nobody would take it out again. */
  private isOut({ task, before }: TaskChange): boolean {
    if (before === null || !hasEnded(before)) return false;
    return this.document.read(`task/${task.spec.id}`).length === 0;
  }

  /** Whether a node that is there has not told yet that it stopped its work on a task that has ended. */
  private isStopping(id: TaskId): boolean {
    const { leaving, nodes } = this.ledger.world;
    const task = leaving.get(id);
    return task !== undefined && leavingOf(task).some(({ node }) => nodes.get(node)?.up === true);
  }

  /** What other nodes did. */
  private take(entities: ReadonlySet<string>): void {
    const all = [...entities];
    for (const entity of all.filter((each) => each.startsWith('project/')))
      this.takeProject(entity);
    this.takeTasks(all.filter((each) => each.startsWith('task/')).map(taskOfEntity));
    this.policy.take(entities);
    if (entities.has(SETTINGS) || all.some((each) => /^(project|approval)\//.test(each)))
      this.options.changed();
  }

  private takeTasks(ids: readonly TaskId[], cause: 'others' | 'own' = 'others'): void {
    const { ledger } = this;
    const alive: TaskRegisters[] = [];
    for (const id of ids) {
      const { task, unreadable } = readTask(this.words.ofTask(id));
      for (const register of unreadable) this.options.refused(register, 'it is not of its kind');
      if (task) {
        alive.push(task);
        if (hasEnded(statusOf(task))) this.endedHere(id, task);
      } else ledger.drop(id);
    }
    ledger.put(alive, cause);
  }

  private takeProject(entity: string): void {
    const { world } = this.ledger;
    const id = ProjectId.parse(entity.slice('project/'.length));
    const newest = this.projectRegister(entity);
    if (!newest) {
      if (!world.isHome(id)) world.putProject(id, null);
      return;
    }
    if (newest.stamp.node === this.self) return;
    const shared = SharedProject.safeParse(newest.value);
    if (!shared.success) {
      this.options.refused(newest, 'it is no project');
      return;
    }
    const wasHome = world.projects.has(id) && world.isHome(id);
    world.putProject(id, shared.data);
    if (wasHome) this.options.moved(id);
  }

  /** Of the homes that it had, the one that a human chose last. */
  private projectRegister(entity: string): Register | undefined {
    const moves = ({ value }: Register): number => SharedProject.safeParse(value).data?.moves ?? -1;
    return this.document
      .read(entity)
      .filter(({ name }) => name === 'state')
      .toSorted((a, b) => moves(a) - moves(b) || compareStamps(a.stamp, b.stamp))
      .at(-1);
  }

  private isForeign({ stamp }: Register): boolean {
    return stamp.node !== this.self;
  }
}

function taskOfEntity(entity: string): TaskId {
  return TaskId.parse(entity.slice('task/'.length));
}

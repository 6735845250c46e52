import { CommitId, NodeId, TaskId, taskNumber } from '../../../shared/model/ids.ts';
import type { ProjectClone } from './clone.ts';
import { git, isAncestor } from './git.ts';

/** Whose work a commit holds. */
export interface AttemptIdentity {
  readonly task: TaskId;
  readonly attempt: number;
  readonly creator: NodeId;
}

/** The trailers by which a merge is known again, whatever became of the log (safety rule 4). */
export function attemptTrailers({ task, attempt, creator }: AttemptIdentity): string {
  return `Vigil-Task: ${task}\nVigil-Attempt: ${attempt}\nVigil-Node: ${creator}`;
}

const FIELD = '%x00';
const FORMAT = ['%H', trailer('Task'), trailer('Node')].join(FIELD);

/** What has been merged into the integrated tree, read once and then only as it grows. */
class MergedIndex {
  #head: CommitId | null = null;
  #commits = new Map<string, CommitId>();
  #highest = 0;

  async refresh(clone: ProjectClone): Promise<void> {
    const head = await clone.integrationHead();
    if (head === this.#head) return;
    const { repository } = clone;
    if (this.#head !== null && !(await isAncestor(repository, this.#head, head))) {
      // The branch was wound back: what is no longer reachable is no longer merged.
      this.#head = null;
      this.#commits = new Map();
      this.#highest = 0;
    }
    const range = this.#head === null ? [head] : [`${this.#head}..${head}`];
    const { stdout } = await git(repository, [
      'log',
      '--grep=^Vigil-Task: ',
      `--format=${FORMAT}`,
      ...range,
      '--',
    ]);
    for (const line of stdout.split('\n')) {
      const [commit, task, creator] = line.split('\0');
      const parsed = {
        commit: CommitId.safeParse(commit),
        task: TaskId.safeParse(task),
        creator: NodeId.safeParse(creator),
      };
      if (!parsed.commit.success || !parsed.task.success) continue;
      this.#highest = Math.max(this.#highest, taskNumber(parsed.task.data));
      if (parsed.creator.success)
        this.#commits.set(key(parsed.task.data, parsed.creator.data), parsed.commit.data);
    }
    this.#head = head;
  }

  find(task: TaskId, creator: NodeId): CommitId | null {
    return this.#commits.get(key(task, creator)) ?? null;
  }

  get highest(): number {
    return this.#highest;
  }
}

const indexes = new WeakMap<ProjectClone, MergedIndex>();

/** The commit of the integrated tree by which a task was merged, or null. */
export async function findMerged(
  clone: ProjectClone,
  task: TaskId,
  creator: NodeId,
): Promise<CommitId | null> {
  return (await freshIndex(clone)).find(task, creator);
}

/** The largest task number in the integrated tree, 0 when there is none: a new home must not use it again. */
export async function highestTaskNumber(clone: ProjectClone): Promise<number> {
  return (await freshIndex(clone)).highest;
}

async function freshIndex(clone: ProjectClone): Promise<MergedIndex> {
  const index = indexes.get(clone) ?? new MergedIndex();
  indexes.set(clone, index);
  await index.refresh(clone);
  return index;
}

/** How git's `--format` names the value of a trailer; several values come with commas between. */
export function trailer(name: 'Task' | 'Attempt' | 'Node'): string {
  return `%(trailers:key=Vigil-${name},valueonly,separator=%x2C)`;
}

function key(task: TaskId, creator: NodeId): string {
  return `${task} ${creator}`;
}

import { createHash } from 'node:crypto';
import { CommitId, type NodeId, type TaskId } from '../../shared/model/ids.ts';

/** A result as git has it, wherever it was pushed. */
export interface Work {
  readonly task: TaskId;
  readonly attempt: number;
  readonly node: NodeId;
  /** As its maker announced it: what a human has seen. */
  readonly commit: CommitId;
  readonly artifacts: readonly string[];
}

/** A commit with its trailers. */
interface Commit {
  readonly parent: CommitId;
  readonly work: Work;
}

/** The clone of the project on one node's disk: commits, and the ref of the integrated tree as this clone has it. */
export class Repository {
  readonly objects = new Map<CommitId, Commit>();
  head: CommitId = ROOT;

  /** What is in the integrated tree, the oldest first. */
  get tree(): readonly Work[] {
    const all: Work[] = [];
    for (let at = this.objects.get(this.head); at; at = this.objects.get(at.parent))
      all.push(at.work);
    return all.reverse();
  }

  get artifacts(): Set<string> {
    return new Set(this.tree.flatMap(({ artifacts }) => artifacts));
  }

  /** The commit of the integrated tree whose trailers name a task, or null. */
  findMerged(task: TaskId): CommitId | null {
    for (let id = this.head; ;) {
      const commit = this.objects.get(id);
      if (!commit) return null;
      if (commit.work.task === task) return id;
      id = commit.parent;
    }
  }

  /** `git update-ref` with the value that is expected; false: it has another. */
  updateRef(to: CommitId, expected: CommitId): boolean {
    if (this.head !== expected) return false;
    this.head = to;
    return true;
  }

  /**
   * The same change on another commit. Null: it makes none there, as when it is there already; where later ones
   * touched the same lines, `isOverwritten`, it makes one all the same.
   */
  rebase(commit: CommitId, onto: CommitId, isOverwritten: boolean): CommitId | null {
    const work = this.objects.get(commit)?.work;
    if (!work || (!isOverwritten && this.findMerged(work.task) !== null)) return null;
    const rebased = commitId('rebased', commit, onto);
    this.objects.set(rebased, { parent: onto, work });
    return rebased;
  }

  /** Has the integrated tree as its home has it. */
  follow(home: Repository): void {
    this.head = home.head;
    // To the root: what a push brought may lie here without what it was made on.
    for (let id = home.head; ;) {
      const commit = home.objects.get(id);
      if (!commit) return;
      this.objects.set(id, commit);
      id = commit.parent;
    }
  }
}

export function commitId(...parts: readonly unknown[]): CommitId {
  return CommitId.parse(createHash('sha1').update(JSON.stringify(parts)).digest('hex'));
}

const ROOT = commitId('root');

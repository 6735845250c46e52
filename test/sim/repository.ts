import { createHash } from 'node:crypto';
import { CommitId, type NodeId, type TaskId } from '../../shared/model/ids.ts';

/** A merge commit with its trailers. */
export interface Merge {
  readonly task: TaskId;
  readonly attempt: number;
  readonly node: NodeId;
  readonly commit: CommitId;
  readonly artifacts: readonly string[];
}

/** A result as git has it, wherever it was pushed. */
export interface Work {
  readonly task: TaskId;
  readonly attempt: number;
  readonly node: NodeId;
  readonly commit: CommitId;
  readonly artifacts: readonly string[];
}

/** The clone of the project on one node's disk: objects, and the integrated tree as this clone has it. */
export class Repository {
  readonly objects = new Map<CommitId, Work>();
  readonly tree: Merge[] = [];

  get head(): CommitId {
    return this.tree.at(-1)?.commit ?? ROOT;
  }

  get artifacts(): Set<string> {
    return new Set(this.tree.flatMap(({ artifacts }) => artifacts));
  }

  /** The merge gate (safety rule 4): compare-and-swap, and never a second time what a trailer names. */
  integrate(work: Work, expected: CommitId): 'merged' | 'already' | 'moved' {
    if (this.tree.some(({ task }) => task === work.task)) return 'already';
    if (this.head !== expected) return 'moved';
    const commit = commitId('merge', this.head, work.commit);
    this.tree.push({ ...work, commit });
    return 'merged';
  }

  /** Has the integrated tree as its home has it. */
  follow(home: Repository): void {
    this.tree.splice(0, this.tree.length, ...home.tree);
  }
}

export function commitId(...parts: readonly unknown[]): CommitId {
  return CommitId.parse(createHash('sha1').update(JSON.stringify(parts)).digest('hex'));
}

const ROOT = commitId('root');

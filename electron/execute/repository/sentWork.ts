import { NodeId, TaskId, type CommitId } from '../../../shared/model/ids.ts';

/** All that other nodes have sent here; each may write only what is below its own id. */
export const SENT_REFS = 'refs/vigil/from';

/** A result or work in progress that a node made, on its way to another. */
export interface SentWork {
  readonly kind: 'result' | 'checkpoint';
  /** The node that made it. */
  readonly node: NodeId;
  readonly task: TaskId;
  readonly attempt: number;
  readonly commit: CommitId;
}

/** Where work of another node is kept in a clone, whichever node it came from at last. */
export function sentRef({ kind, node, task, attempt }: Omit<SentWork, 'commit'>): string {
  return `${SENT_REFS}/${node}/${kind}s/${task}/${attempt}`;
}

/** Reads such a ref; null for what no node of ours would have written. */
export function parseSentRef(ref: string): Omit<SentWork, 'commit'> | null {
  const [, name, kind, id, number] =
    /^refs\/vigil\/from\/([^/]+)\/(result|checkpoint)s\/([^/]+)\/([1-9]\d{0,8})$/.exec(ref) ?? [];
  const node = NodeId.safeParse(name);
  const task = TaskId.safeParse(id);
  if (!node.success || !task.success) return null;
  return {
    kind: kind === 'result' ? 'result' : 'checkpoint',
    node: node.data,
    task: task.data,
    attempt: Number(number),
  };
}

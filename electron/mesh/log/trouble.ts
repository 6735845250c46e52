import type { NodeId } from '../../../shared/model/ids.ts';

/** Something about a log that a person, or the log itself, should know. `from` null: the copy on this node. */
export type LogTrouble = {
  readonly node: NodeId;
  readonly seq: number;
  readonly what: string;
  readonly from: NodeId | null;
} & (
  | { /** Events are not as their writer signed them. */ readonly type: 'log.broken' }
  | {
      /** Its writer signed two histories; nothing more of it is taken. */ readonly type: 'log.forked';
    }
  | { /** What was broken here is right again. */ readonly type: 'log.repaired' }
  | {
      /** A peer has more of this node's own log than the node: it is fetched back. */ readonly type: 'log.behind';
    }
);

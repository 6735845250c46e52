import type { NodeId } from '../../shared/model/ids.ts';

/** What travels between two nodes, each with a protocol of its own. */
export type Channel = 'members' | 'presence' | 'document' | 'log';

/** One authenticated connection to another node. Messages arrive whole and in order, or the link ends. */
export interface Link {
  readonly peer: NodeId;
  /**
   * Queues a message, also on a link that has just ended: then it is dropped. A peer that does not read is
   * hung up on. Throws a RangeError for more than 16 MiB (`document`, `log`) or 256 kB (the others).
   */
  send(channel: Channel, message: Uint8Array): void;
  /** Ends the link. The peer is told the reason, and so is `closed` on both sides. */
  close(reason: string): void;
}

/** Told what happens on links; one that throws ends the link with what it threw as the reason, never the process. */
export interface LinkListener {
  opened?(link: Link): void;
  closed?(link: Link, reason: string): void;
  message?(link: Link, message: Uint8Array): void;
}

/** The links that this node has now: at most one for each peer. */
export interface Links {
  readonly open: ReadonlyMap<NodeId, Link>;
  /** Listens to one channel; `opened` is called for links that are open already. Returns how to stop. */
  listen(channel: Channel, listener: LinkListener): () => void;
}

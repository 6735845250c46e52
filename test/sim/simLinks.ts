import type { Channel, Link, LinkListener, Links } from '../../electron/mesh/link.ts';
import type { NodeId } from '../../shared/model/ids.ts';

/** The links that one process has. */
export class SimLinks implements Links {
  readonly open = new Map<NodeId, Link>();
  readonly #listeners = new Map<Channel, Set<LinkListener>>();

  listen(channel: Channel, listener: LinkListener): () => void {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
    for (const link of [...this.open.values()]) listener.opened?.(link);
    return () => listeners.delete(listener);
  }

  opened(link: Link): void {
    for (const each of this.#all()) each.opened?.(link);
  }

  closed(link: Link, reason: string): void {
    for (const each of this.#all()) each.closed?.(link, reason);
  }

  message(link: Link, channel: Channel, message: Uint8Array): void {
    for (const each of [...(this.#listeners.get(channel) ?? [])]) each.message?.(link, message);
  }

  #all(): LinkListener[] {
    return [...this.#listeners.values()].flatMap((each) => [...each]);
  }
}

import { DocumentSync } from '../../../../electron/mesh/document/documentSync.ts';
import { RegisterDocument } from '../../../../electron/mesh/document/registerDocument.ts';
import type { RegisterDocumentOptions } from '../../../../electron/mesh/document/registerDocument.ts';
import { NodeId } from '../../../../shared/model/ids.ts';
import type { Register } from '../../../../shared/model/register.ts';
import { ManualClock } from '../manualClock.ts';
import type { Hub } from '../memoryLinks.ts';

export const nodeIds = (count: number): NodeId[] =>
  Array.from({ length: count }, (_, at) => NodeId.parse(`n-${at + 1}`));

type NodeOptions = Partial<RegisterDocumentOptions> & { readonly frameBytes?: number };

/** A document with its sync on a hub, and a disk that keeps what was flushed. */
export class DocumentNode {
  readonly id: NodeId;
  readonly clock: ManualClock;
  readonly disk: Uint8Array[] = [];
  document: RegisterDocument;
  #sync: DocumentSync;
  #seq = 0;
  readonly #hub: Hub;
  readonly #options: NodeOptions;

  constructor(hub: Hub, id: NodeId, clock: ManualClock, options: NodeOptions = {}) {
    this.#hub = hub;
    this.id = id;
    this.clock = clock;
    this.#options = options;
    [this.document, this.#sync] = this.#open();
  }

  #open(): [RegisterDocument, DocumentSync] {
    const document = new RegisterDocument({
      ...this.#options,
      node: this.id,
      updates: this.disk,
    });
    const { frameBytes } = this.#options;
    const sync = new DocumentSync({
      document,
      links: this.#hub.node(this.id),
      clock: this.clock,
      // What presence would say once it is settled.
      reaches: (a, b) => this.#hub.node(a).open.has(b),
      ...(frameBytes === undefined ? {} : { frameBytes }),
    });
    return [document, sync];
  }

  /** Writes a register of this node, not flushed. */
  put(entity: string, name: string, value: unknown): void {
    this.#seq += 1;
    this.document.put(entity, name, { seq: this.#seq, clock: this.#seq }, value);
  }

  /** Makes durable and sends what is new. */
  flush(): void {
    const pending = this.document.pending();
    if (!pending) return;
    this.disk.push(pending.update);
    pending.released();
  }

  write(entity: string, name: string, value: unknown): void {
    this.put(entity, name, value);
    this.flush();
  }

  remove(entity: string): void {
    this.document.remove(entity);
    this.flush();
  }

  /** What was not flushed is lost, and all links. */
  crash(): void {
    this.#sync.stop();
    this.#hub.remove(this.id);
    [this.document, this.#sync] = this.#open();
  }

  registers(): Register[] {
    return registersOf(this.document);
  }
}

/** All registers, in an order that two documents share. */
export function registersOf(document: RegisterDocument): Register[] {
  return document
    .entities()
    .sort()
    .flatMap((entity) => document.read(entity));
}

/** Nodes on one clock. */
export function documentNodes(hub: Hub, count: number, options: NodeOptions = {}): DocumentNode[] {
  const clock = new ManualClock();
  return nodeIds(count).map((id) => new DocumentNode(hub, id, clock, options));
}

/** Delivers and lets time pass until documents have been compared and nothing is under way. */
export function settle(hub: Hub, nodes: readonly DocumentNode[]): void {
  for (const node of nodes) node.flush();
  hub.deliver(Number.MAX_SAFE_INTEGER);
  for (let round = 0; round < 3; round += 1) {
    nodes[0]?.clock.pass(2_000);
    hub.deliver(Number.MAX_SAFE_INTEGER);
    for (const node of nodes) node.flush();
  }
  hub.deliver(Number.MAX_SAFE_INTEGER);
}

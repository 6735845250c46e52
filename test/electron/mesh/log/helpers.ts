import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { LogReplication } from '../../../../electron/mesh/log/replication.ts';
import type { LogTrouble } from '../../../../electron/mesh/log/trouble.ts';
import { EventStore } from '../../../../electron/store/store.ts';
import { NodeId } from '../../../../shared/model/ids.ts';
import { tempHome } from '../../store/helpers.ts';
import { paused } from '../../store/samples.ts';
import { Hub } from '../memoryLinks.ts';

/** Nodes with real stores and keys on a hub. */
export class TestMesh {
  readonly hub = new Hub();
  readonly nodes: TestNode[] = [];
  readonly keys = new Map<NodeId, ReturnType<typeof generateKeyPairSync>>();
  /** Up to where the logs of revoked nodes count. */
  readonly cuts = new Map<NodeId, number>();

  /** A node `n-a`, `n-b` … with a home of its own, or a given one. */
  add(id = `n-${String.fromCharCode(97 + this.nodes.length)}`, home = tempHome()): TestNode {
    const node = NodeId.parse(id);
    if (!this.keys.has(node)) this.keys.set(node, generateKeyPairSync('ed25519'));
    const made = new TestNode(this, node, home);
    this.nodes.push(made);
    return made;
  }

  signAs(node: NodeId, bytes: Uint8Array): Uint8Array {
    const pair = this.keys.get(node);
    if (!pair) throw new Error(`${node} has no key`);
    return sign(null, bytes, pair.privateKey);
  }

  isSigned(node: NodeId, bytes: Uint8Array, signature: Uint8Array): boolean {
    const pair = this.keys.get(node);
    return pair !== undefined && verify(null, bytes, pair.publicKey, signature);
  }

  connectAll(): void {
    this.hub.connectAll(...this.nodes.map(({ id }) => id));
  }

  /** Delivers until nothing moves any more. */
  async quiet(): Promise<void> {
    for (let still = 0; still < 12; still += 1) {
      if (this.hub.waiting > 0) still = 0;
      this.hub.deliver();
      await setImmediate();
    }
  }

  /** All nodes have the same logs, whole. */
  expectSame(nodes: readonly TestNode[] = this.nodes): void {
    const [first, ...others] = nodes;
    const logs = first?.logs();
    for (const other of others) expect(other.logs()).toEqual(logs);
    for (const node of nodes)
      for (const log of node.store.heads().keys())
        expect(node.store.verify(1, log).problem, `${log} on ${node.id}`).toBeNull();
  }
}

export class TestNode {
  readonly id: NodeId;
  readonly home: string;
  readonly troubles: LogTrouble[] = [];
  /** What waits for time to pass. */
  readonly timers = new Set<() => void>();
  store: EventStore;
  replication: LogReplication;
  readonly #mesh: TestMesh;
  #said = 0;

  constructor(mesh: TestMesh, id: NodeId, home: string) {
    this.#mesh = mesh;
    this.id = id;
    this.home = home;
    this.store = EventStore.open(home, id);
    this.replication = this.#replicate();
    onTestFinished(() => this.stop());
  }

  #replicate(): LogReplication {
    const mesh = this.#mesh;
    return new LogReplication({
      store: this.store,
      links: mesh.hub.node(this.id),
      sign: (bytes) => mesh.signAs(this.id, bytes),
      verify: (node, bytes, signature) => mesh.isSigned(node, bytes, signature),
      isMember: (node) => mesh.keys.has(node),
      lastAllowed: (node) => mesh.cuts.get(node) ?? null,
      after: (_, act) => {
        this.timers.add(act);
        return { cancel: () => void this.timers.delete(act) };
      },
      onTrouble: (trouble) => this.troubles.push(trouble),
    });
  }

  /** Appends events and waits until they are durable. */
  async say(count = 1, words = ''): Promise<void> {
    const bodies = Array.from({ length: count }, () =>
      paused(`${this.id} ${(this.#said += 1)}${words}`),
    );
    this.store.append(bodies, this.#said);
    await this.store.flush();
  }

  /** Each log as one value to compare. */
  logs(): Record<string, { seq: number; hash: string }> {
    return Object.fromEntries(
      [...this.store.heads()]
        .map(([node, { seq, hash }]) => [node, { seq, hash }] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }

  names(type: LogTrouble['type']): LogTrouble[] {
    return this.troubles.filter((trouble) => trouble.type === type);
  }

  stop(): void {
    this.replication.stop();
    this.#mesh.hub.remove(this.id);
    this.store.close();
  }

  /** Starts again on its home, after `change` of what lies there. */
  restart(change: () => void = () => undefined): void {
    this.stop();
    change();
    this.store = EventStore.open(this.home, this.id);
    this.replication = this.#replicate();
  }
}

import { createHash } from 'node:crypto';
import type { MemberKeys } from '../../electron/node/mesh/commons.ts';
import type { NodeId } from '../../shared/model/ids.ts';
import type { Link } from '../../electron/mesh/link.ts';
import type { SimLinks } from './network.ts';

/** What a node's disk holds of who belongs to the mesh: both only grow. */
export interface MemberFile {
  readonly admitted: Set<NodeId>;
  /** Up to where the log of a revoked node counts: of two that revoke it the smaller cut. */
  readonly cuts: Map<NodeId, number>;
}

interface Gossip {
  readonly admitted: readonly NodeId[];
  readonly cuts: readonly (readonly [NodeId, number])[];
}

/**
 * Who belongs to the mesh, as one node knows it. The statements themselves and their keys have tests of their own;
 * here a signature is a hash that only the simulation could forge.
 */
export class SimMembers implements MemberKeys {
  readonly name: string;
  readonly #node: NodeId;
  readonly #file: MemberFile;
  readonly #links: SimLinks;
  readonly #changed: (revoked: readonly NodeId[]) => void;

  constructor(
    node: NodeId,
    file: MemberFile,
    links: SimLinks,
    changed: (revoked: readonly NodeId[]) => void,
  ) {
    this.name = node;
    this.#node = node;
    this.#file = file;
    this.#links = links;
    this.#changed = changed;
    links.listen('members', {
      opened: (link) => this.#tell(link),
      message: (_link, bytes) => this.#hear(JSON.parse(new TextDecoder().decode(bytes)) as Gossip),
    });
  }

  get(node: NodeId): ReturnType<MemberKeys['get']> {
    if (!this.#file.admitted.has(node)) return null;
    const cut = this.#file.cuts.get(node);
    return { revoked: cut === undefined ? null : { cut, by: [] } };
  }

  sign(purpose: string, value: unknown): string {
    return signature(this.#node, purpose, value);
  }

  verify(node: NodeId, purpose: string, value: unknown, signed: string): boolean {
    return this.#file.admitted.has(node) && signature(node, purpose, value) === signed;
  }

  admit(node: NodeId): void {
    this.#hear({ admitted: [node], cuts: [] });
  }

  revoke(node: NodeId, cut: number): void {
    this.#hear({ admitted: [], cuts: [[node, cut]] });
  }

  #hear({ admitted, cuts }: Gossip): void {
    const fresh = admitted.filter((node) => !this.#file.admitted.has(node));
    // One that was put out and goes on does not hear of it.
    const lower = cuts.filter(
      ([node, cut]) => node !== this.#node && cut < (this.#file.cuts.get(node) ?? Infinity),
    );
    if (fresh.length + lower.length === 0) return;
    for (const node of fresh) this.#file.admitted.add(node);
    for (const [node, cut] of lower) this.#file.cuts.set(node, cut);
    for (const link of this.#links.open.values()) this.#tell(link);
    const gone = lower.map(([node]) => node);
    for (const node of gone) this.#links.open.get(node)?.close('it was revoked');
    this.#changed(gone);
  }

  #tell(link: Link): void {
    const { admitted, cuts } = this.#file;
    const gossip: Gossip = { admitted: [...admitted], cuts: [...cuts] };
    link.send('members', new TextEncoder().encode(JSON.stringify(gossip)));
  }
}

function signature(node: NodeId, purpose: string, value: unknown): string {
  return createHash('sha256')
    .update(`${node} ${purpose} ${JSON.stringify(value)}`)
    .digest('base64url');
}

import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type {
  DrainView,
  InvitationView,
  JoinedView,
  LeftView,
  NodeView,
  NodesView,
  RevokedView,
} from '../../../shared/model/meshApi.ts';
import type { NodeId, TaskId } from '../../../shared/model/ids.ts';
import type { AttemptFile } from '../attemptFiles.ts';
import type { Ledger } from '../ledger.ts';
import { findNode, knownNodes } from '../views/nodes.ts';
import type { MeshControl } from './meshControl.ts';

/** What the API offers about the mesh. While no node runs the others can only be listed. */
export class MeshServices {
  private readonly ledger: Ledger;
  private readonly mesh: MeshControl | null;

  constructor(ledger: Ledger, mesh: MeshControl | null) {
    this.ledger = ledger;
    this.mesh = mesh;
  }

  nodes(): NodesView {
    const { leadership } = this.ledger.world;
    return {
      nodes: this.mesh ? this.mesh.nodes() : knownNodes(this.ledger),
      leadership: leadership && {
        leader: leadership.leader,
        term: leadership.term,
        reason: leadership.reason,
      },
    };
  }

  /** One of them by its id or its name. Throws `not-found`, and `invalid-input` for a name that several have. */
  node(nameOrId: string): NodeView {
    return findNode(this.nodes().nodes, nameOrId);
  }

  invite(): Promise<InvitationView> {
    return this.running().invite();
  }

  join(line: string): Promise<JoinedView> {
    return this.running().join(line);
  }

  async drain(nameOrId: string, on: boolean, who: string): Promise<DrainView> {
    const mesh = this.running();
    const { id, name } = this.node(nameOrId);
    await mesh.drain(id, on, who);
    return { node: id, name, draining: on };
  }

  async revoke(nameOrId: string, who: string): Promise<RevokedView> {
    const mesh = this.running();
    const { id, name, self } = this.node(nameOrId);
    if (self)
      throw new VigilError(
        'invalid-input',
        `${name} (${id}) is this node itself`,
        'To take it out of the mesh run `vigil leave` here, or revoke it from another node.',
      );
    await mesh.revoke(id, who);
    return { revoked: id, name };
  }

  /**
   * What an attempt left on the node that ran it, asked there. Null when none of these nodes has it.
   * Throws `node-unreachable` when one that may have it can't be asked.
   */
  async attemptFile(nodes: readonly NodeId[], file: AttemptFile): Promise<Buffer | null> {
    const self = this.ledger.store.node;
    for (const node of nodes.filter((each) => each !== self)) {
      const found = await this.running().attemptFile(node, file);
      if (found) return found;
    }
    return null;
  }

  /** As `MeshControl.story`; null while no node runs: then only what is in this home can be told. */
  async story(task: TaskId): Promise<ExplanationView | null> {
    return (await this.mesh?.story(task)) ?? null;
  }

  async leave(who: string): Promise<LeftView> {
    await this.running().leave(who);
    return { left: this.ledger.store.node };
  }

  /** Links, invitations and signatures are a running node's business. */
  private running(): MeshControl {
    if (this.mesh) return this.mesh;
    throw new VigilError(
      'node-unreachable',
      'no node runs on this home, and the others can be reached by a running one only',
      'Start it with `vigil up`, then say it again in a second terminal.',
    );
  }
}

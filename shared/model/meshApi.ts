import { z } from 'zod';
import { NodeView } from './api.ts';
import { NodeId } from './ids.ts';

/** Shapes of the local API that concern the mesh; stable as those of `api.ts`. */

/** Who plans for the nodes that see each other, as the node that answers knows it. */
const Leadership = z.object({
  /** Null while it can't tell. */
  leader: NodeId.nullable(),
  term: z.number().int(),
  reason: z.string(),
});

export const NodesView = z.object({
  /** The node that answers comes first. */
  nodes: z.array(NodeView),
  /** Null on a node that is in no mesh: it leads itself. */
  leadership: Leadership.nullable(),
});
export type NodesView = z.infer<typeof NodesView>;

export const InvitationView = z.object({
  /** What `vigil join` takes on the other machine. Whoever has it may use it, once. */
  line: z.string(),
  untilMs: z.number(),
});
export type InvitationView = z.infer<typeof InvitationView>;

export const JoinedView = z.object({
  /** The node that joined. */
  node: NodeId,
  /** Who let it in, by its name or its id. */
  inviter: z.string(),
});
export type JoinedView = z.infer<typeof JoinedView>;

export const DrainView = z.object({ node: NodeId, name: z.string(), draining: z.boolean() });
export type DrainView = z.infer<typeof DrainView>;

export const RevokedView = z.object({ revoked: NodeId, name: z.string() });
export type RevokedView = z.infer<typeof RevokedView>;

/** The node goes on alone. */
export const LeftView = z.object({ left: NodeId });
export type LeftView = z.infer<typeof LeftView>;

import { z } from 'zod';
import { NodeId, TaskId } from './ids.ts';
import { Fitness, Senses } from './senses.ts';

/** Shapes of the local API that concern the mesh; stable as those of `api.ts`. */

/** Who plans for the nodes that see each other, as the node that answers knows it. */
const Leadership = z.object({
  /** Null while it can't tell. */
  leader: NodeId.nullable(),
  term: z.number().int(),
  reason: z.string(),
});

/** What the log says of a node, and what it says it from. */
export const ProfileLine = z.object({
  kind: z.enum(['strength', 'weakness', 'reliability', 'duration']),
  text: z.string(),
  /** How many, and when: `9 of 10 attempts, 2026-11-01 to 2026-11-20`. */
  evidence: z.string(),
});
export type ProfileLine = z.infer<typeof ProfileLine>;

export const NodeView = z.object({
  id: NodeId,
  /** What people call the machine. */
  name: z.string(),
  /** The node that answers. */
  self: z.boolean(),
  up: z.boolean(),
  leads: z.boolean(),
  draining: z.boolean(),
  version: z.string(),
  fitness: Fitness,
  /** Null while nothing is known, as of a node that is away. */
  senses: Senses.nullable(),
  running: z.array(TaskId),
  slots: z.object({
    agent: z.object({ used: z.number().int(), max: z.number().int() }),
    cheap: z.object({ used: z.number().int(), max: z.number().int() }),
  }),
  capabilities: z.array(z.string()),
  profile: z.array(ProfileLine),
  /** What does not work there as it should, in sentences. */
  notes: z.array(z.string()),
});
export type NodeView = z.infer<typeof NodeView>;

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

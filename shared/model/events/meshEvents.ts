import { z } from 'zod';
import { AgentChoice } from '../agent.ts';
import { Concurrency } from '../config.ts';
import { DeviceId } from '../device.ts';
import { NodeId } from '../ids.ts';
import { Fitness } from '../senses.ts';

/** What is wrong, or right again, with the log of a node. */
const logTrouble = {
  node: NodeId,
  seq: z.number().int().nonnegative(),
  what: z.string(),
  from: NodeId.nullable(),
};

/** Who belongs to the mesh, who is there, who leads, and what became of links and copied logs. */
export const meshEvents = [
  /** This node founded a mesh or joined one. Its numbers lie above the floor, in the blocks of its slot. */
  z.strictObject({
    type: z.literal('mesh.entered'),
    name: z.string(),
    slot: z.number().int().min(0).max(63),
    floor: z.number().int().nonnegative(),
    /** Who invited it; null for the founder. */
    inviter: NodeId.nullable(),
  }),
  z.strictObject({
    type: z.literal('mesh.left'),
    reason: z.string(),
    /** Other nodes put it out; absent when it left by itself. */
    revoked: z.literal(true).optional(),
  }),
  /** What this node knows of another, recorded when something changes that decisions look at. */
  z.strictObject({
    type: z.literal('peer.changed'),
    peer: NodeId,
    name: z.string(),
    version: z.string(),
    concurrency: Concurrency,
    capabilities: z.array(z.string()),
    fitness: Fitness.nullable(),
    draining: z.boolean(),
    /** Agents that are ready there, each with a model that it can call. */
    choices: z.array(AgentChoice),
  }),
  z.strictObject({ type: z.literal('peer.lost'), peer: NodeId, reason: z.string() }),
  /** Whom this node takes for the leader now; null while it can't tell. */
  z.strictObject({
    type: z.literal('leader.changed'),
    leader: NodeId.nullable(),
    term: z.number().int().nonnegative(),
    reason: z.string(),
  }),
  /** A node belongs to the mesh from here on, by this node's word or another's. */
  z.strictObject({
    type: z.literal('member.admitted'),
    peer: NodeId,
    name: z.string(),
    device: DeviceId,
    slot: z.number().int().min(0).max(63).nullable(),
  }),
  /** A node is out for good: by itself, or by these. Its log counts up to `cut`. */
  z.strictObject({
    type: z.literal('member.revoked'),
    peer: NodeId,
    name: z.string(),
    cut: z.number().int().nonnegative(),
    by: z.array(NodeId),
  }),
  z.strictObject({ type: z.literal('link.opened'), peer: NodeId, address: z.string() }),
  z.strictObject({ type: z.literal('link.closed'), peer: NodeId, reason: z.string() }),
  /** Somebody without a member's key was turned away at the mesh's port, so often since the last such event. */
  z.strictObject({
    type: z.literal('stranger.refused'),
    address: z.string(),
    reason: z.string(),
    count: z.number().int().positive(),
  }),
  /** A second machine uses the key of this node: one home was copied. */
  z.strictObject({ type: z.literal('peer.doubled'), peer: NodeId, address: z.string() }),
  /** Two versions can't understand each other; null for a node that is no member yet. */
  z.strictObject({
    type: z.literal('peer.incompatible'),
    peer: NodeId.nullable(),
    reason: z.string(),
    help: z.string(),
  }),
  /** Events of a log are not as their writer signed them; `from` null: in the copy on this node. */
  z.strictObject({ type: z.literal('log.broken'), ...logTrouble }),
  /** Its writer signed two histories: nothing more of it is taken. */
  z.strictObject({ type: z.literal('log.forked'), ...logTrouble }),
  z.strictObject({ type: z.literal('log.repaired'), ...logTrouble }),
  /** A peer has more of this node's own log than the node, as after the restore of a backup. */
  z.strictObject({ type: z.literal('log.behind'), ...logTrouble }),
  /** Something in the document that no node should have written was passed over. */
  z.strictObject({ type: z.literal('register.refused'), peer: NodeId, reason: z.string() }),
] as const;

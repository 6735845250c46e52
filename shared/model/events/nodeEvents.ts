import { z } from 'zod';
import { AgentState } from '../agent.ts';
import { Concurrency, Limits } from '../config.ts';
import { NodeId } from '../ids.ts';
import { Fitness } from '../senses.ts';

/** What a node is, can do and may take, and who knocked at it in vain. */
export const nodeEvents = [
  z.strictObject({
    type: z.literal('node.started'),
    node: NodeId,
    version: z.string(),
    concurrency: Concurrency,
    capabilities: z.array(z.string()),
    limits: Limits,
  }),
  z.strictObject({ type: z.literal('node.stopped'), node: NodeId, reason: z.string() }),
  /** What the node may take has changed; each sample is not worth an event. */
  z.strictObject({
    type: z.literal('node.sensed'),
    node: NodeId,
    fitness: Fitness,
    /** What it felt, in words. */
    senses: z.string(),
  }),
  /** A human told it to take nothing new, or to take work again. */
  z.strictObject({
    type: z.literal('node.drained'),
    node: NodeId,
    who: z.string(),
    drain: z.boolean(),
  }),
  /** Labels that the node found to be true of itself, beside those that its user declared. */
  z.strictObject({
    type: z.literal('capabilities.found'),
    node: NodeId,
    capabilities: z.array(z.string()),
  }),
  z.strictObject({
    type: z.literal('agents.found'),
    node: NodeId,
    agents: z.array(AgentState),
  }),
  /** The local API did not answer: another site's page, a foreign name, no token. Told of at most hourly. */
  z.strictObject({
    type: z.literal('request.refused'),
    reason: z.enum(['host', 'origin', 'token']),
    /** As it was sent, cut. */
    host: z.string(),
    origin: z.string(),
    count: z.number().int().min(1),
  }),
] as const;

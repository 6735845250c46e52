import { z } from 'zod';
import { AgentChoice } from './agent.ts';
import { Concurrency } from './config.ts';
import { NodeId, ProjectId, TaskId } from './ids.ts';
import { Fitness, Senses } from './senses.ts';

/** What a machine knows of the human at it: input counts, work of agents does not. */
export const HumanPresence = z.object({
  /** Since the last input, ms, in coarse steps: it is told only when it says something new. */
  idleMs: z.number().nonnegative(),
  locked: z.boolean(),
});
export type HumanPresence = z.infer<typeof HumanPresence>;

const count = z.number().int().nonnegative();

/** Of one node's numbers: which start of it, and the how-manieth message since. */
export const Heartbeat = z.object({
  node: NodeId,
  /** Greater at each start of the node. */
  boot: count,
  /** Greater with each message of a start. */
  n: count,
});
export type Heartbeat = z.infer<typeof Heartbeat>;

/**
 * What a node says of itself while it is there. It is heard and forgotten: nothing of it is stored, and
 * what of it decides something is recorded as an event by whoever decided.
 */
export const NodePresence = Heartbeat.extend({
  name: z.string().min(1),
  version: z.string(),
  /** Of the mesh's wire formats. */
  protocol: count,
  /** Since the start of the node, without sleep, ms, when this was sent. */
  uptimeMs: z.number().nonnegative(),
  concurrency: Concurrency,
  capabilities: z.array(z.string()),
  /** Agents with a model that can start now. */
  ready: z.array(AgentChoice),
  /** Null while nothing was sampled. */
  senses: Senses.nullable(),
  /** What follows from that for work and for leading; null while unknown. */
  fitness: Fitness.nullable(),
  /** Finishes what runs and takes nothing new. */
  draining: z.boolean(),
  running: z.array(z.object({ task: TaskId, attempt: z.number().int().positive(), term: count })),
  leads: z.boolean(),
  /** The highest term that it has seen. */
  term: count,
  /** Whom it has a link to. */
  links: z.array(NodeId),
  /** Projects that it has a clone of. */
  projects: z.array(ProjectId),
  /** Null while unknown, and where there is nobody to be seen, as on a server. */
  human: HumanPresence.nullable().default(null),
  /** What it can tell a human by: its own screen, and what it sends to where a human may be. */
  tells: z
    .object({
      screen: z.boolean(),
      away: z.boolean(),
      /** In its quiet hours its screen shows only what is critical. */
      quiet: z.boolean().optional(),
    })
    .default({ screen: false, away: false }),
});
export type NodePresence = z.infer<typeof NodePresence>;

import { z } from 'zod';
import { Decision } from './decision.ts';
import { NodeId, TaskId } from './ids.ts';

/** Shapes of the local API that tell how the work goes over time; stable as those of `api.ts`. */

export const DecisionsView = z.object({
  /** Newest first. */
  decisions: z.array(Decision.extend({ node: NodeId, pos: z.number().int() })),
});
export type DecisionsView = z.infer<typeof DecisionsView>;

/** How far the durations that were expected lay from those that came. */
const Estimates = z.object({
  /** Attempts that were predicted and succeeded. */
  count: z.number().int(),
  /** Share of them that took no longer than expected. */
  within: z.number().nullable(),
  /** Median of how many times too long or too short the expectation was; 1 is exact. */
  factor: z.number().nullable(),
});

export const InsightView = z.object({
  sinceMs: z.number(),
  untilMs: z.number(),
  /** What happened, what went best, what failed most and what changed, a sentence each. */
  inShort: z.array(z.string()),
  /** What the engine did otherwise by itself, newest first; at most 50. */
  changes: z.array(z.object({ atMs: z.number(), node: NodeId, text: z.string() })),
  estimates: Estimates.extend({
    /** By kind of work, most attempts first. */
    byKind: z.array(Estimates.extend({ kind: z.string() })),
  }),
  /** How well the engine knew what would succeed. */
  predictions: z.object({
    count: z.number().int(),
    held: z.number().int(),
    /** Mean of the probabilities of success that it went by; null without predictions. */
    expected: z.number().nullable(),
    /** Share that did succeed. */
    succeeded: z.number().nullable(),
  }),
  /** The period in equal parts, oldest first. */
  trend: z.array(
    z.object({
      fromMs: z.number(),
      /** Attempts that ended; interrupted ones are left out. */
      attempts: z.number().int(),
      passed: z.number().int(),
      merged: z.number().int(),
      meanQuality: z.number().nullable(),
      /** As `Estimates.factor`, of this part. */
      estimateFactor: z.number().nullable(),
      /** The last that was heard of it in this part. */
      confidence: z.number().nullable(),
      /** USD; null when no call was paid in dollars. */
      usd: z.number().nullable(),
    }),
  ),
  /** What each node did of what it could. */
  nodes: z.array(
    z.object({
      node: NodeId,
      busyMs: z.number(),
      slots: z.number().int(),
      /** Share of its slots' time in use; null where it has none. */
      utilisation: z.number().nullable(),
      passed: z.number().int(),
      failed: z.number().int(),
      interrupted: z.number().int(),
    }),
  ),
  /** What the engine goes by now, by kind of work, and by how much it moved in the period. */
  adapted: z.array(
    z.object({
      kind: z.string(),
      /** Quality that a result must reach. */
      bar: z.number(),
      /** The bar at the first verification of the period; null when there was none. */
      barBefore: z.number().nullable(),
      /** Third quartile of the last durations, ms. */
      p75Ms: z.number().nullable(),
      /** By node: the probability of success that decisions go by. */
      pSuccess: z.array(z.object({ node: NodeId, value: z.number(), evidence: z.number() })),
    }),
  ),
});
export type InsightView = z.infer<typeof InsightView>;

const spent = {
  calls: z.number().int(),
  tokens: z.number().int(),
  usd: z.number(),
  /** Calls whose cost in USD is not known: subscriptions and local models. */
  unpriced: z.number().int(),
};

export const SpendingView = z.object({
  /** `2026-11`, UTC. */
  month: z.string(),
  sinceMs: z.number(),
  nowMs: z.number(),
  /** Every day of the month up to now, UTC. */
  days: z.array(z.object({ day: z.string(), ...spent })),
  /** Tasks that called a model this month, the dearest first; at most 50. */
  tasks: z.array(z.object({ task: TaskId, title: z.string().nullable(), ...spent })),
  /** How many more tasks there were. */
  omitted: z.number().int(),
});
export type SpendingView = z.infer<typeof SpendingView>;

/** What a machine felt at a time; null is what could not be read. */
const FeltSample = z.object({
  atMs: z.number(),
  /** Hottest processor sensor, °C. */
  celsius: z.number().nullable(),
  /** Shares, 0 to 1. */
  memoryFree: z.number().nullable(),
  load: z.number().nullable(),
});
export type FeltSample = z.infer<typeof FeltSample>;

/** What the log tells of a node over time. Samples of heat and memory are not kept; what they led to is. */
export const NodeSeriesView = z.object({
  node: NodeId,
  sinceMs: z.number(),
  untilMs: z.number(),
  /** What it took, from when on; the first holds since before the period when anything was known. */
  fitness: z.array(
    z.object({
      atMs: z.number(),
      takes: z.enum(['all', 'short', 'light', 'nothing']),
      /** Why not more; empty when it took all. */
      why: z.array(z.string()),
      /** What it felt then, in words. */
      senses: z.string(),
    }),
  ),
  /** Attempts that ran there at once, from when on. */
  running: z.array(z.object({ atMs: z.number(), count: z.number().int() })),
  /** One a minute, since this node started. */
  felt: z.array(FeltSample),
});
export type NodeSeriesView = z.infer<typeof NodeSeriesView>;

export const SettingsView = z.object({
  /** `config.yaml` of the home; it is read when the node starts. */
  file: z.string(),
  exists: z.boolean(),
  logFolder: z.string(),
  settings: z.array(
    z.object({
      /** As in the file, e.g. `limits.attemptsPerTask`. */
      path: z.string(),
      value: z.string(),
      /** What holds when the file says nothing. */
      byDefault: z.string(),
      changed: z.boolean(),
    }),
  ),
});
export type SettingsView = z.infer<typeof SettingsView>;

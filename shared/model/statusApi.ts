import { z } from 'zod';
import { Autonomy } from './decision.ts';
import { NodeId, ProjectId } from './ids.ts';

/** Shapes of the local API that tell how a node fares; stable as those of `api.ts`. */

export const LimitView = z.object({
  limit: z.string(),
  subject: z.string(),
  value: z.number(),
  max: z.number(),
  reached: z.boolean(),
  /** Times it was reached since the log began. */
  hits: z.number().int(),
  untilMs: z.number().nullable(),
});
export type LimitView = z.infer<typeof LimitView>;

export const StatusView = z.object({
  node: NodeId,
  version: z.string(),
  home: z.string(),
  pid: z.number().int().nullable(),
  /** Address of the page; null when the node is not running. */
  url: z.string().nullable(),
  running: z.boolean(),
  /** One word for a glance. `parked`: a limit or the engine itself stopped the work, and says why. */
  state: z.enum(['working', 'idle', 'parked', 'paused', 'stopped']),
  /** The sentence behind the state. */
  summary: z.string(),
  /** Whether work was stopped, by a person or by Vigil itself, until someone resumes it. */
  resumable: z.boolean().default(false),
  /** What a human has to do, most urgent first. */
  attention: z.array(z.string()),
  /** Questions to a human that nobody has answered. */
  approvals: z.number().int(),
  /** USD in the last 24 hours; null when nothing was paid in dollars. */
  spentTodayUsd: z.number().nullable(),
  confidence: z.number(),
  autonomy: Autonomy,
  counts: z.object({
    open: z.number(),
    waitingForAgent: z.number(),
    running: z.number(),
    review: z.number(),
    merged: z.number(),
    done: z.number(),
    failed: z.number(),
    rejected: z.number(),
    cancelled: z.number(),
  }),
  slots: z.object({
    agent: z.object({ used: z.number(), max: z.number() }),
    cheap: z.object({ used: z.number(), max: z.number() }),
  }),
  limits: z.array(LimitView),
  projects: z.array(
    z.object({
      id: ProjectId,
      path: z.string().nullable(),
      open: z.number(),
      merged: z.number(),
      trouble: z.string().nullable(),
    }),
  ),
  /** Position (`EventView.pos`) of the last event here: a stream goes on from it. */
  seq: z.number().int(),
});
export type StatusView = z.infer<typeof StatusView>;

export const DoctorView = z.object({
  ok: z.boolean(),
  checks: z.array(
    z.object({
      name: z.string(),
      verdict: z.enum(['ok', 'failed', 'unknown']),
      detail: z.string(),
      help: z.string().nullable(),
    }),
  ),
});
export type DoctorView = z.infer<typeof DoctorView>;

import { z } from 'zod';
import { Executor, RiskTier, TaskType } from './task.ts';

/** Something that a scan of the project found wanting, ready to become a task. */
export const Gap = z.strictObject({
  /** Stable across scans: detector, file and symbol, never a line number. */
  fingerprint: z.string(),
  detector: z.string(),
  title: z.string().min(1).max(200),
  type: TaskType,
  instructions: z.string(),
  acceptance: z.array(z.string()),
  deliverables: z.array(z.string()),
  scope: z.array(z.string()),
  references: z.array(z.string()),
  /** `file:line` and the code, short. */
  evidence: z.string(),
  executor: Executor,
  risk: RiskTier,
  estimateMs: z.number().int().positive(),
  /** Value against effort, 0–1. */
  score: z.number().min(0).max(1),
});
export type Gap = z.infer<typeof Gap>;

/** What became of a gap that was proposed before. */
export interface KnownGap {
  readonly fingerprint: string;
  readonly state: 'open' | 'merged' | 'done' | 'failed' | 'rejected' | 'cancelled' | 'split';
  /** When its task ended; null while it is open. */
  readonly endedAtMs: number | null;
  /** A scan after the end no longer saw it: seeing it again is news. */
  readonly closed: boolean;
}

import { z } from 'zod';
import { Verification } from './attempt.ts';
import { CommitId, TaskId } from './ids.ts';
import { TaskSummary } from './taskApi.ts';

/** Shapes of the local API by which a result is judged; stable as those of `api.ts`. */

export const ReviewView = z.object({
  task: TaskSummary,
  attempt: z.number().int(),
  why: z.string(),
  commit: CommitId.nullable(),
  verification: Verification.nullable(),
  /** Unified diff, cut at 200 kB; null without a commit, and until the commit has arrived here. */
  diff: z.string().nullable(),
});
export type ReviewView = z.infer<typeof ReviewView>;

/** What an attempt changed. */
export const AttemptDiffView = z.object({
  task: TaskId,
  attempt: z.number().int(),
  commit: CommitId,
  /** Unified diff against what it was built on; its last line says so where it was cut. */
  diff: z.string(),
  /** Bytes after which it was cut; null when it is whole. */
  cutAtBytes: z.number().int().nullable(),
});
export type AttemptDiffView = z.infer<typeof AttemptDiffView>;

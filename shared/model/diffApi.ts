import { z } from 'zod';
import { CommitId, TaskId } from './ids.ts';

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

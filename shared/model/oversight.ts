import { z } from 'zod';

/** How much say a human has in what the engine does (O1), from least to most. */
export const OversightLevel = z.enum(['autonomous', 'notify', 'approve', 'never']);
export type OversightLevel = z.infer<typeof OversightLevel>;

/** What a project reserves beside what Vigil does: it can only make a level stricter. */
export const OversightRule = z.strictObject({
  /** Globs of files, relative to the project. */
  files: z.array(z.string().min(1)).min(1),
  level: OversightLevel.exclude(['autonomous']),
  /** What these files are, in words: `billing`. */
  what: z.string().min(1),
});
export type OversightRule = z.infer<typeof OversightRule>;

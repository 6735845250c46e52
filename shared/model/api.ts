import { z } from 'zod';

/**
 * The shapes of the local API, of every `--json` output, and of what the page reads stand in `…Api.ts`, by subject.
 * They are stable: fields may be added, none is renamed or removed within version 1.
 * Times ending in `Ms` are milliseconds, `…AtMs` since the epoch.
 */

export const ApiError = z.object({
  error: z.object({ code: z.string(), message: z.string(), help: z.string() }),
});
export type ApiError = z.infer<typeof ApiError>;

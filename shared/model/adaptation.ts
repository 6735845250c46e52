import { z } from 'zod';

/** Something that the engine goes by from now on, and did not before; nobody told it to. */
export const Adaptation = z.discriminatedUnion('kind', [
  /** Whether agents' results of a kind of work merge in a project without a human (G6). */
  z.strictObject({
    kind: z.literal('gate'),
    work: z.string(),
    open: z.boolean(),
    reason: z.string(),
  }),
  /** Who gets most of a kind of work (C4). */
  z.strictObject({
    kind: z.literal('route'),
    work: z.string(),
    /** `agent/provider/model`; null when none stood out before. */
    from: z.string().nullable(),
    to: z.string(),
    /** 0–1. */
    share: z.number(),
    reason: z.string(),
  }),
]);
export type Adaptation = z.infer<typeof Adaptation>;

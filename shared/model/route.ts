import { z } from 'zod';
import { AgentChoice } from './agent.ts';

/** The rungs of the ladder (H1). `first` is an attempt after which nothing has failed yet. */
export const Rung = z.enum(['first', 'retry', 'redirect', 'rewrite', 'decompose', 'human']);
export type Rung = z.infer<typeof Rung>;

/** Who does an attempt, and how it differs from the one before. */
export const Route = z.strictObject({
  choice: AgentChoice,
  /** Whom the gateway turns to when the chosen provider fails, best first; same wire format. */
  fallbacks: z.array(AgentChoice),
  reason: z.string(),
  rung: Rung,
  /** What kind of failure this attempt answers; null for the first. */
  signature: z.string().nullable(),
  /** What the agent is told beyond the task; null when nothing. */
  instruction: z.string().nullable(),
});
export type Route = z.infer<typeof Route>;

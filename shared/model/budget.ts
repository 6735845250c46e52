import { z } from 'zod';
import { ApprovalId } from './ids.ts';

const usd = z.number().nonnegative().max(1_000_000);

/**
 * The caps of C1, in USD and counts. They hold when nobody set them; a cap that is reached parks the
 * work that needs it and tells the human.
 */
export const Budget = z.strictObject({
  task: z
    .strictObject({
      /** Input, output and cache-write tokens; what is read from a cache counts in dollars only. */
      tokens: z.number().int().nonnegative().default(100_000),
      calls: z.number().int().nonnegative().default(15),
    })
    .prefault({}),
  hour: z.strictObject({ alert: usd.default(3), hard: usd.default(5) }).prefault({}),
  day: z
    .strictObject({
      /** Above it nothing is explored: no new specs, no second opinions. */
      soft: usd.default(30),
      /** Above it only tasks of weight that a human gave, and fixes, start. */
      criticalOnly: usd.default(40),
      hard: usd.default(50),
    })
    .prefault({}),
  month: z
    .strictObject({
      budget: usd.default(1_000),
      alerts: z.array(usd).default([500, 750, 900]),
      hard: usd.default(1_200),
      /** Whether what a month leaves of its budget adds to the next one's hard stop. */
      rollover: z.boolean().default(false),
    })
    .prefault({}),
});
export type Budget = z.infer<typeof Budget>;

/** A cap that rises, USD or a count; null for one that is switched on. */
export const RaisedCap = z.strictObject({
  cap: z.string(),
  from: z.number().nullable(),
  to: z.number().nullable(),
});
export type RaisedCap = z.infer<typeof RaisedCap>;

/** Caps as they were set: by a person's command, or by the yes to a question. */
export const BudgetSetting = z.strictObject({
  budget: Budget,
  /** The question whose yes it hangs on. */
  approval: ApprovalId.nullable(),
  /** What held before, and does again when that yes turns out to have come after a no. */
  before: Budget,
});
export type BudgetSetting = z.infer<typeof BudgetSetting>;

/** A cap by its path in the settings, e.g. `day.hard`. */
export const CapName = z.enum([
  'task.tokens',
  'task.calls',
  'hour.hard',
  'day.criticalOnly',
  'day.hard',
  'month.hard',
]);
export type CapName = z.infer<typeof CapName>;

/** Why a call may not be made now. */
export const CapReached = z.strictObject({
  cap: CapName,
  /** Spent and reserved, in the unit of the cap. */
  value: z.number(),
  max: z.number(),
  /** When it frees itself, ms since the epoch; null when only a human can. */
  untilMs: z.number().nullable(),
});
export type CapReached = z.infer<typeof CapReached>;

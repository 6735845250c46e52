import type { PriorityTerms } from '../model/decision.ts';

const MS_PER_MINUTE = 60_000;

/** The worth of a dispatch, in minutes. */
export interface Worth {
  readonly pSuccess: number;
  readonly value: number;
  readonly cost: number;
  readonly score: number;
}

/**
 * Score = P(success) · value − P(failure) · cost (D2). Value is what finishing sets free: the
 * remaining path behind the task and its computed priority. Cost is the time that a failure wastes,
 * twice where the machine may sleep or throttle under long work: then it also wastes what came before.
 */
export function scoreDispatch(
  pSuccess: number,
  priority: PriorityTerms,
  estimateMs: number,
  mayBeInterrupted = false,
): Worth {
  const value = priority.pathMinutes + Math.max(0, priority.total - priority.pathMinutes);
  const cost = (estimateMs / MS_PER_MINUTE) * (mayBeInterrupted ? 2 : 1);
  return { pSuccess, value, cost, score: pSuccess * value - (1 - pSuccess) * cost };
}

/**
 * The worth of looking for work: half of what an average found task is worth, and more the longer
 * slots would stand empty, so that a scan never outbids work that is ready (D5).
 */
export function scoreGenerate(freeSlots: number): Worth {
  const pSuccess = 0.5;
  const value = freeSlots;
  const cost = 0.5;
  return { pSuccess, value, cost, score: pSuccess * value - (1 - pSuccess) * cost };
}

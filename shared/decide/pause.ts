import type { Candidate } from '../model/decision.ts';
import { failureShare } from '../learn/limits.ts';
import type { World } from '../world/world.ts';
import type { Conditions } from './holds.ts';

/** Builds stop or go on by the engine's own decision. */
export interface PauseChange {
  readonly kind: 'pause' | 'resume';
  readonly reason: string;
  readonly untilMs: number | null;
  readonly candidate: Candidate;
}

const certain = { pSuccess: 1, value: 1, cost: 0, score: 1, selected: true } as const;

/** Pauses builds when too many attempts in a row fail (D1), and resumes them when the time is up. */
export function planPause(world: World, { nowMs, nodes }: Conditions): PauseChange | null {
  const { pause } = world;
  if (pause) {
    if (pause.by === 'human' || pause.untilMs === null || pause.untilMs > nowMs) return null;
    const reason = 'the pause is over';
    return {
      kind: 'resume',
      reason,
      untilMs: null,
      candidate: { action: { kind: 'resume-builds' }, ...certain, reason },
    };
  }
  const limits = nodes[0]?.limits;
  const share = failureShare(world.learned.rates);
  if (!limits || share === null || share < limits.pauseAtFailureRate) return null;
  const reason = `${Math.round(share * 100)} % of the last ten attempts failed`;
  return {
    kind: 'pause',
    reason,
    untilMs: nowMs + limits.pauseMs,
    candidate: { action: { kind: 'pause-builds' }, ...certain, reason },
  };
}

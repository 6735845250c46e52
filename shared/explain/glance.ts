import type { NodeView } from '../model/meshApi.ts';
import type { StatusView } from '../model/statusApi.ts';
import { count } from './format.ts';

/** What the menu bar's icon tells. */
export const GLANCE_STATES = ['offline', 'needs-you', 'paused', 'hot', 'working', 'idle'] as const;
export type GlanceState = (typeof GLANCE_STATES)[number];

/** A node as one sees it without looking. */
export interface Glance {
  readonly state: GlanceState;
  /** Questions and results that wait for a human. */
  readonly waiting: number;
  /** The sentence behind it. */
  readonly text: string;
}

/** Troubles for which a machine slows itself down. */
const HEAT: readonly string[] = ['hot', 'throttled'];

/**
 * What of all that is so is worth the one icon: what needs the human comes before what keeps the work from
 * going on, and that before the work. A node that does not answer tells nothing, whatever was known of it.
 */
export function glance(
  status: Pick<StatusView, 'state' | 'summary' | 'approvals' | 'counts'> | null,
  self: Pick<NodeView, 'fitness'> | null,
): Glance {
  if (status === null || status.state === 'stopped')
    return { state: 'offline', waiting: 0, text: 'The node does not answer.' };
  const waiting = status.approvals + status.counts.review;
  const heat = self?.fitness.troubles.find(({ kind }) => HEAT.includes(kind));
  if (waiting > 0)
    return {
      state: 'needs-you',
      waiting,
      text: `${count(waiting, 'question')} ${waiting === 1 ? 'waits' : 'wait'} for your answer.`,
    };
  if (status.state === 'paused' || status.state === 'parked')
    return { state: 'paused', waiting, text: status.summary };
  if (heat) return { state: 'hot', waiting, text: `This machine ${heat.text}.` };
  return { state: status.state, waiting, text: status.summary };
}

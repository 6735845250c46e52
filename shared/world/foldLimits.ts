import type { LoggedEvent } from '../model/events.ts';

/** A rail and how often it held. */
export interface LimitState {
  readonly limit: string;
  readonly subject: string;
  readonly value: number;
  readonly max: number;
  readonly reached: boolean;
  readonly hits: number;
  readonly untilMs: number | null;
}

/** Limits of single tasks that are remembered: those given up are many in the end, the newest are what a human still looks at. */
const KEPT_TASK_LIMITS = 50;

/** The rails that held, by limit and subject, after an event. */
export function foldLimits(limits: Map<string, LimitState>, { body }: LoggedEvent): void {
  switch (body.type) {
    case 'limit.reached': {
      const { type: _, ...limit } = body;
      const key = `${limit.limit} ${limit.subject}`;
      const hits = (limits.get(key)?.hits ?? 0) + 1;
      limits.set(key, { ...limit, reached: true, hits });
      if (limit.subject.startsWith('T-')) forgetOld(limits);
      break;
    }
    // A human has looked at it.
    case 'task.retried':
      for (const [key, { subject }] of limits) if (subject === body.task) limits.delete(key);
      break;
    case 'limit.cleared': {
      const key = `${body.limit} ${body.subject}`;
      const known = limits.get(key);
      if (known) limits.set(key, { ...known, reached: false, untilMs: null });
      break;
    }
    default:
  }
}

function forgetOld(limits: Map<string, LimitState>): void {
  const ofTasks = [...limits].filter(([, { subject }]) => subject.startsWith('T-'));
  for (const [key] of ofTasks.slice(0, -KEPT_TASK_LIMITS)) limits.delete(key);
}

import { usd } from './describeAgents.ts';
import { inline } from './format.ts';

/** A limit as the log knows it. */
interface LimitReached {
  readonly limit: string;
  readonly subject: string;
  readonly value: number;
  readonly max: number;
}

/** Whom the caps of the budget are reached for. */
const BUDGET = 'budget';
/** A task has used half of its tokens or calls (C1). */
const TASK_ALERT = 'task.alert';
/** More work found than one project may have open at once: the engine's own pace, nobody's business. */
const PACE = 'openInitiatives';

/** What caps of the budget that hold agents back say, and how they end. */
const HARD: Readonly<Record<string, { readonly spent: string; readonly then: string }>> = {
  'hour.hard': {
    spent: 'in the last hour',
    then: 'Agents wait until the hour has moved on',
  },
  'day.criticalOnly': {
    spent: 'in the last 24 hours',
    then: 'Only fixes and what you asked for goes on',
  },
  'day.hard': {
    spent: 'in the last 24 hours',
    then: 'Agents wait until the day has moved on',
  },
  'month.hard': {
    spent: 'this month',
    then: 'Agents wait for the next month',
  },
};

/** Whether work is held back by it; the others only tell. */
export function holdsWork({ limit, subject }: LimitReached): boolean {
  if (limit === PACE || subject.startsWith('T-')) return false;
  return subject !== BUDGET || Object.hasOwn(HARD, limit);
}

/** Whether a human has to know of it, and may do something about it. */
export function needsHuman({ limit }: LimitReached): boolean {
  return limit !== PACE && limit !== TASK_ALERT;
}

/** A limit that was reached, in words: what it is, what follows, and what can be done. */
export function describeLimit(reached: LimitReached): string {
  const { limit, subject, value, max } = reached;
  if (subject === BUDGET) return describeBudgetLimit(reached);
  if (limit === TASK_ALERT)
    return `${subject} has used half of what a task may use: ${Math.round(value)} of ${max} tokens. \`vigil explain ${subject}\` shows for what.`;
  if (subject.startsWith('T-'))
    return `${subject} was given up after ${value} of ${max} (${limit}): \`vigil explain ${subject}\`, then \`vigil task retry ${subject}\` or leave it.`;
  return `The limit ${limit} (${max}) is reached for ${subject}; raise it in config.yaml if you want more.`;
}

function describeBudgetLimit({ limit, value, max }: LimitReached): string {
  const hard = HARD[limit];
  if (hard !== undefined)
    return `${hard.then}: ${usd(value)} of ${usd(max)} (${limit}) spent or reserved ${hard.spent}. \`vigil budget\` shows on what; \`vigil budget --set ${limit}=…\` asks for more.`;
  if (limit === 'day.soft')
    return `No model writes specs or gives second opinions for now: ${usd(value)} spent in the last 24 hours, ${usd(max)} is the soft cap (day.soft). \`vigil budget\` shows on what.`;
  const period = limit.startsWith('hour.')
    ? 'in the last hour'
    : limit.startsWith('month.')
      ? 'this month'
      : 'in the last 24 hours';
  return `${usd(value)} spent ${period}, ${usd(max)} is where you wanted to be told (${inline(limit)}). \`vigil budget\` shows on what.`;
}

import type { CapName, CapReached } from '../../shared/model/budget.ts';

const WORDS: Readonly<Record<CapName, { what: string; unit: 'USD' | 'tokens' | 'calls' }>> = {
  'task.tokens': { what: 'tokens of this task', unit: 'tokens' },
  'task.calls': { what: 'model calls of this task', unit: 'calls' },
  'hour.hard': { what: 'spend of any hour', unit: 'USD' },
  'day.criticalOnly': { what: 'spend of a day on work that is not critical', unit: 'USD' },
  'day.hard': { what: 'spend of a day', unit: 'USD' },
  'month.hard': { what: 'spend of a month', unit: 'USD' },
};

/** Tells an agent, and whoever reads its transcript, why a call was not sent and what helps. */
export function capMessage({ cap, value, max, untilMs }: CapReached): string {
  const { what, unit } = WORDS[cap];
  const amount = (number: number): string =>
    unit === 'USD' ? `$${number.toFixed(2)}` : `${Math.round(number)} ${unit}`;
  const until =
    untilMs === null
      ? 'It does not free itself'
      : `It frees itself at ${new Date(untilMs).toISOString()}`;
  return (
    `Vigil's budget does not allow this call: ${cap} (${what}) is ${amount(max)}, and with this call at its ` +
    `longest ${amount(value)} would be used. ${until}; a human can raise it with \`vigil budget --set\`. ` +
    'Asking again does not help: stop here, and say what is done and what is left.'
  );
}

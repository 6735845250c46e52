import { Budget } from '../../shared/model/budget.ts';
import { VigilError } from '../../shared/model/errors.ts';
import { usd } from '../../shared/explain/describeAgents.ts';

type Kind = 'usd' | 'count' | 'list' | 'switch';

/** What can be set, and how it is written. */
const SETTINGS: Readonly<Record<string, Kind>> = {
  'task.tokens': 'count',
  'task.calls': 'count',
  'hour.alert': 'usd',
  'hour.hard': 'usd',
  'day.soft': 'usd',
  'day.criticalOnly': 'usd',
  'day.hard': 'usd',
  'month.budget': 'usd',
  'month.alerts': 'list',
  'month.hard': 'usd',
  'month.rollover': 'switch',
};

const EXAMPLES: Readonly<Record<Kind, string>> = {
  usd: 'an amount in USD, for example 8 or 12.50',
  count: 'a number, for example 15, 200k or 1.5M',
  list: 'amounts in USD, for example 500,750,900, or none',
  switch: 'on or off',
};

type Value = number | boolean | readonly number[];

/** A cap and what it is to be. */
export interface BudgetSetting {
  readonly cap: string;
  readonly value: Value;
}

/** `cap=value`; throws `misuse` with what can be set and how. */
export function parseSetting(text: string): BudgetSetting {
  const at = text.indexOf('=');
  const cap = at < 0 ? text : text.slice(0, at);
  const kind = Object.hasOwn(SETTINGS, cap) ? SETTINGS[cap] : undefined;
  if (kind === undefined)
    throw new VigilError(
      'misuse',
      `there is no cap ${cap}`,
      `Caps: ${Object.keys(SETTINGS).join(', ')}. For example \`vigil budget --set day.hard=20\`.`,
    );
  const value = at < 0 ? null : valueFrom(text.slice(at + 1).trim(), kind);
  if (value !== null) return { cap, value };
  throw new VigilError(
    'misuse',
    at < 0 ? `--set ${cap} says no value` : `${text.slice(at + 1)} is no value for ${cap}`,
    `It is ${EXAMPLES[kind]}: \`vigil budget --set ${cap}=…\`.`,
  );
}

function valueFrom(text: string, kind: Kind): Value | null {
  switch (kind) {
    case 'usd':
      return amount(text);
    case 'count':
      return count(text);
    case 'list': {
      const amounts = text === 'none' ? [] : text.split(',').map((part) => amount(part.trim()));
      const known = amounts.filter((one) => one !== null);
      return known.length === amounts.length ? known.toSorted((a, b) => a - b) : null;
    }
    case 'switch':
      return text === 'on' ? true : text === 'off' ? false : null;
  }
}

function amount(text: string): number | null {
  return /^\$?\d+(\.\d+)?$/.test(text) ? Number(text.replace('$', '')) : null;
}

function count(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text);
  if (match === null) return null;
  const factor = match[2] === 'M' ? 1_000_000 : match[2] === 'k' ? 1_000 : 1;
  const number = Number(match[1]) * factor;
  return Number.isSafeInteger(number) ? number : null;
}

/** The budget with these caps in place. Throws `misuse` for what no cap can be. */
export function withSettings(budget: Budget, settings: readonly BudgetSetting[]): Budget {
  const next: Record<string, Record<string, unknown>> = {
    task: { ...budget.task },
    hour: { ...budget.hour },
    day: { ...budget.day },
    month: { ...budget.month },
  };
  for (const { cap, value } of settings) {
    const [group = '', name = ''] = cap.split('.');
    next[group] = { ...next[group], [name]: value };
  }
  const parsed = Budget.safeParse(next);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new VigilError(
    'misuse',
    `${issue?.path.join('.') ?? 'the budget'}: ${issue?.message ?? 'is malformed'}`,
    'Nothing was changed.',
  );
}

/** A cap's value in words. Throws for a cap that is none. */
export function settingText(budget: Budget, cap: string): string {
  const value = valueOf(budget, cap);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'number') return SETTINGS[cap] === 'usd' ? usd(value) : String(value);
  return value.length === 0 ? 'none' : value.map(usd).join(', ');
}

function valueOf(budget: Budget, cap: string): Value {
  const [group, name] = cap.split('.');
  const groups: Record<string, Readonly<Record<string, Value>>> = { ...budget };
  const value = group === undefined || name === undefined ? undefined : groups[group]?.[name];
  if (value !== undefined) return value;
  throw new VigilError('misuse', `there is no cap ${cap}`, 'See `vigil budget`.');
}

/** Caps that never come into play because a tighter one holds first. */
export function idleCaps(budget: Budget): string[] {
  const { hour, day, month } = budget;
  const order: readonly [string, number, string, number][] = [
    ['hour.alert', hour.alert, 'hour.hard', hour.hard],
    ['day.soft', day.soft, 'day.hard', day.hard],
    ['day.criticalOnly', day.criticalOnly, 'day.hard', day.hard],
    ['hour.hard', hour.hard, 'day.hard', day.hard],
    ['day.hard', day.hard, 'month.hard', month.hard],
  ];
  return order
    .filter(([, low, , high]) => low > high)
    .map(
      ([cap, low, by, high]) =>
        `${cap} (${usd(low)}) never comes into play: ${by} (${usd(high)}) holds first.`,
    );
}

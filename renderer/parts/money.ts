import { usd } from '../../shared/explain/describeAgents.ts';

/** Calls of models and what they came to. */
export interface Sum {
  readonly usd: number;
  readonly calls: number;
  readonly tokens: number;
  /** Calls whose cost nobody knows in USD: subscriptions and local models. */
  readonly unpriced: number;
}

/** What a sum came to; what was not paid in dollars is said, never zero. */
export function cost({ usd: amount, calls, unpriced }: Sum): string {
  if (calls === 0) return 'none';
  if (unpriced === calls) return 'not paid in USD';
  return unpriced === 0 ? usd(amount) : `${usd(amount)} + ${unpriced} not in USD`;
}

/** Large numbers in groups of three. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

import { usd } from '../../../shared/explain/describeAgents.ts';
import { count } from '../../../shared/explain/format.ts';
import type { Price } from '../../../shared/model/agent.ts';

/** What calls came to. */
export interface Sum {
  readonly calls: number;
  readonly usd: number;
  /** Calls whose cost in USD is not known: subscriptions and local models. */
  readonly unpriced: number;
}

/** What calls cost, as it is known: what was not paid in dollars is never shown as $0. */
export function sumText(sum: Sum): string {
  if (sum.calls === 0) return '';
  if (sum.unpriced >= sum.calls) return 'not paid in dollars';
  return sum.unpriced === 0
    ? usd(sum.usd)
    : `${usd(sum.usd)} and ${count(sum.unpriced, 'call')} not paid in dollars`;
}

/** A number of tokens with as many digits as matter: `950`, `12.3k`, `1.5M`. */
export function tokensText(tokens: number): string {
  const in3 = (value: number) => value.toFixed(value < 100 ? 1 : 0).replace(/\.0$/, '');
  if (tokens < 1_000) return String(tokens);
  return tokens < 999_500 ? `${in3(tokens / 1_000)}k` : `${in3(tokens / 1_000_000)}M`;
}

/** A price as `$3.00 in, $15.00 out`, USD per million tokens. */
export function priceText(
  price: Price | null,
  billing: 'metered' | 'subscription' | 'local',
): string {
  if (billing === 'subscription') return 'by subscription';
  if (billing === 'local') return 'local, no charge';
  return price === null
    ? 'unknown: it is not called'
    : `${usd(price.input)} in, ${usd(price.output)} out`;
}

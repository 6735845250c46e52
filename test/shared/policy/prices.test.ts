import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outputTokensOf, priceOf } from '../../../shared/policy/prices.ts';

const metered = (name: string) => priceOf({ name }, 'metered');

describe('the price of a model', () => {
  it('is the table’s for its exact name and for a dated snapshot of it', () => {
    const price = metered('claude-sonnet-4-5');
    expect(price).toMatchObject({ input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 });
    for (const dated of ['-20250929', '-2025-09-29', '@20250929'])
      expect(metered(`claude-sonnet-4-5${dated}`)).toEqual(price);
  });

  it.each([
    'gpt-5-turbo',
    'gpt-5.9',
    'gpt-5-mini-high',
    'claude-sonnet',
    'claude-sonnet-4-5-2025',
    'claude-sonnet-4-5-99991231-extra',
    'anthropic/claude-sonnet-4-5',
    'Claude-Sonnet-4-5',
    '',
  ])('is never that of a name that is only alike: %j', (name) => {
    expect(() => metered(name)).toThrow(/price of the model/);
  });

  it('is an error and never zero when a metered model has none', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        try {
          return (metered(`x-${name}`)?.output ?? 0) > 0;
        } catch (error) {
          return error instanceof Error && 'code' in error && error.code === 'price-unknown';
        }
      }),
    );
  });

  it('is the user’s own where there is one', () => {
    const price = { input: 1, output: 2 };
    expect(priceOf({ name: 'gpt-5', price }, 'metered')).toEqual(price);
  });

  it.each(['local', 'subscription'] as const)('is none where billing is %s', (billing) => {
    expect(priceOf({ name: 'gpt-5' }, billing)).toBeNull();
  });
});

describe('the longest answer of a call', () => {
  it('is as long as the user says, else as long as a file, within what the model can', () => {
    expect(outputTokensOf({ name: 'any', outputTokens: 70_000 })).toBe(70_000);
    expect(outputTokensOf({ name: 'any' })).toBe(32_000);
    expect(outputTokensOf({ name: 'gpt-4o-2024-08-06' })).toBe(16_384);
  });
});

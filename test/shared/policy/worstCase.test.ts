import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Price } from '../../../shared/model/agent.ts';
import { countCall } from '../../../shared/policy/countCall.ts';
import { costOf, inputTokens } from '../../../shared/policy/usage.ts';
import { boundPrompt, boundText, worstCost, worstUsage } from '../../../shared/policy/worstCase.ts';

const usd = fc.double({ min: 0, max: 100, noNaN: true });
const rates = fc.record(
  { input: usd, output: usd, cacheRead: usd, cacheWrite: usd, cacheWriteHour: usd },
  { requiredKeys: ['input', 'output'] },
);
const price: fc.Arbitrary<Price> = fc
  .record(
    {
      base: rates,
      long: fc.tuple(rates, fc.integer({ min: 1, max: 400_000 })),
    },
    { requiredKeys: ['base'] },
  )
  .map(({ base, long }) => ({
    ...base,
    ...(long && { long: { ...long[0], aboveTokens: long[1] } }),
  }));
const tokens = fc.nat(300_000);
const usage = fc.record({ input: tokens, output: tokens, cacheRead: tokens, cacheWrite: tokens });

describe('the worst case', () => {
  it('is never below what a call within its bounds costs, at any price', () => {
    fc.assert(
      fc.property(
        usage,
        price,
        fc.nat(100_000),
        fc.nat(100_000),
        fc.nat(),
        (used, at, in_, out, h) => {
          const worst = {
            input: inputTokens(used) + in_,
            output: used.output + out,
            cacheRead: 0,
            cacheWrite: 0,
          };
          const hourWrites = h % (used.cacheWrite + 1);
          const cost = costOf({ tokens: used, hourWrites }, at);
          return cost <= worstCost(worst, at) * (1 + 1e-12);
        },
      ),
    );
  });

  it('is what is counted at most for an answer that says nothing or cannot be true', () => {
    const prompt = { tokens: 5_000, textTokens: 4_000, open: false };
    const worst = { input: 5_000, output: 1_000, cacheRead: 0, cacheWrite: 0 };
    const told = fc.record({ prompt_tokens: fc.nat(5_000), completion_tokens: fc.nat(1_000) });
    fc.assert(
      fc.property(fc.option(told), fc.nat(100_000), price, (said, textBytes, at) => {
        const counted = countCall(
          { format: 'openai-chat', usage: said, firstUsage: null, textBytes },
          prompt,
          worst,
          at,
        );
        const { costUsd, usage: used, estimated } = counted;
        if (said === null && (!estimated || used.output !== worst.output)) return false;
        if (used.output === 0 && textBytes > 0) return false;
        return (
          inputTokens(used) <= worst.input &&
          used.output <= worst.output &&
          (costUsd ?? Infinity) <= worstCost(worst, at) * (1 + 1e-12)
        );
      }),
    );
  });

  it('has each of the answers that are asked for', () => {
    const prompt = { tokens: 10, textTokens: 10, open: false };
    const limits = { prompt, contextTokens: undefined, outputTokens: 100 };
    expect(worstUsage({ ...limits, answers: 3 })).toMatchObject({ input: 10, output: 300 });
  });
});

describe('the bound of a text', () => {
  it('is never above one token a byte, and grows with the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        const bytes = new TextEncoder().encode(a).length;
        return boundText(a) <= bytes && boundText(a + b) >= boundText(a);
      }),
    );
  });

  // Largest count of o200k_base, cl100k_base, Claude’s and Llama’s published vocabularies; the last adds two marks.
  it.each([
    ['prose', 'The gateway reserves the worst case of a call before it is sent.', 16],
    ['code', 'if (bytes > MAX) throw new Error(`too large: ${bytes}`);', 19],
    ['digits', '31415926535897932384', 22],
    ['hex', '9f86d081884c7d659a2feaa0c55ad015', 31],
    ['CJK', '模型网关在发送之前预留最坏情况的成本', 28],
  ])('is above the count of real vocabularies for %s', (_, text, counted) => {
    expect(boundText(text) + 2).toBeGreaterThanOrEqual(counted);
    expect(boundText(text)).toBeLessThan(counted * 3);
  });
});

describe('the bound of a request', () => {
  const message = (content: unknown) => ({ messages: [{ role: 'user', content }] });

  it('counts a picture by the picture and not by its bytes', () => {
    const url = `data:image/png;base64,${'A'.repeat(2_000_000)}`;
    const bound = boundPrompt(message([{ type: 'image_url', image_url: { url } }]));
    expect(bound.tokens).toBeLessThan(60_000);
    expect(bound.tokens).toBeGreaterThan(48_000);
    expect(bound.textTokens).toBeLessThan(100);
  });

  it('is the whole window where the request refers to what is not in it', () => {
    for (const body of [
      { input: 'and now?', previous_response_id: 'resp_1' },
      message([{ type: 'document', source: { type: 'url', url: 'https://example.org/a.pdf' } }]),
    ]) {
      const prompt = boundPrompt(body);
      expect(prompt.open).toBe(true);
      const limits = { prompt, outputTokens: 1, answers: 1 };
      expect(worstUsage({ ...limits, contextTokens: 200_000 }).input).toBe(200_000);
      expect(worstUsage({ ...limits, contextTokens: undefined }).input).toBeGreaterThan(1_000_000);
    }
    expect(boundPrompt({ input: 'x', previous_response_id: null }).open).toBe(false);
  });

  it('counts tools, names and arguments too', () => {
    const bare = boundPrompt(message('Hi')).tokens;
    const tool = { name: 'write_file', description: 'Writes. '.repeat(100), input_schema: {} };
    expect(boundPrompt({ ...message('Hi'), tools: [tool] }).tokens).toBeGreaterThan(bare + 300);
  });
});

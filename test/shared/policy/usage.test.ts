import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf, inputTokens, readUsage } from '../../../shared/policy/usage.ts';

const count = fc.nat(1_000_000);

describe('usage', () => {
  it('of OpenAI has its cached tokens taken out of the prompt', () => {
    const usage = {
      prompt_tokens: 1_000,
      completion_tokens: 200,
      total_tokens: 1_200,
      prompt_tokens_details: { cached_tokens: 600, cache_write_tokens: 100 },
    };
    expect(readUsage('openai-chat', usage)?.tokens).toEqual({
      input: 300,
      output: 200,
      cacheRead: 600,
      cacheWrite: 100,
    });
    expect(
      readUsage('openai-responses', {
        input_tokens: 1_000,
        output_tokens: 200,
        input_tokens_details: { cached_tokens: 600 },
      })?.tokens,
    ).toEqual({ input: 400, output: 200, cacheRead: 600, cacheWrite: 0 });
  });

  it('of Anthropic is disjoint already, and tells which writes last an hour', () => {
    expect(
      readUsage('anthropic-messages', {
        input_tokens: 10,
        output_tokens: 20,
        cache_read_input_tokens: 30,
        cache_creation_input_tokens: 40,
        cache_creation: { ephemeral_5m_input_tokens: 25, ephemeral_1h_input_tokens: 15 },
      }),
    ).toEqual({
      tokens: { input: 10, output: 20, cacheRead: 30, cacheWrite: 40 },
      hourWrites: 15,
    });
  });

  it('counts reasoning that is in the total only', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 115 };
    expect(readUsage('openai-chat', usage)?.tokens.output).toBe(105);
  });

  it('reads the cached tokens of DeepSeek by its own name', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 8 };
    expect(readUsage('openai-chat', usage)?.tokens).toMatchObject({ input: 2, cacheRead: 8 });
  });

  it.each([null, undefined, {}, { prompt_tokens: -1, completion_tokens: 2 }, 'none', []])(
    'that is none is missing and not zero: %j',
    (usage) => {
      for (const format of ['openai-chat', 'openai-responses', 'anthropic-messages'] as const)
        expect(readUsage(format, usage)).toBeNull();
    },
  );

  it('never loses or invents a token of the prompt, whatever the details say', () => {
    fc.assert(
      fc.property(count, count, count, count, (prompt, completion, cached, written) => {
        const tokens = readUsage('openai-chat', {
          prompt_tokens: prompt,
          completion_tokens: completion,
          prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
        })?.tokens;
        return tokens !== undefined && inputTokens(tokens) === prompt && tokens.input >= 0;
      }),
    );
  });
});

describe('the cost', () => {
  const tokens = {
    input: 1_000_000,
    output: 1_000_000,
    cacheRead: 1_000_000,
    cacheWrite: 1_000_000,
  };

  it('charges cached tokens what the provider charges for them', () => {
    const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75, cacheWriteHour: 6 };
    expect(costOf({ tokens, hourWrites: 0 }, price)).toBeCloseTo(3 + 15 + 0.3 + 3.75);
    expect(costOf({ tokens, hourWrites: 1_000_000 }, price)).toBeCloseTo(3 + 15 + 0.3 + 6);
    expect(costOf({ tokens, hourWrites: 500_000 }, { input: 3, output: 15 })).toBeCloseTo(24);
  });

  it('is all of the dearer tier when the whole input is long', () => {
    const price = { input: 1, output: 2, long: { aboveTokens: 200_000, input: 2, output: 3 } };
    const call = (input: number, cacheRead: number) =>
      costOf(
        { tokens: { input, output: 1_000_000, cacheRead, cacheWrite: 0 }, hourWrites: 0 },
        price,
      );
    expect(call(100_000, 100_000)).toBeCloseTo(0.2 + 2);
    expect(call(100_000, 100_001)).toBeCloseTo(0.400_002 + 3);
  });
});

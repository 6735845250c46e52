import { z } from 'zod';
import { NO_TOKENS, type Price, type TokenUsage, type WireFormat } from '../model/agent.ts';

/** Tokens of a call, and how many of its cache writes are kept for an hour, which costs more. */
export interface CountedUsage {
  readonly tokens: TokenUsage;
  readonly hourWrites: number;
}

const count = z.number().int().nonnegative();
/** Providers leave details out, or send null. */
const detail = count.nullish().transform((value) => value ?? 0);

const ChatUsage = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: detail,
  prompt_tokens_details: z.object({ cached_tokens: detail, cache_write_tokens: detail }).nullish(),
  /** DeepSeek's name for it. */
  prompt_cache_hit_tokens: detail,
});

const ResponsesUsage = z.object({
  input_tokens: count,
  output_tokens: count,
  total_tokens: detail,
  input_tokens_details: z.object({ cached_tokens: detail, cache_write_tokens: detail }).nullish(),
});

const MessagesUsage = z.object({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: detail,
  cache_creation_input_tokens: detail,
  cache_creation: z.object({ ephemeral_1h_input_tokens: detail }).nullish(),
});

/**
 * Reads a provider's `usage` object as disjoint counts; null when it is missing or is not what the format
 * says. OpenAI's input includes what is cached, Anthropic's does not.
 */
export function readUsage(format: WireFormat, usage: unknown): CountedUsage | null {
  switch (format) {
    case 'openai-chat': {
      const { success, data } = ChatUsage.safeParse(usage);
      if (!success) return null;
      return disjoint(
        data.prompt_tokens,
        data.completion_tokens,
        data.total_tokens,
        Math.max(data.prompt_tokens_details?.cached_tokens ?? 0, data.prompt_cache_hit_tokens),
        data.prompt_tokens_details?.cache_write_tokens ?? 0,
      );
    }
    case 'openai-responses': {
      const { success, data } = ResponsesUsage.safeParse(usage);
      if (!success) return null;
      const { input_tokens_details: details } = data;
      return disjoint(
        data.input_tokens,
        data.output_tokens,
        data.total_tokens,
        details?.cached_tokens ?? 0,
        details?.cache_write_tokens ?? 0,
      );
    }
    case 'anthropic-messages': {
      const { success, data } = MessagesUsage.safeParse(usage);
      if (!success) return null;
      const cacheWrite = data.cache_creation_input_tokens;
      return {
        tokens: {
          input: data.input_tokens,
          output: data.output_tokens,
          cacheRead: data.cache_read_input_tokens,
          cacheWrite,
        },
        hourWrites: Math.min(data.cache_creation?.ephemeral_1h_input_tokens ?? 0, cacheWrite),
      };
    }
  }
}

function disjoint(
  prompt: number,
  completion: number,
  total: number,
  cached: number,
  written: number,
): CountedUsage {
  const cacheRead = Math.min(cached, prompt);
  const cacheWrite = Math.min(written, prompt - cacheRead);
  const input = prompt - cacheRead - cacheWrite;
  // Some leave the tokens of reasoning out of the completion, but never out of the total.
  const output = Math.max(completion, total - prompt);
  return { tokens: { ...NO_TOKENS, input, output, cacheRead, cacheWrite }, hourWrites: 0 };
}

/** All tokens that went in, cached or not. */
export function inputTokens({ input, cacheRead, cacheWrite }: TokenUsage): number {
  return input + cacheRead + cacheWrite;
}

const TOKENS_PER_PRICE = 1_000_000;

/** What the tokens cost at that price, USD. */
export function costOf({ tokens, hourWrites }: CountedUsage, price: Price): number {
  const rates =
    price.long !== undefined && inputTokens(tokens) > price.long.aboveTokens ? price.long : price;
  const { input, output, cacheRead = input, cacheWrite = input } = rates;
  const { cacheWriteHour = cacheWrite } = rates;
  return (
    (tokens.input * input +
      tokens.output * output +
      tokens.cacheRead * cacheRead +
      (tokens.cacheWrite - hourWrites) * cacheWrite +
      hourWrites * cacheWriteHour) /
    TOKENS_PER_PRICE
  );
}

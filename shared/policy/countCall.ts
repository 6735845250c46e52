import type { Price, TokenUsage, WireFormat } from '../model/agent.ts';
import { costOf, inputTokens, readUsage } from './usage.ts';
import { worstCost, type PromptBound } from './worstCase.ts';

/** What was seen of a call's answer. */
export interface AnswerSeen {
  readonly format: WireFormat;
  /** The provider's last word; null when it said none. */
  readonly usage: unknown;
  /** What it said before anything was written; null when it said none. */
  readonly firstUsage: unknown;
  /** Bytes that the model wrote. */
  readonly textBytes: number;
}

export interface CallCount {
  readonly usage: TokenUsage;
  /** USD; null where dollars are not what is paid. */
  readonly costUsd: number | null;
  /** True where the provider's word was missing or could not be. */
  readonly estimated: boolean;
  /** What was wrong with the provider's word; empty when nothing was. */
  readonly why: string;
}

/** The longest tokens of vocabularies that matter are shorter than this, but for white space. */
const MOST_BYTES_PER_TOKEN = 32;
/** Text has at least a token in so many bytes, roughly: what is assumed when the count can't be. */
const BYTES_PER_TOKEN = 2;
/** The bound of a text lies at most about four times above its true count; further off is no count of it. */
const FAR_BELOW_BOUND = 16;

/**
 * Counts a call by the provider's own word where that can be true, else by the most that it can have
 * been: an unknown is never counted as zero.
 */
export function countCall(
  { format, usage, firstUsage, textBytes }: AnswerSeen,
  prompt: PromptBound,
  worst: TokenUsage,
  price: Price | null,
): CallCount {
  const told = readUsage(format, usage);
  const wrong: string[] = [];
  // The input of a stream is told before the answer; how long the answer got is not.
  const input = told ?? readUsage(format, firstUsage);
  const isInputTold = input !== null && isPlausibleInput(input.tokens, prompt);
  let output = told?.tokens.output ?? worst.output;
  if (told === null) wrong.push('did not say what was used');
  else {
    if (output * MOST_BYTES_PER_TOKEN < textBytes) {
      wrong.push(`said ${output} output tokens for ${textBytes} bytes of answer`);
      const guess = Math.ceil(textBytes / BYTES_PER_TOKEN);
      output = Math.max(output, Math.min(guess, worst.output));
    }
    if (!isInputTold)
      wrong.push(`said ${inputTokens(told.tokens)} input tokens for one of up to ${worst.input}`);
  }
  const tokens = { ...(isInputTold ? input.tokens : worst), output };
  const costUsd =
    price === null
      ? null
      : isInputTold
        ? costOf({ tokens, hourWrites: input.hourWrites }, price)
        : worstCost(tokens, price);
  return {
    usage: tokens,
    costUsd,
    estimated: wrong.length > 0,
    why: wrong.length > 0 ? `the provider ${wrong.join(' and ')}` : '',
  };
}

function isPlausibleInput(tokens: TokenUsage, prompt: PromptBound): boolean {
  return inputTokens(tokens) * FAR_BELOW_BOUND >= prompt.textTokens;
}

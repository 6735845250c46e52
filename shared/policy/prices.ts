import type { Billing, ModelConfig, Price } from '../model/agent.ts';
import { VigilError } from '../model/errors.ts';

/** The day up to which the providers' published prices below were followed. */
const PRICES_AS_OF = '2026-10-24';

interface ListedModel {
  readonly names: readonly string[];
  readonly price: Price;
  /** Most tokens of one answer, where asking for more is refused. */
  readonly outputTokens: number;
}

/**
 * Anthropic charges 1.25 times the input price for a cache entry of five minutes, twice for one of an hour.
 * https://platform.claude.com/docs/en/about-claude/pricing
 */
function claude(input: number, output: number, cacheRead: number): Price {
  return { input, output, cacheRead, cacheWrite: input * 1.25, cacheWriteHour: input * 2 };
}

/**
 * OpenAI doubles the input prices above a length of input, and takes half as much again for output.
 * https://developers.openai.com/api/docs/pricing
 */
function doubled(price: Price, aboveTokens: number): Price {
  const { input, output, cacheRead, cacheWrite } = price;
  return {
    ...price,
    long: {
      aboveTokens,
      input: input * 2,
      output: output * 1.5,
      ...(cacheRead !== undefined && { cacheRead: cacheRead * 2 }),
      ...(cacheWrite !== undefined && { cacheWrite: cacheWrite * 2 }),
    },
  };
}

const OPENAI_LONG = 272_000;
const GOOGLE_LONG = 200_000;

/** Standard tier, text. Where a price depends on the hour of day, the dearer one. */
const MODELS: readonly ListedModel[] = [
  { names: ['claude-fable-5-1'], price: claude(10, 50, 0.25), outputTokens: 128_000 },
  { names: ['claude-fable-5'], price: claude(10, 50, 1), outputTokens: 128_000 },
  { names: ['claude-opus-5-5'], price: claude(4, 20, 0.2), outputTokens: 128_000 },
  {
    names: ['claude-opus-5', 'claude-opus-4-8', 'claude-opus-4-7', 'claude-opus-4-6'],
    price: claude(5, 25, 0.5),
    outputTokens: 128_000,
  },
  { names: ['claude-opus-4-5'], price: claude(5, 25, 0.5), outputTokens: 64_000 },
  {
    names: ['claude-opus-4-1', 'claude-opus-4', 'claude-opus-4-0'],
    price: claude(15, 75, 1.5),
    outputTokens: 32_000,
  },
  { names: ['claude-sonnet-5-5'], price: claude(2, 10, 0.1), outputTokens: 128_000 },
  { names: ['claude-sonnet-5'], price: claude(2, 10, 0.2), outputTokens: 128_000 },
  { names: ['claude-sonnet-4-6'], price: claude(3, 15, 0.3), outputTokens: 64_000 },
  {
    names: ['claude-sonnet-4-5', 'claude-sonnet-4', 'claude-sonnet-4-0'],
    price: { ...claude(3, 15, 0.3), long: { aboveTokens: 200_000, ...claude(6, 22.5, 0.6) } },
    outputTokens: 64_000,
  },
  {
    names: ['claude-haiku-5-5'],
    price: { ...claude(0.1, 0.5, 0.01), long: { aboveTokens: 100_000, ...claude(0.5, 2.5, 0.05) } },
    outputTokens: 128_000,
  },
  { names: ['claude-haiku-4-5'], price: claude(1, 5, 0.1), outputTokens: 64_000 },
  {
    names: ['gpt-6.1-sol'],
    price: doubled({ input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 }, OPENAI_LONG),
    outputTokens: 128_000,
  },
  {
    names: ['gpt-6-sol'],
    price: doubled({ input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 }, OPENAI_LONG),
    outputTokens: 128_000,
  },
  {
    names: ['gpt-6-luna'],
    price: doubled({ input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite: 0.125 }, OPENAI_LONG),
    outputTokens: 128_000,
  },
  {
    names: ['gpt-6-astra'],
    price: doubled({ input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5 }, OPENAI_LONG),
    outputTokens: 128_000,
  },
  {
    names: ['gpt-5.6-sol'],
    price: doubled({ input: 5, output: 30, cacheRead: 0.5, cacheWrite: 6.25 }, OPENAI_LONG),
    outputTokens: 128_000,
  },
  {
    names: ['gpt-5.6-terra'],
    price: doubled({ input: 2, output: 12, cacheRead: 0.2, cacheWrite: 2.5 }, OPENAI_LONG),
    outputTokens: 128_000,
  },
  {
    names: ['gpt-5.6-luna'],
    price: doubled({ input: 0.2, output: 1.2, cacheRead: 0.02, cacheWrite: 0.25 }, 200_000),
    outputTokens: 128_000,
  },
  {
    names: ['gpt-5.5'],
    price: doubled({ input: 5, output: 30, cacheRead: 0.5 }, OPENAI_LONG),
    outputTokens: 128_000,
  },
  {
    names: ['gpt-5.4'],
    price: doubled({ input: 2.5, output: 15, cacheRead: 0.25 }, OPENAI_LONG),
    outputTokens: 128_000,
  },
  {
    names: ['gpt-5.4-mini'],
    price: { input: 0.75, output: 4.5, cacheRead: 0.075 },
    outputTokens: 128_000,
  },
  {
    names: ['gpt-5.4-nano'],
    price: { input: 0.2, output: 1.25, cacheRead: 0.02 },
    outputTokens: 128_000,
  },
  {
    names: ['gpt-5.3-codex', 'gpt-5.2-codex', 'gpt-5.2'],
    price: { input: 1.75, output: 14, cacheRead: 0.175 },
    outputTokens: 128_000,
  },
  {
    names: ['gpt-5.1-codex-max', 'gpt-5.1-codex', 'gpt-5.1', 'gpt-5-codex', 'gpt-5'],
    price: { input: 1.25, output: 10, cacheRead: 0.125 },
    outputTokens: 128_000,
  },
  {
    names: ['gpt-5.1-codex-mini', 'gpt-5-mini'],
    price: { input: 0.25, output: 2, cacheRead: 0.025 },
    outputTokens: 128_000,
  },
  {
    names: ['gpt-5-nano'],
    price: { input: 0.05, output: 0.4, cacheRead: 0.005 },
    outputTokens: 128_000,
  },
  { names: ['gpt-4.1'], price: { input: 2, output: 8, cacheRead: 0.5 }, outputTokens: 32_768 },
  {
    names: ['gpt-4.1-mini'],
    price: { input: 0.4, output: 1.6, cacheRead: 0.1 },
    outputTokens: 32_768,
  },
  {
    names: ['gpt-4.1-nano'],
    price: { input: 0.1, output: 0.4, cacheRead: 0.025 },
    outputTokens: 32_768,
  },
  { names: ['gpt-4o'], price: { input: 2.5, output: 10, cacheRead: 1.25 }, outputTokens: 16_384 },
  {
    names: ['gpt-4o-mini'],
    price: { input: 0.15, output: 0.6, cacheRead: 0.075 },
    outputTokens: 16_384,
  },
  { names: ['o3'], price: { input: 2, output: 8, cacheRead: 0.5 }, outputTokens: 100_000 },
  {
    names: ['o4-mini'],
    price: { input: 1.1, output: 4.4, cacheRead: 0.275 },
    outputTokens: 100_000,
  },
  {
    names: ['gemini-3.5-flash'],
    price: { input: 1.5, output: 9, cacheRead: 0.15 },
    outputTokens: 65_536,
  },
  {
    names: ['gemini-3.1-pro', 'gemini-3.1-pro-preview'],
    price: doubled({ input: 2, output: 12, cacheRead: 0.2 }, GOOGLE_LONG),
    outputTokens: 65_536,
  },
  {
    names: ['gemini-3.1-flash-lite'],
    price: { input: 0.25, output: 1.5, cacheRead: 0.025 },
    outputTokens: 65_536,
  },
  {
    names: ['gemini-2.5-pro'],
    price: doubled({ input: 1.25, output: 10, cacheRead: 0.125 }, GOOGLE_LONG),
    outputTokens: 65_536,
  },
  {
    names: ['gemini-2.5-flash'],
    price: { input: 0.3, output: 2.5, cacheRead: 0.03 },
    outputTokens: 65_536,
  },
  {
    names: ['gemini-2.5-flash-lite'],
    price: { input: 0.1, output: 0.4, cacheRead: 0.01 },
    outputTokens: 65_536,
  },
  {
    names: ['grok-4.5', 'grok-4.6'],
    price: {
      input: 2,
      output: 6,
      cacheRead: 0.5,
      long: { aboveTokens: 200_000, input: 4, output: 12, cacheRead: 1 },
    },
    outputTokens: 64_000,
  },
  { names: ['kimi-k3'], price: { input: 3, output: 15, cacheRead: 0.3 }, outputTokens: 64_000 },
  {
    names: ['kimi-k2.7-code'],
    price: { input: 0.95, output: 4, cacheRead: 0.19 },
    outputTokens: 64_000,
  },
  {
    names: ['deepseek-flash'],
    price: { input: 0.3, output: 1.2, cacheRead: 0.006 },
    outputTokens: 64_000,
  },
  {
    names: ['deepseek-v4-pro'],
    price: { input: 1.32, output: 3.96, cacheRead: 0.044 },
    outputTokens: 64_000,
  },
];

const BY_NAME: ReadonlyMap<string, ListedModel> = new Map(
  MODELS.flatMap((model) => model.names.map((name) => [name, model])),
);

/** A snapshot of a model costs what the model costs: `-20250929`, `-2025-09-29`, `@20250929`. */
const DATED = /[-@](20\d{6}|20\d{2}-\d{2}-\d{2})$/;

/**
 * The price of a model, USD per million tokens: the user's own, else the table's for exactly that name or
 * a dated snapshot of it; never that of a name that is only alike. Null where nothing is metered.
 * Throws `price-unknown` for a metered model without a price.
 */
export function priceOf(model: ModelConfig, billing: Billing): Price | null {
  if (billing !== 'metered') return null;
  const price = model.price ?? listed(model.name)?.price;
  if (price !== undefined) return price;
  throw new VigilError(
    'price-unknown',
    `the price of the model ${model.name} is not known (the table is of ${PRICES_AS_OF})`,
    `Give it as \`price: { input: …, output: … }\` (USD per million tokens) with the model in config.yaml, or set the provider's \`billing\` to subscription or local.`,
  );
}

/** What an answer may be where the user says nothing else: a long file, with the thoughts before it. */
const DEFAULT_OUTPUT_TOKENS = 32_000;

/** Most tokens of one answer that any call is held to: the user's word, else that of a long file. */
export function outputTokensOf(model: ModelConfig): number {
  const known = listed(model.name)?.outputTokens ?? DEFAULT_OUTPUT_TOKENS;
  return model.outputTokens ?? Math.min(known, DEFAULT_OUTPUT_TOKENS);
}

function listed(name: string): ListedModel | undefined {
  return BY_NAME.get(name) ?? BY_NAME.get(name.replace(DATED, ''));
}

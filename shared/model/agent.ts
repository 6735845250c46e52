import { z } from 'zod';

/** The name of a coding agent, e.g. `opencode`. */
export const AgentId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'an agent is named by lower-case letters, digits and dashes')
  .brand<'AgentId'>();
export type AgentId = z.infer<typeof AgentId>;

/** The name of a model provider, e.g. `anthropic` or `ollama`. */
export const ProviderId = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,30}$/,
    'a provider is named by lower-case letters, digits and dashes',
  )
  .brand<'ProviderId'>();
export type ProviderId = z.infer<typeof ProviderId>;

/** The wire formats that the gateway speaks to agents and to providers. A call is never translated. */
export const WireFormat = z.enum(['openai-chat', 'openai-responses', 'anthropic-messages']);
export type WireFormat = z.infer<typeof WireFormat>;

/** What an agent is to be in an attempt (K5, X6). Each role is an agent run of its own. */
export const AgentRole = z.enum(['writer', 'tester', 'reviewer']);
export type AgentRole = z.infer<typeof AgentRole>;

/** What money is spent for (C3). */
export const SpendCategory = z.enum([
  'generation',
  'coding',
  'healing',
  'validation',
  'routing',
  'analysis',
]);
export type SpendCategory = z.infer<typeof SpendCategory>;

/** How a provider is paid: only what is metered has a price in dollars. */
export const Billing = z.enum(['metered', 'subscription', 'local']);
export type Billing = z.infer<typeof Billing>;

/** A provider and one of its models: where a call can go. */
export const ModelTarget = z.strictObject({ provider: ProviderId, model: z.string().min(1) });
export type ModelTarget = z.infer<typeof ModelTarget>;

/**
 * Tokens of a call as the provider's own usage fields give them. The four are disjoint: `input` is what
 * was neither read from nor written to a cache. Reasoning is part of `output`.
 */
export const TokenUsage = z.strictObject({
  input: z.number().int().nonnegative(),
  output: z.number().int().nonnegative(),
  cacheRead: z.number().int().nonnegative(),
  cacheWrite: z.number().int().nonnegative(),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

export const NO_TOKENS: TokenUsage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

const usdPerMillion = z.number().nonnegative();

const rates = {
  input: usdPerMillion,
  output: usdPerMillion,
  cacheRead: usdPerMillion.optional(),
  cacheWrite: usdPerMillion.optional(),
  /** Of what is kept in the cache for an hour; missing: as `cacheWrite`. */
  cacheWriteHour: usdPerMillion.optional(),
};

/** USD per million tokens. A missing cache price is that of `input`. */
export const Price = z.strictObject({
  ...rates,
  /** What every token of a call costs whose input, cached or not, is above so many tokens. */
  long: z.strictObject({ aboveTokens: z.number().int().positive(), ...rates }).optional(),
});
export type Price = z.infer<typeof Price>;

/** A model as a provider offers it. */
export const ModelConfig = z.strictObject({
  name: z.string().min(1),
  /** Overrides the built-in table; a metered model without a price is refused, not free. */
  price: Price.optional(),
  /** Tokens of the context window, where the user knows better than the table. */
  contextTokens: z.number().int().positive().optional(),
  /** Most tokens of one answer that any call may ask for; not set: 32,000, or what the model can. */
  outputTokens: z.number().int().positive().optional(),
});
export type ModelConfig = z.infer<typeof ModelConfig>;

/** A model provider in `config.yaml`. Its key is elsewhere: in the keychain or a file of its own. */
export const ProviderConfig = z.strictObject({
  /** Formats that it speaks, best first. */
  formats: z.array(WireFormat).min(1),
  /** Up to where the format's own path begins, e.g. `https://api.openai.com/v1`. */
  baseUrl: z.url({ protocol: /^https?$/ }),
  billing: Billing.default('metered'),
  models: z.array(ModelConfig).min(1),
});
export type ProviderConfig = z.infer<typeof ProviderConfig>;

/** An agent in `config.yaml`: overrides a known one, or adds any other that speaks ACP. */
export const AgentConfig = z.strictObject({
  command: z.string().min(1).optional(),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  /** The wire format in which it calls its model. */
  format: WireFormat.optional(),
  enabled: z.boolean().default(true),
});
export type AgentConfig = z.infer<typeof AgentConfig>;

/** An agent as a node found it. */
export const AgentState = z.strictObject({
  id: AgentId,
  name: z.string(),
  version: z.string().nullable(),
  /** Null when it calls its model in a format that the gateway does not serve. */
  format: WireFormat.nullable(),
  /** Whether tasks may be given to it; `detail` says why not. */
  ready: z.boolean(),
  detail: z.string(),
});
export type AgentState = z.infer<typeof AgentState>;

/** Who did a piece of work, and by which model. */
export const AgentChoice = z.strictObject({ agent: AgentId, target: ModelTarget });
export type AgentChoice = z.infer<typeof AgentChoice>;

/** Whom a call is for: tokens of the gateway carry it. */
export const CallPurpose = z.strictObject({
  category: SpendCategory,
  task: z.string().nullable(),
  project: z.string().nullable(),
  attempt: z.number().int().positive().nullable(),
  role: AgentRole.nullable(),
  agent: AgentId.nullable(),
});
export type CallPurpose = z.infer<typeof CallPurpose>;

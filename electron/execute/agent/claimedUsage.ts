import { z } from 'zod';
import type { TokenUsage } from '../../../shared/model/agent.ts';

/**
 * What an agent says that it used. Never counted or paid by: the gateway's own figures are the truth,
 * and a difference between the two is worth showing.
 */
export interface ClaimedUsage {
  readonly tokens: TokenUsage | null;
  readonly costUsd: number | null;
  /** Tokens in its context window now. */
  readonly contextTokens: number | null;
}

export const NO_CLAIM: ClaimedUsage = { tokens: null, costUsd: null, contextTokens: null };

const count = z.number().int().nonnegative().nullish().catch(null);

/** `result.usage` of claude and opencode, and qwen's `_meta.usage`. */
const Usage = z.looseObject({
  inputTokens: count,
  outputTokens: count,
  cachedReadTokens: count,
  cachedWriteTokens: count,
});

const Claim = z.looseObject({
  usage: Usage.nullish().catch(null),
  used: count,
  cost: z
    .looseObject({ amount: z.number().nonnegative(), currency: z.string() })
    .nullish()
    .catch(null),
  _meta: z
    .looseObject({ usage: Usage.nullish().catch(null) })
    .nullish()
    .catch(null),
});

/** Reads the claim in a `usage_update`, in the answer to a prompt, or in the metadata of either. */
export function readClaim(value: unknown): ClaimedUsage {
  const parsed = Claim.safeParse(value);
  if (!parsed.success) return NO_CLAIM;
  const { usage, used, cost, _meta: meta } = parsed.data;
  const said = usage ?? meta?.usage;
  const tokens = said && {
    input: said.inputTokens ?? 0,
    output: said.outputTokens ?? 0,
    cacheRead: said.cachedReadTokens ?? 0,
    cacheWrite: said.cachedWriteTokens ?? 0,
  };
  return {
    tokens: tokens && Object.values(tokens).some((tokenCount) => tokenCount > 0) ? tokens : null,
    costUsd: cost?.currency === 'USD' ? cost.amount : null,
    contextTokens: used ?? null,
  };
}

/** The later of two claims, field by field. */
export function laterClaim(earlier: ClaimedUsage, later: ClaimedUsage): ClaimedUsage {
  return {
    tokens: later.tokens ?? earlier.tokens,
    costUsd: later.costUsd ?? earlier.costUsd,
    contextTokens: later.contextTokens ?? earlier.contextTokens,
  };
}

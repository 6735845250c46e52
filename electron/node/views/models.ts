import { weightsOf } from '../../../shared/decide/routing.ts';
import { NO_SUM, monthOf } from '../../../shared/learn/spend.ts';
import { choiceName, recordsOf } from '../../../shared/learn/routing.ts';
import {
  ProviderId,
  type ModelConfig,
  type Price,
  type ProviderConfig,
} from '../../../shared/model/agent.ts';
import type { ModelView } from '../../../shared/model/agentApi.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { priceOf } from '../../../shared/policy/prices.ts';
import { choicesOn } from '../../../shared/world/supply.ts';
import type { Ledger } from '../ledger.ts';

/** Every model of every provider, with what it costs, what it was used for and how it did. */
export function modelViews(ledger: Ledger): ModelView[] {
  const { world, store } = ledger;
  const { supply, learned } = world;
  const month = supply.spend.months.find((entry) => entry.month === monthOf(ledger.nowMs()));
  const choices = choicesOn(supply, store.node);
  const kinds = Object.keys(learned.routes.kinds);
  return Object.entries(supply.providers).flatMap(([provider, config]) =>
    config.models.map((model): ModelView => {
      const used = month?.by.model[`${provider}/${model.name}`] ?? NO_SUM;
      return {
        provider: ProviderId.parse(provider),
        model: model.name,
        billing: config.billing,
        price: knownPrice(model, config),
        contextTokens: model.contextTokens ?? null,
        outputTokens: model.outputTokens ?? null,
        calls: used.calls,
        tokens: used.tokens,
        usd: used.usd,
        routes: kinds.flatMap((kind) => {
          const weights = weightsOf(learned.routes, kind, choices);
          const records = recordsOf(learned.routes, kind, choices);
          return weights
            .filter(
              ({ choice: { target } }) =>
                target.provider === provider && target.model === model.name,
            )
            .map(({ choice, weight, why }) => {
              const record = records.find((r) => choiceName(r.choice) === choiceName(choice));
              const results = record?.results ?? 0;
              return {
                kind,
                agent: choice.agent,
                weight,
                success: record && results > 0 ? record.successes / results : null,
                latencyMs: record && results > 0 ? record.durationMs / results : null,
                why,
              };
            });
        }),
      };
    }),
  );
}

/** Null where dollars are not what is paid, or where nobody knows the price. */
function knownPrice(model: ModelConfig, { billing }: ProviderConfig): Price | null {
  try {
    return priceOf(model, billing);
  } catch (error) {
    if (error instanceof VigilError) return null;
    throw error;
  }
}

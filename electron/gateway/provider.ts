import type {
  ModelConfig,
  ModelTarget,
  Price,
  ProviderConfig,
  ProviderId,
  WireFormat,
} from '../../shared/model/agent.ts';
import { VigilError } from '../../shared/model/errors.ts';
import { priceOf } from '../../shared/policy/prices.ts';
import type { Grant } from './grants.ts';
import { WireError } from './wireError.ts';

/** A model provider with the way to its key. */
export interface GatewayProvider {
  readonly id: ProviderId;
  readonly config: ProviderConfig;
  /** Null when it has none. */
  readonly key: () => string | null;
}

/** Where a call may go, with what it costs there. */
export interface Candidate {
  readonly target: ModelTarget;
  readonly provider: GatewayProvider;
  readonly model: ModelConfig;
  /** Null where dollars are not what is paid. */
  readonly price: Price | null;
}

/**
 * The targets of a grant's route that speak the format, first choice first. Throws `WireError` when none
 * does, and `price_unknown` when all that do are metered without a price.
 */
export function candidatesOf(
  grant: Grant,
  format: WireFormat,
  providers: readonly GatewayProvider[],
): Candidate[] {
  const found: Candidate[] = [];
  const missing: string[] = [];
  let unpriced: VigilError | null = null;
  for (const target of grant.route) {
    const provider = providers.find(({ id }) => id === target.provider);
    const model = provider?.config.models.find(({ name }) => name === target.model);
    if (provider === undefined) missing.push(`the provider ${target.provider} is not configured`);
    else if (model === undefined)
      missing.push(`the provider ${target.provider} has no model ${target.model}`);
    else if (!provider.config.formats.includes(format))
      missing.push(`${target.provider} does not speak ${format}`);
    else {
      try {
        found.push({ target, provider, model, price: priceOf(model, provider.config.billing) });
      } catch (error) {
        if (!(error instanceof VigilError)) throw error;
        unpriced ??= error;
      }
    }
  }
  if (found.length > 0) return found;
  if (unpriced !== null)
    throw new WireError(
      403,
      'price_unknown',
      `price-unknown: ${unpriced.message}. ${unpriced.help}`,
    );
  throw new WireError(
    400,
    'invalid_request_error',
    `no model can take this call: ${missing.join('; ') || 'the route is empty'}. See \`vigil providers list\` and \`vigil models\`.`,
  );
}

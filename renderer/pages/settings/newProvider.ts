import type { ProviderInput } from '../../../shared/model/agentApi.ts';
import type { Billing, ModelConfig, WireFormat } from '../../../shared/model/agent.ts';
import { priceOf } from '../../../shared/policy/prices.ts';
import { ApiFailure } from '../../api/client.ts';

/** A provider as it is typed in. */
export interface NewProvider {
  readonly id: string;
  readonly baseUrl: string;
  readonly formats: readonly WireFormat[];
  readonly billing: Billing;
  /** Names, separated by commas. */
  readonly models: string;
  /** USD per million tokens; empty: as the list has it. */
  readonly inputUsd: number | string;
  readonly outputUsd: number | string;
  readonly key: string;
}

export const NEW_PROVIDER: NewProvider = {
  id: '',
  baseUrl: '',
  formats: ['openai-chat'],
  billing: 'metered',
  models: '',
  inputUsd: '',
  outputUsd: '',
  key: '',
};

/** What the API is asked for; what it can't know is checked here. Throws `ApiFailure`. */
export function providerInput(wanted: NewProvider): { id: string; input: ProviderInput } {
  const { billing, formats, inputUsd, outputUsd, key } = wanted;
  const price =
    billing === 'metered' && typeof inputUsd === 'number' && typeof outputUsd === 'number'
      ? { input: inputUsd, output: outputUsd }
      : null;
  const models: ModelConfig[] = wanted.models
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => ({ name, ...(price === null ? {} : { price }) }));
  for (const model of models) checkPrice(model, billing);
  const baseUrl = plainAddress(wanted.baseUrl);
  return {
    id: wanted.id.trim().toLowerCase(),
    input: {
      config: { baseUrl, billing, formats: [...formats], models },
      ...(key === '' ? {} : { key }),
    },
  };
}

function checkPrice(model: ModelConfig, billing: Billing): void {
  try {
    priceOf(model, billing);
  } catch {
    throw new ApiFailure(
      0,
      `The price of ${model.name} is not known.`,
      'Give what it costs per million tokens in and out, or say that it is not paid by token.',
    );
  }
}

/** An address is shown and logged; a key in it would be too. */
function plainAddress(text: string): string {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw new ApiFailure(0, 'The address is none.', 'It looks like https://api.example.com/v1.');
  }
  if (url.username + url.password + url.search !== '')
    throw new ApiFailure(
      0,
      'The address holds a name, a password or parameters, and addresses are shown and logged.',
      'Give it without them, and the key in its own field.',
    );
  return url.href.replace(/\/+$/, '');
}

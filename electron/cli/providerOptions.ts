import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import type { ModelConfig } from '../../shared/model/agent.ts';
import {
  ProviderConfig,
  ProviderId,
  type Billing,
  type Price,
  type WireFormat,
} from '../../shared/model/agent.ts';
import { VigilError } from '../../shared/model/errors.ts';
import { priceOf } from '../../shared/policy/prices.ts';
import { presetOf, PRESETS, type Preset } from '../../shared/model/providerPresets.ts';

/** How long a local server may take to list its models. It has them at hand. */
const LIST_TIMEOUT_MS = 3_000;
/** Models that can't write code, as local servers name them. */
const NO_WRITER = /embed|rerank|whisper|tts/i;

/** A price that lacks its second number; a dated name such as `model@20250929` has more digits. */
const HALF_PRICE = /@\d{1,4}(\.\d+)?$/;

/** What `vigil providers add` was told of a provider. */
export interface ProviderOptions {
  readonly url?: string;
  readonly format?: readonly WireFormat[];
  readonly model?: readonly ModelConfig[];
  readonly price?: readonly NamedPrice[];
  readonly billing?: Billing;
}

export interface NamedPrice {
  readonly name: string;
  readonly price: Price;
}

/** A provider's id as people type it. */
export function parseProviderId(text: string): ProviderId {
  const id = ProviderId.safeParse(text.toLowerCase());
  if (id.success) return id.data;
  throw new InvalidArgumentError(
    'A provider is named by lower-case letters, digits and dashes, for example anthropic.',
  );
}

/** `name` or `name@in/out`, USD per million tokens; gathers what is given several times. */
export function parseModel(text: string, before: readonly ModelConfig[] = []): ModelConfig[] {
  const at = text.lastIndexOf('@');
  // A dated name such as `model@20250929` has no slash after the sign.
  const priced = at > 0 && text.slice(at).includes('/');
  const name = priced ? text.slice(0, at) : text;
  const price = priced ? priceFrom(text.slice(at + 1).split('/')) : null;
  if (!priced && HALF_PRICE.test(text))
    throw new InvalidArgumentError(
      'A price has two numbers, input and output, for example MODEL@3/15.',
    );
  if (name.trim() === '') throw new InvalidArgumentError('The name of the model is missing.');
  return [...before, { name, ...(price === null ? {} : { price }) }];
}

/** `name=in,out` or `name=in,out,cacheRead,cacheWrite`, USD per million tokens. */
export function parsePrice(text: string, before: readonly NamedPrice[] = []): NamedPrice[] {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new InvalidArgumentError('It looks like MODEL=3,15.');
  return [...before, { name: text.slice(0, at), price: priceFrom(text.slice(at + 1).split(',')) }];
}

function priceFrom(numbers: readonly string[]): Price {
  const [input, output, cacheRead, cacheWrite] = numbers.map((text) =>
    text.trim() === '' ? NaN : Number(text),
  );
  const valid = (price: number | undefined): price is number => price !== undefined && price >= 0;
  const rest = [cacheRead, cacheWrite].filter((price) => price !== undefined);
  if (!valid(input) || !valid(output) || !rest.every(valid) || numbers.length > 4)
    throw new InvalidArgumentError(
      'A price is USD per million tokens of input and of output, for example 3 and 15.',
    );
  return {
    input,
    output,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
  };
}

/**
 * The provider that the options and the preset of its id describe. A local one without a named model is
 * asked for its models. Throws `misuse` for what is missing, `price-unknown` for a model that would be
 * metered at no known price, `provider-failed` when a local server does not answer.
 */
export async function configFrom(
  id: ProviderId,
  options: ProviderOptions,
): Promise<ProviderConfig> {
  const preset = presetOf(id);
  const baseUrl = options.url ?? preset?.baseUrl;
  if (baseUrl === undefined) throw unknownProvider(id);
  const billing = options.billing ?? preset?.billing ?? 'metered';
  const formats = options.format ?? preset?.formats ?? ['openai-chat' as const];
  const named = options.model ?? (preset?.models ?? []).map((name) => ({ name }));
  const found = named.length > 0 ? named : await modelsOf(id, baseUrl, billing, preset);
  const models = withPrices(found, options.price ?? []);
  for (const model of models) checkPrice(id, model, billing);
  const config = ProviderConfig.safeParse({
    baseUrl: baseUrl.replace(/\/+$/, ''),
    billing,
    formats: [...new Set(formats)],
    models,
  });
  if (config.success) return withoutSecret(config.data);
  const [issue] = config.error.issues;
  throw new VigilError(
    'misuse',
    `${issue?.path.join('.') ?? 'the provider'}: ${issue?.message ?? 'is malformed'}`,
    'An address looks like https://api.example.com/v1: up to where `/chat/completions` or `/messages` begins.',
  );
}

/** An address is shown and logged; a key in it would be too. Throws `misuse`. */
function withoutSecret(config: ProviderConfig): ProviderConfig {
  const { username, password, search } = new URL(config.baseUrl);
  if (username + password + search === '') return config;
  throw new VigilError(
    'misuse',
    'the address holds a name, a password or parameters, and addresses are shown and logged',
    'Give the address without them, and the key with --key-env NAME, --key-stdin, or unseen.',
  );
}

function unknownProvider(id: ProviderId): VigilError {
  return new VigilError(
    'misuse',
    `${id} is none of the providers that are known by name`,
    `Known: ${Object.keys(PRESETS).join(', ')}. For another give its address: --url https://… --format openai-chat --model NAME@IN/OUT`,
  );
}

function withPrices(models: readonly ModelConfig[], prices: readonly NamedPrice[]): ModelConfig[] {
  for (const { name } of prices) {
    if (models.some((model) => model.name === name)) continue;
    throw new VigilError(
      'misuse',
      `--price names ${name}, which is none of the models`,
      `Models: ${models.map((model) => model.name).join(', ')}. Add another with --model.`,
    );
  }
  return models.map((model) => {
    const own = prices.findLast(({ name }) => name === model.name);
    return own === undefined ? model : { ...model, price: own.price };
  });
}

/** What the node would refuse as well, said in the words of the command line. */
function checkPrice(id: ProviderId, model: ModelConfig, billing: Billing): void {
  try {
    priceOf(model, billing);
  } catch (cause) {
    throw new VigilError(
      'price-unknown',
      `the price of the model ${model.name} is not known`,
      `Give it in USD per million tokens of input and output: \`vigil providers add ${id} --model ${model.name}@IN/OUT\`; or --billing subscription or local when no tokens are paid for.`,
      { cause },
    );
  }
}

const ModelList = z.object({ data: z.array(z.object({ id: z.string().min(1) })) });

async function modelsOf(
  id: ProviderId,
  baseUrl: string,
  billing: Billing,
  preset: Preset | null,
): Promise<ModelConfig[]> {
  const example = `--model ${preset?.example ?? 'NAME@IN/OUT'}`;
  if (billing !== 'local')
    throw new VigilError(
      'misuse',
      `which models of ${id} may be called is not said`,
      `Name them: \`vigil providers add ${id} ${example}\` (the prices are USD per million tokens of input/output).`,
    );
  const help = `Start the server there, or name a model yourself: \`vigil providers add ${id} ${example}\`.`;
  let found: z.infer<typeof ModelList>;
  try {
    const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/models`, {
      signal: AbortSignal.timeout(LIST_TIMEOUT_MS),
    });
    found = ModelList.parse(await response.json());
  } catch (cause) {
    throw new VigilError(
      'provider-failed',
      `nothing at ${baseUrl} says which models it has`,
      help,
      { cause },
    );
  }
  const writers = found.data.filter((model) => !NO_WRITER.test(model.id));
  if (writers.length > 0) return writers.map((model) => ({ name: model.id }));
  throw new VigilError(
    'provider-failed',
    `the server at ${baseUrl} has no model to write with`,
    help,
  );
}

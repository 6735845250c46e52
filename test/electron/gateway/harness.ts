import { afterEach } from 'vitest';
import type { CallEnd, CallStart, Meter } from '../../../electron/gateway/meter.ts';
import { startGateway, type Gateway } from '../../../electron/gateway/gateway.ts';
import type { GatewayProvider } from '../../../electron/gateway/provider.ts';
import type { GatewayTimes } from '../../../electron/gateway/upstream.ts';
import {
  ProviderConfig,
  ProviderId,
  type CallPurpose,
  type ModelTarget,
  type WireFormat,
} from '../../../shared/model/agent.ts';
import type { CapReached } from '../../../shared/model/budget.ts';
import {
  startModelServer,
  type ModelServer,
  type ModelServerOptions,
} from '../../models/modelServer.ts';

export const FORMATS: readonly WireFormat[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
];

const PATHS: Readonly<Record<WireFormat, string>> = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
};

const PURPOSE: CallPurpose = {
  category: 'coding',
  task: 'T-1',
  project: 'app',
  attempt: 1,
  role: 'writer',
  agent: null,
};

/** Distinct and long, so that a search of any output for it means something. */
export const KEY = 'sk-scripted-0123456789abcdefghijklmnop';

/** Keeps the books in memory, against a cap in USD. */
export class AddingMeter implements Meter {
  readonly started: CallStart[] = [];
  readonly ended: CallEnd[] = [];
  /** Most that was ever spent and reserved at once, USD. */
  highestUsd = 0;
  private readonly reserved = new Map<string, number>();
  private spentUsd = 0;
  private readonly capUsd: number;

  constructor(capUsd = Infinity) {
    this.capUsd = capUsd;
  }

  reserve(call: CallStart): Promise<CapReached | null> {
    const wantedUsd = this.totalUsd() + (call.maxCostUsd ?? 0);
    if (wantedUsd > this.capUsd)
      return Promise.resolve({ cap: 'day.hard', value: wantedUsd, max: this.capUsd, untilMs: 0 });
    this.started.push(call);
    this.reserved.set(call.id, call.maxCostUsd ?? 0);
    this.highestUsd = Math.max(this.highestUsd, this.totalUsd());
    return Promise.resolve(null);
  }

  settle(call: CallEnd): Promise<void> {
    if (!this.reserved.delete(call.id))
      throw new Error(`${call.id} is settled and was not reserved`);
    this.ended.push(call);
    this.spentUsd += call.costUsd ?? 0;
    return Promise.resolve();
  }

  totalUsd(): number {
    return this.spentUsd + [...this.reserved.values()].reduce((sum, usd) => sum + usd, 0);
  }

  get open(): number {
    return this.reserved.size;
  }

  /** The end of the only call. */
  get only(): CallEnd {
    const [end] = this.ended;
    if (end === undefined || this.ended.length > 1)
      throw new Error(`${this.ended.length} calls ended`);
    return end;
  }
}

export interface Setup {
  readonly gateway: Gateway;
  readonly meter: AddingMeter;
  readonly token: string;
  readonly revoke: () => void;
  readonly errors: unknown[];
}

/** USD per million tokens: input 10, output 20. */
export const PRICE = { input: 10, output: 20 };

export function provider(
  id: string,
  baseUrl: string,
  more: Partial<ReturnType<typeof ProviderConfig.parse>> & { key?: string | null } = {},
): GatewayProvider {
  const { key = KEY, ...config } = more;
  return {
    id: ProviderId.parse(id),
    config: ProviderConfig.parse({
      formats: FORMATS,
      baseUrl,
      billing: 'metered',
      models: [{ name: 'real-model', price: PRICE, outputTokens: 1_000 }],
      ...config,
    }),
    key: () => key,
  };
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A scripted model that ends with the test. */
export async function model(
  script: ModelServerOptions['script'],
  options: Omit<ModelServerOptions, 'script'> = {},
): Promise<ModelServer> {
  const server = await startModelServer({ script, ...options });
  closers.push(() => server.close());
  return server;
}

/** A gateway in front of the providers, routed to each of them in turn, that ends with the test. */
export async function setUp(
  providers: readonly GatewayProvider[],
  {
    meter = new AddingMeter(),
    times = {},
    route = providers.map(({ id, config }) => ({
      provider: id,
      model: config.models[0]?.name ?? '',
    })),
  }: {
    meter?: AddingMeter;
    times?: Partial<GatewayTimes>;
    route?: readonly ModelTarget[];
  } = {},
): Promise<Setup> {
  const errors: unknown[] = [];
  const gateway = await startGateway({
    meter,
    providers: () => providers,
    times: { backoffMs: 1, ...times },
    onError: (error) => errors.push(error),
  });
  closers.push(() => gateway.close());
  const { token, revoke } = gateway.grant(PURPOSE, route);
  return { gateway, meter, token, revoke, errors };
}

/** A small request of the format, as an agent would send it. */
function requestOf(format: WireFormat, more: object = {}): Record<string, unknown> {
  const messages = [{ role: 'user', content: 'Write the file.' }];
  return {
    model: 'whatever-the-agent-was-told',
    ...(format === 'openai-responses' ? { input: messages } : { messages }),
    ...(format === 'anthropic-messages' && { max_tokens: 500 }),
    ...more,
  };
}

export function call(
  url: string,
  token: string,
  format: WireFormat,
  more: object = {},
  signal: AbortSignal | null = null,
): Promise<Response> {
  return fetch(`${url}${PATHS[format]}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(format === 'anthropic-messages'
        ? { 'x-api-key': token, 'anthropic-version': '2023-06-01' }
        : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(requestOf(format, more)),
    signal,
  });
}

/** The message of a provider-style error. */
export async function errorOf(response: Response): Promise<{ type: string; message: string }> {
  const body: unknown = await response.json();
  if (typeof body === 'object' && body !== null && 'error' in body) {
    const { error } = body;
    if (typeof error === 'object' && error !== null && 'type' in error && 'message' in error)
      return { type: String(error.type), message: String(error.message) };
  }
  throw new Error(`no error of a provider: ${JSON.stringify(body)}`);
}

import { z } from 'zod';
import type { WireFormat } from '../../shared/model/agent.ts';
import { messageOf } from '../../shared/model/errors.ts';
import { redact } from '../../shared/policy/redact.ts';
import { authOf, messageIn, providerUrl } from './providerHttp.ts';
import type { GatewayProvider } from './provider.ts';

export interface ProviderCheck {
  readonly ok: boolean;
  /** What was found, in a sentence. */
  readonly detail: string;
  /** Names of the models that it offers; not set when it does not say. */
  readonly models?: readonly string[];
  /** Until the last answer, ms. */
  readonly latencyMs: number;
}

const TIMEOUT_MS = 20_000;

/** Asks a provider whether it can be used: for its models, and for one token of any model that it does not list. */
export async function checkProvider(provider: GatewayProvider): Promise<ProviderCheck> {
  const { config } = provider;
  const [format] = config.formats;
  if (format === undefined) return { ok: false, detail: 'it has no format', latencyMs: 0 };
  const beganMs = performance.now();
  const key = provider.key();
  const done = (ok: boolean, detail: string, models?: readonly string[]): ProviderCheck => ({
    ok,
    detail: redact(detail, key === null ? [] : [key]),
    ...(models !== undefined && { models }),
    latencyMs: performance.now() - beganMs,
  });
  try {
    const listed = await ask(provider, format, 'GET', '/models', null);
    const trouble = troubleOf(provider, listed);
    if (trouble !== null && listed.status !== 404) return done(false, trouble);
    const models = trouble === null ? modelsIn(listed.body) : null;
    if (trouble === null && models === null) return done(false, wrongUrl(provider));
    const unlisted = config.models.filter(({ name }) => models?.includes(name) !== true);
    // An alias works without being listed, and some local servers list nothing.
    for (const { name } of unlisted) {
      const answer = await ask(provider, format, 'POST', PATHS[format], shortest(format, name));
      if (answer.status >= 200 && answer.status < 300) continue;
      const said = messageIn(answer.body);
      if (answer.status === 404 && models === null && !/model/i.test(said))
        return done(false, wrongUrl(provider));
      if (answer.status === 404 || /model/i.test(said))
        return done(
          false,
          `it does not know the model ${name}${said ? ` (${said})` : ''}${offered(models)}`,
          models ?? undefined,
        );
      const refused = troubleOf(provider, answer) ?? `HTTP ${answer.status}`;
      return done(false, `${name}: ${refused}`, models ?? undefined);
    }
    const names = config.models.map(({ name }) => name).join(', ');
    return done(true, `it answers, and knows ${names}`, models ?? undefined);
  } catch (error) {
    return done(false, unreachable(provider, error));
  }
}

const PATHS: Readonly<Record<WireFormat, string>> = {
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
  'anthropic-messages': '/messages',
};

/** OpenAI's responses take no smaller limit. */
const LEAST_RESPONSE_TOKENS = 16;

function shortest(format: WireFormat, model: string): object {
  const messages = [{ role: 'user', content: 'Hi' }];
  if (format === 'openai-responses')
    return { model, input: messages, max_output_tokens: LEAST_RESPONSE_TOKENS };
  return { model, messages, max_tokens: 1 };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function ask(
  provider: GatewayProvider,
  format: WireFormat,
  method: string,
  path: string,
  body: object | null,
): Promise<Answer> {
  const response = await fetch(providerUrl(provider, path), {
    method,
    headers: { 'content-type': 'application/json', ...authOf(format, provider.key()) },
    ...(body !== null && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return { status: response.status, body: await response.text() };
}

function troubleOf({ id, key }: GatewayProvider, { status, body }: Answer): string | null {
  if (status >= 200 && status < 300) return null;
  const said = messageIn(body);
  const words = said ? ` It says: ${said}` : '';
  if (status === 401 || status === 403)
    return key() === null
      ? `it wants a key and has none: give it one with \`vigil providers add ${id}\``
      : `it refuses its key (HTTP ${status}): give it the right one with \`vigil providers add ${id}\``;
  if (status === 429) return `it works, but lets nothing through now (HTTP 429).${words}`;
  if (status >= 500) return `it is in trouble itself (HTTP ${status}).${words}`;
  return `it answers HTTP ${status}.${words}`;
}

const ModelList = z.object({ data: z.array(z.object({ id: z.string() })) });

function modelsIn(body: string): string[] | null {
  try {
    return ModelList.parse(JSON.parse(body)).data.map(({ id }) => id);
  } catch {
    return null;
  }
}

function wrongUrl({ config }: GatewayProvider): string {
  return `nothing at ${config.baseUrl} speaks ${config.formats.join(' or ')}: the base URL ends where the format's own path begins, mostly in /v1`;
}

const MAX_OFFERED = 10;

function offered(models: readonly string[] | null): string {
  if (models === null || models.length === 0) return '';
  const more = models.length > MAX_OFFERED ? ', …' : '';
  return `; it offers ${models.slice(0, MAX_OFFERED).join(', ')}${more}`;
}

function unreachable({ config }: GatewayProvider, error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `no answer from ${config.baseUrl} within ${TIMEOUT_MS / 1_000} s`;
  // What `fetch` throws says only that it failed; its cause says why.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return `${config.baseUrl} cannot be reached: ${messageOf(cause)}`;
}

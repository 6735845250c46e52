import { z } from 'zod';
import type { TokenUsage, WireFormat } from '../../shared/model/agent.ts';
import { VigilError, messageOf } from '../../shared/model/errors.ts';
import { readUsage } from '../../shared/policy/usage.ts';
import { messageIn } from './providerHttp.ts';

/** One question to a model. */
export interface Completion {
  /** Of a grant of the gateway. */
  readonly token: string;
  /** A format that the grant's route speaks. */
  readonly format: WireFormat;
  readonly system: string;
  readonly prompt: string;
  readonly maxTokens: number;
  /** JSON schema of the answer, when it is to be JSON. The caller still parses it. */
  readonly schema?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

export interface CompletionResult {
  readonly text: string;
  /** Null when the provider did not say; the gateway counted the worst case then. */
  readonly usage: TokenUsage | null;
}

/** Vigil's own model calls: made through the gateway, as any agent's. */
export class ModelClient {
  private readonly url: string;

  /** @param url of the gateway */
  constructor(url: string) {
    this.url = url;
  }

  /**
   * Asks once. Throws `budget-reached`, `price-unknown`, or `provider-failed` with the provider's words,
   * and `provider-failed` too for an answer without text.
   */
  async complete(completion: Completion): Promise<CompletionResult> {
    const { token, format, signal } = completion;
    const { path, body } = requestOf(completion);
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
        ...(signal !== undefined && { signal }),
      });
      text = await response.text();
    } catch (error) {
      throw failed(`the model's answer did not come: ${messageOf(error)}`, error);
    }
    if (!response.ok) throw errorOf(response.status, text);
    const answer = textOf(format, text);
    if (answer.text === '') throw failed('the model answered without any text');
    return answer;
  }
}

function requestOf({ format, system, prompt, maxTokens, schema }: Completion): {
  path: string;
  body: object;
} {
  const instructions = schema === undefined ? system : `${system}\n\n${asJson(schema)}`;
  const user = { role: 'user', content: prompt };
  switch (format) {
    case 'openai-chat':
      return {
        path: '/v1/chat/completions',
        body: {
          max_tokens: maxTokens,
          messages: [{ role: 'system', content: instructions }, user],
        },
      };
    case 'openai-responses':
      return {
        path: '/v1/responses',
        body: { max_output_tokens: maxTokens, instructions, input: [user], store: false },
      };
    case 'anthropic-messages':
      return {
        path: '/v1/messages',
        body: { max_tokens: maxTokens, system: instructions, messages: [user] },
      };
  }
}

/**
 * The schema is asked for in words: what each provider has for it differs, refuses parts of JSON schema,
 * or is missing in local servers, and the answer is parsed by the caller anyway.
 */
function asJson(schema: Readonly<Record<string, unknown>>): string {
  return `Answer with one JSON value that fits this JSON schema, and with nothing else:\n${JSON.stringify(schema)}`;
}

const ChatAnswer = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }) })),
  usage: z.unknown(),
});
const ResponsesAnswer = z.object({
  output: z.array(
    z.object({
      content: z.array(z.object({ type: z.string(), text: z.string().optional() })).optional(),
    }),
  ),
  usage: z.unknown(),
});
const MessagesAnswer = z.object({
  content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
  usage: z.unknown(),
});

/** Reads the text and the usage of a plain answer. Throws `provider-failed` for what is none. */
function textOf(format: WireFormat, body: string): CompletionResult {
  let parts: readonly string[];
  let usage: unknown;
  try {
    const json: unknown = JSON.parse(body);
    switch (format) {
      case 'openai-chat': {
        const answer = ChatAnswer.parse(json);
        parts = answer.choices.slice(0, 1).map(({ message }) => message.content ?? '');
        usage = answer.usage;
        break;
      }
      case 'openai-responses': {
        const answer = ResponsesAnswer.parse(json);
        const blocks = answer.output.flatMap(({ content = [] }) => content);
        parts = blocks.flatMap(({ type, text }) => (type === 'output_text' ? [text ?? ''] : []));
        usage = answer.usage;
        break;
      }
      case 'anthropic-messages': {
        const answer = MessagesAnswer.parse(json);
        parts = answer.content.flatMap(({ type, text }) => (type === 'text' ? [text ?? ''] : []));
        usage = answer.usage;
      }
    }
  } catch (error) {
    throw failed(`the provider's answer is not one of ${format}`, error);
  }
  const tokens = readUsage(format, usage)?.tokens ?? null;
  return { text: withoutFence(parts.join('')), usage: tokens };
}

/** Models like to wrap JSON in a fence, whatever they are told. */
function withoutFence(text: string): string {
  return /^\s*```\w*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text;
}

function errorOf(status: number, body: string): VigilError {
  const message = messageIn(body) || `HTTP ${status}`;
  if (status === 402)
    return new VigilError('budget-reached', message, 'See `vigil budget` for what was spent.');
  if (message.startsWith('price-unknown'))
    return new VigilError('price-unknown', message, 'Give the model a price in config.yaml.');
  return failed(message);
}

function failed(message: string, cause?: unknown): VigilError {
  return new VigilError(
    'provider-failed',
    message,
    'Run `vigil providers test` to see which provider works.',
    { cause },
  );
}

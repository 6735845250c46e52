import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { WireFormat } from '../../shared/model/agent.ts';
import { outputTokensOf } from '../../shared/policy/prices.ts';
import { boundPrompt, type PromptBound } from '../../shared/policy/worstCase.ts';
import type { Candidate } from './provider.ts';
import { WireError } from './wireError.ts';

/** No agent's request is larger; Anthropic's own limit is the same. */
const MAX_REQUEST_BYTES = 32 * 1024 * 1024;

/** A call as an agent made it, with what would be charged by other means than tokens taken out. */
export interface ModelCall {
  readonly format: WireFormat;
  readonly stream: boolean;
  readonly body: Readonly<Record<string, unknown>>;
  readonly prompt: PromptBound;
  /** Answers that it asks for. */
  readonly answers: number;
  /** Tokens that it allows for an answer; null when it does not say. */
  readonly ownLimit: number | null;
  /** An answer shorter than this is refused by the provider: thoughts come out of the same limit. */
  readonly leastLimit: number;
}

const Limits = z.looseObject({
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  max_output_tokens: z.number().int().positive().nullish(),
  n: z.number().int().positive().nullish(),
  stream: z.boolean().nullish(),
  thinking: z.looseObject({ budget_tokens: z.number().int().positive().optional() }).nullish(),
});

/** Reads a body up to the limit. Throws `WireError` above it. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MAX_REQUEST_BYTES)
      throw new WireError(
        413,
        'request_too_large',
        `the request is larger than ${MAX_REQUEST_BYTES / 1024 / 1024} MB`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Throws `WireError` for what is no JSON object, or has a limit that is no number. */
export function readCall(format: WireFormat, bytes: Buffer): ModelCall {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new WireError(400, 'invalid_request_error', 'the request is not JSON');
  }
  const parsed = Limits.safeParse(json);
  if (!parsed.success)
    throw new WireError(
      400,
      'invalid_request_error',
      `the request is not understood: ${z.prettifyError(parsed.error)}`,
    );
  const body = chargeable(format, parsed.data);
  const { max_completion_tokens, max_output_tokens, max_tokens } = parsed.data;
  return {
    format,
    stream: parsed.data.stream === true,
    body,
    prompt: boundPrompt(body),
    answers: format === 'openai-chat' ? (parsed.data.n ?? 1) : 1,
    ownLimit: max_completion_tokens ?? max_output_tokens ?? max_tokens ?? null,
    leastLimit: (parsed.data.thinking?.budget_tokens ?? 0) + 1,
  };
}

/**
 * Tokens of one answer that a candidate is held to: the request's own limit, within the model's. Agents ask
 * for the most that a model can (Claude Code: 128,000), which is more than a task's whole budget.
 */
export function outputLimit({ ownLimit, leastLimit }: ModelCall, { model }: Candidate): number {
  return Math.max(leastLimit, Math.min(ownLimit ?? Infinity, outputTokensOf(model)));
}

/** The body as the candidate gets it: its own model name, and the limit that the reservation counts on. */
export function bodyFor(call: ModelCall, candidate: Candidate): Buffer {
  const { format, body } = call;
  const options = typeof body['stream_options'] === 'object' ? body['stream_options'] : {};
  return toBytes(call, candidate, {
    [limitField(call, candidate)]: outputLimit(call, candidate),
    // Without it a stream does not say what it used.
    ...(format === 'openai-chat' &&
      call.stream && { stream_options: { ...options, include_usage: true } }),
  });
}

/** The body of a request that is only counted: there a limit is refused. */
export function uncountedBodyFor(call: ModelCall, candidate: Candidate): Buffer {
  return toBytes(call, candidate, {});
}

function toBytes({ body }: ModelCall, { target }: Candidate, more: object): Buffer {
  const rest = Object.entries(body).filter(([field]) => !LIMIT_FIELDS.has(field));
  return Buffer.from(JSON.stringify({ ...Object.fromEntries(rest), model: target.model, ...more }));
}

const LIMIT_FIELDS = new Set(['max_tokens', 'max_completion_tokens', 'max_output_tokens']);

function limitField({ format, body }: ModelCall, { provider }: Candidate): string {
  if (format === 'openai-responses') return 'max_output_tokens';
  if (format === 'anthropic-messages') return 'max_tokens';
  // OpenAI's reasoning models refuse the old name; many compatible servers don't know the new one.
  const isOpenAi = new URL(provider.config.baseUrl).hostname.endsWith('openai.com');
  return isOpenAi || 'max_completion_tokens' in body ? 'max_completion_tokens' : 'max_tokens';
}

/** What is charged by the search, by the hour or at a higher rate than the price says. */
const OTHERWISE_CHARGED = new Set([
  'background',
  'mcp_servers',
  'plugins',
  'prediction',
  'speed',
  'web_search_options',
]);
const STANDARD_TIERS = new Set<unknown>(['default', 'flex', 'standard_only']);

/**
 * Leaves out what would cost more than its tokens, or reach the network from the provider's side, past
 * the sandbox: faster tiers, background answers, and tools that the provider itself runs.
 */
function chargeable(
  format: WireFormat,
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const kept = Object.fromEntries(
    Object.entries(body).filter(
      ([field, value]) =>
        !OTHERWISE_CHARGED.has(field) && (field !== 'service_tier' || STANDARD_TIERS.has(value)),
    ),
  );
  if (!Array.isArray(kept['tools'])) return kept;
  const tools = kept['tools'].filter((tool: unknown) => runsAtTheAgent(format, tool));
  if (tools.length > 0) return { ...kept, tools };
  delete kept['tools'];
  delete kept['tool_choice'];
  return kept;
}

/** Types of tools that the agent runs itself, or that only search its own; any other type is the provider's. */
const AGENT_TOOLS: Readonly<Record<WireFormat, RegExp>> = {
  'openai-chat': /^(function|custom)$/,
  'openai-responses': /^(function|custom|namespace|local_shell|shell|apply_patch|computer.*)$/,
  'anthropic-messages': /^(custom|(bash|text_editor|computer|memory)_\d+|tool_search_tool_\w+)$/,
};

function runsAtTheAgent(format: WireFormat, tool: unknown): boolean {
  if (typeof tool !== 'object' || tool === null) return false;
  const type: unknown = 'type' in tool ? tool.type : undefined;
  // Anthropic's own tools of the user have no type.
  return typeof type === 'string' ? AGENT_TOOLS[format].test(type) : true;
}

import { NO_TOKENS, type TokenUsage, type WireFormat } from '../../shared/model/agent.ts';
import type { Answer, ToolCall } from './reply.ts';
import type { SeenRequest } from './seenRequest.ts';

/** One server-sent event: the name is null where the format does not name its events. */
export interface WireEvent {
  readonly event: string | null;
  readonly data: string;
}

const BYTES_PER_TOKEN = 4;

/** What the provider says was used: as told, nothing, or about a token per four bytes. */
function usageOf(request: SeenRequest, answer: Answer): TokenUsage | null {
  if (answer.usage !== undefined) return answer.usage;
  const told = answer.text.length + JSON.stringify(answer.calls).length;
  return {
    ...NO_TOKENS,
    input: Math.ceil(JSON.stringify(request.body).length / BYTES_PER_TOKEN),
    output: Math.ceil(told / BYTES_PER_TOKEN),
  };
}

/** The answer as one JSON body. */
export function plainAnswer(request: SeenRequest, answer: Answer): unknown {
  const usage = usageOf(request, answer);
  const calls = answer.calls.map((call, index) => ({ ...call, id: callId(request, index) }));
  switch (request.format) {
    case 'openai-chat':
      return {
        ...chatHead(request, 'chat.completion'),
        choices: [
          {
            index: 0,
            message: {
              role: 'assistant',
              content: answer.text || null,
              ...(calls.length > 0 && {
                tool_calls: calls.map(({ id, name, arguments: args }) => ({
                  id,
                  type: 'function',
                  function: { name, arguments: JSON.stringify(args) },
                })),
              }),
            },
            finish_reason: calls.length > 0 ? 'tool_calls' : 'stop',
          },
        ],
        ...(usage && { usage: chatUsage(usage) }),
      };
    case 'openai-responses':
      return responseBody(request, answer, 'completed');
    case 'anthropic-messages':
      return {
        ...anthropicHead(request),
        content: [
          ...(answer.text === '' ? [] : [{ type: 'text', text: answer.text }]),
          ...calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use', id, name, input })),
        ],
        stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn',
        ...(usage && { usage: { ...anthropicInput(usage), output_tokens: usage.output } }),
      };
  }
}

/** The answer as the events of a stream. */
export function streamedAnswer(request: SeenRequest, answer: Answer): WireEvent[] {
  switch (request.format) {
    case 'openai-chat':
      return chatStream(request, answer);
    case 'openai-responses':
      return responseStream(request, answer);
    case 'anthropic-messages':
      return anthropicStream(request, answer);
  }
}

/** An error as the format words it. */
export function errorBody(format: WireFormat, status: number, message: string): unknown {
  const type = status === 429 ? 'rate_limit_error' : status === 401 ? 'authentication_error' : '';
  return format === 'anthropic-messages'
    ? { type: 'error', error: { type: type || 'api_error', message } }
    : { error: { message, type: type || 'server_error', param: null, code: null } };
}

function chatStream(request: SeenRequest, answer: Answer): WireEvent[] {
  const chunk = (delta: unknown, finish: string | null = null) =>
    unnamed({
      ...chatHead(request, 'chat.completion.chunk'),
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
  const events = [chunk({ role: 'assistant', content: '' })];
  for (const content of pieces(answer.text, answer)) events.push(chunk({ content }));
  answer.calls.forEach(({ name, arguments: args }, index) => {
    const head = { id: callId(request, index), type: 'function' };
    events.push(chunk({ tool_calls: [{ index, ...head, function: { name, arguments: '' } }] }));
    for (const piece of pieces(JSON.stringify(args), answer))
      events.push(chunk({ tool_calls: [{ index, function: { arguments: piece } }] }));
  });
  events.push(chunk({}, answer.calls.length > 0 ? 'tool_calls' : 'stop'));
  const usage = usageOf(request, answer);
  const options = request.body['stream_options'];
  const wanted =
    typeof options === 'object' &&
    options !== null &&
    'include_usage' in options &&
    options.include_usage === true;
  // As OpenAI does it: only who asks is told, in a last chunk without choices.
  if (usage && wanted)
    events.push(
      unnamed({
        ...chatHead(request, 'chat.completion.chunk'),
        choices: [],
        usage: chatUsage(usage),
      }),
    );
  return [...events, { event: null, data: '[DONE]' }];
}

function responseStream(request: SeenRequest, answer: Answer): WireEvent[] {
  const events: WireEvent[] = [];
  const send = (type: string, body: object) =>
    events.push({
      event: type,
      data: JSON.stringify({ type, sequence_number: events.length, ...body }),
    });
  const begun = { ...answer, text: '', calls: [], usage: null };
  send('response.created', { response: responseBody(request, begun, 'in_progress') });
  send('response.in_progress', { response: responseBody(request, begun, 'in_progress') });
  responseOutput(request, answer).forEach((item, output_index) => {
    const at = { item_id: item.id, output_index };
    if (item.type === 'message') {
      const empty = { type: 'output_text', text: '', annotations: [] };
      send('response.output_item.added', {
        output_index,
        item: { ...item, status: 'in_progress', content: [] },
      });
      send('response.content_part.added', { ...at, content_index: 0, part: empty });
      for (const delta of pieces(answer.text, answer))
        send('response.output_text.delta', { ...at, content_index: 0, delta });
      send('response.output_text.done', { ...at, content_index: 0, text: answer.text });
      send('response.content_part.done', {
        ...at,
        content_index: 0,
        part: { ...empty, text: answer.text },
      });
    } else {
      send('response.output_item.added', {
        output_index,
        item: { ...item, status: 'in_progress', arguments: '' },
      });
      for (const delta of pieces(item.arguments, answer))
        send('response.function_call_arguments.delta', { ...at, delta });
      send('response.function_call_arguments.done', { ...at, arguments: item.arguments });
    }
    send('response.output_item.done', { output_index, item });
  });
  send('response.completed', { response: responseBody(request, answer, 'completed') });
  return events;
}

function anthropicStream(request: SeenRequest, answer: Answer): WireEvent[] {
  const usage = usageOf(request, answer);
  const events: WireEvent[] = [];
  const send = (type: string, body: object) =>
    events.push({ event: type, data: JSON.stringify({ type, ...body }) });
  send('message_start', {
    message: {
      ...anthropicHead(request),
      content: [],
      stop_reason: null,
      ...(usage && {
        usage: { ...anthropicInput(usage), output_tokens: Math.min(1, usage.output) },
      }),
    },
  });
  const blocks = [
    ...(answer.text === ''
      ? []
      : [
          {
            begin: { type: 'text', text: '' },
            deltas: pieces(answer.text, answer).map((text) => ({ type: 'text_delta', text })),
          },
        ]),
    ...answer.calls.map((call, index) => ({
      begin: { type: 'tool_use', id: callId(request, index), name: call.name, input: {} },
      deltas: pieces(JSON.stringify(call.arguments), answer).map((partial_json) => ({
        type: 'input_json_delta',
        partial_json,
      })),
    })),
  ];
  blocks.forEach(({ begin, deltas }, index) => {
    send('content_block_start', { index, content_block: begin });
    if (index === 0) send('ping', {});
    for (const delta of deltas) send('content_block_delta', { index, delta });
    send('content_block_stop', { index });
  });
  send('message_delta', {
    delta: {
      stop_reason: answer.calls.length > 0 ? 'tool_use' : 'end_turn',
      stop_sequence: null,
    },
    ...(usage && { usage: { output_tokens: usage.output } }),
  });
  send('message_stop', {});
  return events;
}

type ResponseItem =
  | {
      readonly type: 'message';
      readonly id: string;
      readonly status: string;
      readonly role: string;
      readonly content: readonly unknown[];
    }
  | {
      readonly type: 'function_call';
      readonly id: string;
      readonly status: string;
      readonly call_id: string;
      readonly name: string;
      readonly arguments: string;
    };

function responseOutput(request: SeenRequest, answer: Answer): ResponseItem[] {
  const message: ResponseItem = {
    type: 'message',
    id: `msg_${request.index}`,
    status: 'completed',
    role: 'assistant',
    content: [{ type: 'output_text', text: answer.text, annotations: [] }],
  };
  const calls = answer.calls.map((call: ToolCall, index): ResponseItem => {
    return {
      type: 'function_call',
      id: `fc_${request.index}_${index}`,
      status: 'completed',
      call_id: callId(request, index),
      name: call.name,
      arguments: JSON.stringify(call.arguments),
    };
  });
  return answer.text === '' ? calls : [message, ...calls];
}

function responseBody(request: SeenRequest, answer: Answer, status: string): object {
  const usage = status === 'completed' ? usageOf(request, answer) : null;
  return {
    id: `resp_${request.index}`,
    object: 'response',
    created_at: 1,
    status,
    model: request.model,
    output: responseOutput(request, answer),
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    usage: usage && {
      input_tokens: usage.input + usage.cacheRead + usage.cacheWrite,
      input_tokens_details: { cached_tokens: usage.cacheRead },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: usage.input + usage.cacheRead + usage.cacheWrite + usage.output,
    },
  };
}

function chatHead(request: SeenRequest, object: string): object {
  return { id: `chatcmpl-${request.index}`, object, created: 1, model: request.model };
}

function chatUsage(usage: TokenUsage): object {
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite;
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
  };
}

function anthropicHead(request: SeenRequest): object {
  return {
    id: `msg_${request.index}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
    stop_sequence: null,
  };
}

function anthropicInput(usage: TokenUsage): object {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.cacheRead,
  };
}

function callId(request: SeenRequest, index: number): string {
  const prefix = request.format === 'anthropic-messages' ? 'toolu' : 'call';
  return `${prefix}_${request.index}_${index}`;
}

function unnamed(body: unknown): WireEvent {
  return { event: null, data: JSON.stringify(body) };
}

function pieces(text: string, { pieceLength }: Answer): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += pieceLength)
    parts.push(text.slice(at, at + pieceLength));
  return parts;
}

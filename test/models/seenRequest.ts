import type { IncomingHttpHeaders } from 'node:http';
import type { WireFormat } from '../../shared/model/agent.ts';

/** A tool that a request offers to the model, with the JSON schema of its arguments. */
export interface SeenTool {
  readonly name: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

interface SeenMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
}

/** A request as the scripted model sees it, whatever format it came in. */
export interface SeenRequest {
  /** Its place among the requests of this server, from 0. */
  readonly index: number;
  readonly format: WireFormat;
  readonly path: string;
  readonly model: string;
  readonly stream: boolean;
  /** All system (or developer) text, joined by newlines. */
  readonly system: string;
  readonly messages: readonly SeenMessage[];
  readonly tools: readonly SeenTool[];
  /** Results of the tools that the assistant's last message called; empty when it called none. */
  readonly toolResults: readonly string[];
  readonly maxTokens: number | null;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came, parsed. */
  readonly body: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads a request of any of the three formats. */
export function readRequest(
  index: number,
  format: WireFormat,
  path: string,
  headers: IncomingHttpHeaders,
  value: unknown,
): SeenRequest {
  const body = fields(value);
  const messages = format === 'openai-responses' ? responseMessages(body) : chatMessages(body);
  const system = messages.filter(({ role }) => role === 'system').map(({ text }) => text);
  const lastAnswer = messages.findLastIndex(({ role }) => role === 'assistant');
  return {
    index,
    format,
    path,
    model: string(body['model']),
    stream: body['stream'] === true,
    system: [
      ...texts(format === 'openai-responses' ? body['instructions'] : body['system']),
      ...system,
    ].join('\n'),
    messages: messages.filter(({ role }) => role !== 'system'),
    tools: list(body['tools']).flatMap(readTool),
    toolResults: messages
      .slice(lastAnswer + 1)
      .filter(({ role }) => role === 'tool')
      .map(({ text }) => text),
    maxTokens:
      [body['max_completion_tokens'], body['max_output_tokens'], body['max_tokens']].find(
        (limit) => typeof limit === 'number',
      ) ?? null,
    headers,
    body,
  };
}

/** OpenAI chat and Anthropic messages: the former has tool results as messages, the latter as blocks. */
function chatMessages(body: Fields): SeenMessage[] {
  return list(body['messages']).flatMap((value) => {
    const message = fields(value);
    const results = list(message['content'])
      .map(fields)
      .filter((block) => block['type'] === 'tool_result')
      .map((block) => ({ role: 'tool' as const, text: texts(block['content']).join('\n') }));
    const text = texts(message['content']).join('\n');
    const said = text === '' && results.length > 0 ? [] : [{ role: role(message['role']), text }];
    return [...results, ...said];
  });
}

function responseMessages(body: Fields): SeenMessage[] {
  if (typeof body['input'] === 'string') return [{ role: 'user', text: body['input'] }];
  return list(body['input']).flatMap((value): SeenMessage[] => {
    const item = fields(value);
    const type = string(item['type']);
    if (type.endsWith('_call_output'))
      return [{ role: 'tool', text: texts(item['output']).join('\n') }];
    if (type.endsWith('_call')) return [{ role: 'assistant', text: '' }];
    if (type !== '' && type !== 'message') return [];
    return [{ role: role(item['role']), text: texts(item['content']).join('\n') }];
  });
}

/** A tool is named on its own level (Anthropic, responses) or under `function` (chat). */
function readTool(value: unknown): SeenTool[] {
  const tool = fields(value);
  const inner = fields(tool['function']);
  const name = string(tool['name']) || string(inner['name']);
  if (name === '') return [];
  const schema = tool['input_schema'] ?? tool['parameters'] ?? inner['parameters'];
  return [{ name, schema: fields(schema) }];
}

function role(value: unknown): SeenMessage['role'] {
  if (value === 'developer' || value === 'system') return 'system';
  return value === 'assistant' || value === 'tool' ? value : 'user';
}

/** The text of a string, or of the blocks of a list. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return list(value)
    .map((block) => string(fields(block)['text']))
    .filter((text) => text !== '');
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function string(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

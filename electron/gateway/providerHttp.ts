import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { WireFormat } from '../../shared/model/agent.ts';
import { redact } from '../../shared/policy/redact.ts';
import type { GatewayProvider } from './provider.ts';

/** How much of a provider's error is read. */
const MAX_ERROR_BYTES = 64 * 1024;
const MAX_ERROR_CHARACTERS = 300;

/** The URL of a path of the provider. */
export function providerUrl({ config }: GatewayProvider, path: string): URL {
  return new URL(`${config.baseUrl.replace(/\/+$/, '')}${path}`);
}

/** What of an agent's headers a provider gets: never its credentials or cookies. */
const PASSED_ON = ['accept', 'user-agent', 'anthropic-version', 'anthropic-beta', 'openai-beta'];

/** The headers of an agent's call as a provider gets them. */
export function passedOn(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {
    'content-type': 'application/json',
    // The bytes pass untouched, and their usage is to be read on the way.
    'accept-encoding': 'identity',
  };
  for (const name of PASSED_ON) {
    const value = headers[name];
    if (typeof value === 'string') passed[name] = value;
  }
  return passed;
}

/** The version of Anthropic's API that this was written for; an agent's own word goes first. */
const ANTHROPIC_VERSION = '2023-06-01';

/** How a provider wants to be told the key, by format. */
export function authOf(format: WireFormat, key: string | null): Record<string, string> {
  if (format === 'anthropic-messages')
    return { 'anthropic-version': ANTHROPIC_VERSION, ...(key !== null && { 'x-api-key': key }) };
  return key === null ? {} : { authorization: `Bearer ${key}` };
}

/** The text of an error, without the key that some providers repeat in it. */
export async function readError(response: IncomingMessage, key: string | null): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) continue;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_ERROR_BYTES) break;
    }
  } catch {
    // The status says enough; the words behind it are a help only.
  }
  const text = Buffer.concat(chunks).subarray(0, MAX_ERROR_BYTES).toString('utf8');
  return redact(text, key === null ? [] : [key]);
}

/** The sentence in a provider's error, however it is wrapped. */
export function messageIn(body: string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return /^\s*</.test(body) ? '' : body.slice(0, MAX_ERROR_CHARACTERS).trim();
  }
  const inner = member(value, 'error') ?? value;
  const message = typeof inner === 'string' ? inner : member(inner, 'message');
  return typeof message === 'string' ? message.slice(0, MAX_ERROR_CHARACTERS) : '';
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

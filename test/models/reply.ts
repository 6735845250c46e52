import type { TokenUsage } from '../../shared/model/agent.ts';

/** A call of one of the tools that the request offers. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What the scripted model does with a request, whatever its format. */
export type Reply =
  | Answer
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly message: string;
      readonly headers: Readonly<Record<string, string>>;
      /** Sent as it is instead of the format's own error. */
      readonly body: string | null;
    }
  /** Takes the request and never answers. */
  | { readonly kind: 'stall' }
  /** Ends the connection without an answer. */
  | { readonly kind: 'hangup' };

export interface Answer {
  readonly kind: 'answer';
  readonly text: string;
  readonly calls: readonly ToolCall[];
  /** What the provider says was used; `null`: it does not say; not set: an estimate by length. */
  readonly usage?: TokenUsage | null;
  /** How a streamed answer ends: whole, connection cut half-way, or silent half-way for ever. */
  readonly end: 'whole' | 'cut' | 'silent';
  /** Most characters of text or arguments in one event of the stream. */
  readonly pieceLength: number;
  /** Awaited before the first byte, e.g. a delay. */
  readonly before?: () => Promise<void>;
  /** Awaited between two events of the stream. */
  readonly between?: () => Promise<void>;
}

export type AnswerOptions = Partial<Omit<Answer, 'kind' | 'text' | 'calls'>>;

/** Characters in one event of a stream: what a provider sends is about as long. */
const PIECE_LENGTH = 24;

export function say(text: string, options: AnswerOptions = {}): Answer {
  return { kind: 'answer', text, calls: [], end: 'whole', pieceLength: PIECE_LENGTH, ...options };
}

/** Calls one or more tools, after some text when `text` is given. */
export function call(
  calls: ToolCall | readonly ToolCall[],
  options: AnswerOptions & { readonly text?: string } = {},
): Answer {
  const all: readonly ToolCall[] = 'name' in calls ? [calls] : calls;
  return { ...say(options.text ?? '', options), calls: all };
}

/** A tool call whose arguments end in the middle. */
export function halfCall(one: ToolCall): Answer {
  return call(one, { end: 'cut' });
}

/** A text of so many bytes, in pieces that make it quick to send. */
export function huge(bytes: number, options: AnswerOptions = {}): Answer {
  return say('x'.repeat(bytes), { pieceLength: 16_384, ...options });
}

export function fail(
  status: number,
  message = `the scripted model answers ${status}`,
  { headers = {}, body = null }: { headers?: Record<string, string>; body?: string | null } = {},
): Reply {
  return { kind: 'error', status, message, headers, body };
}

export const stall: Reply = { kind: 'stall' };
export const hangup: Reply = { kind: 'hangup' };

/** For `before` and `between`: waits so many ms. */
export function after(ms: number): () => Promise<void> {
  return () => new Promise((resolve) => setTimeout(resolve, ms));
}

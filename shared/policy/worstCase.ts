import { NO_TOKENS, type Price, type TokenUsage } from '../model/agent.ts';

/** The most that a request's input can come to. */
export interface PromptBound {
  /** Tokens of everything in the request, pictures included. */
  readonly tokens: number;
  /** Tokens of its text only: what a provider counts can't be far below it. */
  readonly textTokens: number;
  /** It refers to something that is not in it (a file, an earlier answer): only the window bounds it. */
  readonly open: boolean;
}

/**
 * A picture is charged by its size in pixels and not in bytes. The dearest known, a large one for
 * gpt-4o-mini, is 48,000 tokens; most models charge below 5,000.
 */
const PICTURE_TOKENS = 50_000;
/** What a format wraps around a message, a block or a tool: role, separators, name. */
const WRAPPING_TOKENS = 8;
/** Instructions that a provider adds by itself when tools are offered (Anthropic: up to 804), rounded up. */
const HIDDEN_TOKENS = 1_024;
/** No window of a known model is wider. */
const WIDEST_WINDOW = 1_050_000;

const PICTURES = new Set(['image', 'image_url', 'input_image']);
/** Blocks whose content is elsewhere, or is charged by what is in it. */
const OPEN_BLOCKS = new Set([
  'document',
  'file',
  'input_file',
  'input_audio',
  'video',
  'video_url',
]);
const OPEN_FIELDS = new Set(['previous_response_id', 'conversation', 'prompt', 'container']);

/** Bounds the input of a request from what is in it, in tokens. */
export function boundPrompt(body: Readonly<Record<string, unknown>>): PromptBound {
  let text = 0;
  let pictures = 0;
  let open = [...OPEN_FIELDS].some((field) => (body[field] ?? null) !== null);
  const walk = (value: unknown): void => {
    if (typeof value === 'string') text += boundText(value);
    else if (typeof value === 'number') text += String(value).length;
    else if (typeof value === 'boolean') text += 1;
    else if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === 'object' && value !== null) {
      const type: unknown = 'type' in value ? value.type : undefined;
      if (typeof type === 'string' && PICTURES.has(type)) {
        pictures += 1;
        return;
      }
      if (typeof type === 'string' && OPEN_BLOCKS.has(type)) open = true;
      text += WRAPPING_TOKENS;
      for (const [key, inner] of Object.entries(value)) {
        text += boundText(key) + 1;
        walk(inner);
      }
    }
  };
  walk(body);
  return { tokens: text + pictures * PICTURE_TOKENS + HIDDEN_TOKENS, textTokens: text, open };
}

/** Letters of a word that a vocabulary covers with one token at least, up to a length that words have. */
const LETTERS_PER_TOKEN = 3;
const LONG_WORD = 12;
/** Letters in a row that are no word any more (random text, encoded data). */
const LETTERS_PER_TOKEN_OF_NOISE = 2;

/**
 * Most tokens of a text. A token covers at least one byte, so that no text has more tokens than bytes;
 * that alone would be three to four times too much for code and prose. Counted is what vocabularies are
 * bad at: one for every digit, capital letter, mark and byte beyond ASCII, and one for a run of white
 * space; small letters count by the run. Measured (docs/decisions/005-model-gateway.md) it lies above
 * the real count for prose, code, JSON, hashes, base64 and other scripts.
 */
export function boundText(text: string): number {
  let tokens = 0;
  let letters = 0;
  let inSpace = false;
  const endWord = (): void => {
    if (letters === 0) return;
    const perToken = letters > LONG_WORD ? LETTERS_PER_TOKEN_OF_NOISE : LETTERS_PER_TOKEN;
    tokens += Math.floor(letters / perToken) + 1;
    letters = 0;
  };
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 0x61 && code <= 0x7a) {
      letters += 1;
      inSpace = false;
      continue;
    }
    endWord();
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) {
      // A single space belongs to the word after it.
      const alone = code === 0x20 && !inSpace && !isSpace(text.charCodeAt(at + 1));
      if (!inSpace && !alone) tokens += 1;
      inSpace = true;
      continue;
    }
    inSpace = false;
    // UTF-8: two bytes below U+0800, else three; a surrogate pair is four.
    tokens += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3;
  }
  endWord();
  return tokens;
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** What is known of a call before it is sent. */
export interface CallLimits {
  readonly prompt: PromptBound;
  /** Tokens of the model's window, where the user gave it. */
  readonly contextTokens: number | undefined;
  /** Most tokens of one answer; the request says so to the provider. */
  readonly outputTokens: number;
  /** Answers that the request asks for. */
  readonly answers: number;
}

/** The most tokens that a call can use: all of its input new, each answer as long as it may be. */
export function worstUsage({
  prompt,
  contextTokens,
  outputTokens,
  answers,
}: CallLimits): TokenUsage {
  const window = contextTokens ?? WIDEST_WINDOW;
  const input = prompt.open ? window : Math.min(prompt.tokens, window);
  return { ...NO_TOKENS, input, output: outputTokens * answers };
}

/** The most that a call can cost, USD: its input at the dearest of the prices that input can have. */
export function worstCost(usage: TokenUsage, price: Price): number {
  const tiers =
    price.long !== undefined && usage.input > price.long.aboveTokens
      ? [price, price.long]
      : [price];
  const perMillion = tiers.map((rates) => {
    const dearest = Math.max(
      rates.input,
      rates.cacheRead ?? 0,
      rates.cacheWrite ?? 0,
      rates.cacheWriteHour ?? 0,
    );
    return usage.input * dearest + usage.output * rates.output;
  });
  return Math.max(...perMillion) / 1_000_000;
}

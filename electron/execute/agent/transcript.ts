import { redact } from '../../../shared/policy/redact.ts';
import { BoundedLog } from '../command/boundedLog.ts';
import type { SessionOptions } from './sessionOptions.ts';

/** Enough for some hours of work; start and end are kept. */
const TRANSCRIPT_BYTES = 2 * 1024 * 1024;
/** Most characters of one text: a file that an agent recites does not push its reasons out. */
const MAX_TEXT_CHARS = 32 * 1024;

interface ToolFields {
  readonly title: string;
  readonly tool: string;
  readonly paths: readonly string[];
  readonly command: string | null;
}

/** What is written; `parseTranscript` reads it again, with the time of each entry. */
export type NewEntry =
  | {
      readonly kind: 'start';
      readonly agent: string;
      readonly sessionId: string;
      readonly resumed: boolean;
    }
  | { readonly kind: 'prompt' | 'message' | 'thought'; readonly text: string }
  | ({ readonly kind: 'tool'; readonly id: string; readonly status: string } & ToolFields)
  | ({
      readonly kind: 'permission';
      /** Asked by the agent, or decided when it had its client touch a file or run a command. */
      readonly source: 'request' | 'file' | 'terminal';
      readonly answer: 'allow' | 'deny' | 'ask' | 'cancelled';
      readonly reason: string;
    } & ToolFields)
  | {
      readonly kind: 'plan';
      readonly entries: readonly { readonly content: string; readonly status: string }[];
    }
  | { readonly kind: 'mode'; readonly mode: string }
  /** A line that was no message of the protocol, or the last of standard error. */
  | { readonly kind: 'noise'; readonly text: string }
  | { readonly kind: 'end'; readonly outcome: string; readonly detail: string };

export interface TranscriptOptions {
  readonly file: string;
  /** Never written, e.g. the gateway's token. */
  readonly secrets: readonly string[];
  /** Most bytes kept: half from the start, half from the end. */
  readonly maxBytes?: number;
}

/** What an agent and Vigil said to each other, as JSON lines, without secrets. */
export class Transcript {
  readonly #log: BoundedLog;
  readonly #secrets: readonly string[];

  constructor({ file, secrets, maxBytes }: TranscriptOptions) {
    this.#log = new BoundedLog(file, maxBytes ?? TRANSCRIPT_BYTES);
    this.#secrets = secrets;
  }

  write(entry: NewEntry): void {
    const line = JSON.stringify({ at: Date.now(), ...entry }, (_key, value: unknown) =>
      typeof value === 'string' ? this.#clean(value) : value,
    );
    this.#log.write(Buffer.from(`${line}\n`));
  }

  close(): void {
    this.#log.close();
  }

  /** Redacted before it is cut, so that no half of a key stays. */
  #clean(value: string): string {
    const text = redact(value, this.#secrets);
    const rest = text.length - MAX_TEXT_CHARS;
    return rest > 0 ? `${text.slice(0, MAX_TEXT_CHARS)} [… ${rest} more characters]` : text;
  }
}

/** The transcript that a session is to leave; null when it is to leave none. */
export function openTranscript({
  transcriptFile: file,
  transcriptBytes,
  secrets = [],
}: Pick<SessionOptions, 'transcriptFile' | 'transcriptBytes' | 'secrets'>): Transcript | null {
  if (file === undefined) return null;
  return new Transcript({
    file,
    secrets,
    ...(transcriptBytes !== undefined && { maxBytes: transcriptBytes }),
  });
}

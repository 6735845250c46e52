import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { redact } from '../../../shared/policy/redact.ts';
import { BoundedLog } from '../command/boundedLog.ts';

/** Enough for some hours of work; start and end are kept. */
const TRANSCRIPT_BYTES = 2 * 1024 * 1024;
/** Most characters of one text: a file that an agent recites does not push its reasons out. */
const MAX_TEXT_CHARS = 32 * 1024;
const GAP = /^\[… (\d+) bytes left out …\]$/;

const at = z.number();
const tool = {
  title: z.string(),
  tool: z.string(),
  paths: z.array(z.string()),
  command: z.string().nullable(),
};

const TranscriptEntry = z.discriminatedUnion('kind', [
  z.object({
    at,
    kind: z.literal('start'),
    agent: z.string(),
    sessionId: z.string(),
    resumed: z.boolean(),
  }),
  z.object({ at, kind: z.literal('prompt'), text: z.string() }),
  z.object({ at, kind: z.literal('message'), text: z.string() }),
  z.object({ at, kind: z.literal('thought'), text: z.string() }),
  z.object({ at, kind: z.literal('tool'), id: z.string(), status: z.string(), ...tool }),
  z.object({
    at,
    kind: z.literal('permission'),
    /** Asked by the agent, or decided when it had its client touch a file or run a command. */
    source: z.enum(['request', 'file', 'terminal']),
    answer: z.enum(['allow', 'deny', 'ask', 'cancelled']),
    reason: z.string(),
    ...tool,
  }),
  z.object({
    at,
    kind: z.literal('plan'),
    entries: z.array(z.object({ content: z.string(), status: z.string() })),
  }),
  z.object({ at, kind: z.literal('mode'), mode: z.string() }),
  /** A line that was no message of the protocol, or the last of standard error. */
  z.object({ at, kind: z.literal('noise'), text: z.string() }),
  z.object({ at, kind: z.literal('end'), outcome: z.string(), detail: z.string() }),
]);
/** `at` is in ms since the epoch. */
export type TranscriptEntry =
  | z.infer<typeof TranscriptEntry>
  /** What the bound on its size left out. */
  | { readonly kind: 'gap'; readonly bytes: number };

type WithoutTime<Entry> = Entry extends unknown ? Omit<Entry, 'at'> : never;
export type NewEntry = WithoutTime<z.infer<typeof TranscriptEntry>>;

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

/**
 * The entries of a transcript in their order; lines that a bound or a crash cut are left out.
 * @throws the file system's error when it can't be read
 */
export async function readTranscript(file: string): Promise<TranscriptEntry[]> {
  const text = await readFile(file, 'utf8');
  return text.split('\n').flatMap((line): TranscriptEntry[] => {
    const bytes = GAP.exec(line)?.[1];
    if (bytes !== undefined) return [{ kind: 'gap', bytes: Number(bytes) }];
    const entry = TranscriptEntry.safeParse(json(line));
    return entry.success ? [entry.data] : [];
  });
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Half a line, where the bound or a crash cut it.
    return null;
  }
}

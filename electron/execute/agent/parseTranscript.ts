import { z } from 'zod';

const text = z.string().optional();

/**
 * One entry of a transcript as it is read. Another version of Vigil may have written it: fields that are
 * not known are kept, and kinds that are not known are still shown. `at` is in ms since the epoch.
 */
const Entry = z.looseObject({
  at: z.number().optional(),
  kind: z.string(),
  agent: text,
  resumed: z.boolean().optional(),
  text,
  title: text,
  tool: text,
  status: text,
  command: z.string().nullish(),
  paths: z.array(z.string()).optional(),
  source: text,
  answer: text,
  reason: text,
  entries: z.array(z.looseObject({ content: z.string(), status: z.string() })).optional(),
  mode: text,
  outcome: text,
  detail: text,
  bytes: z.number().optional(),
});
export type Entry = z.infer<typeof Entry>;

/** What stands where the bound on a transcript's size left something out. */
const GAP = /^\[… (\d+) bytes left out …\]$/;

/** The entries of a transcript in their order; lines that a bound or a crash cut are left out. */
export function parseTranscript(text: string): Entry[] {
  return text.split('\n').flatMap((line) => parseLine(line) ?? []);
}

/** One line of a transcript; null when it is no whole entry. */
export function parseLine(line: string): Entry | null {
  const gap = GAP.exec(line.trim())?.[1];
  if (gap !== undefined) return { kind: 'gap', bytes: Number(gap) };
  return Entry.safeParse(jsonOrNull(line)).data ?? null;
}

function jsonOrNull(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

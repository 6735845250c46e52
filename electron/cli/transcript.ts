import { z } from 'zod';

const text = z.string().optional();

/**
 * One entry of a transcript as it is shown. A node may be of another version than this command: fields
 * that are not known are kept for `--json`, and kinds that are not known are still shown.
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

/** The entries of JSON lines, in their order; a line that was cut is left out. */
export function parseTranscript(lines: string): Entry[] {
  return lines.split('\n').flatMap((line): Entry[] => {
    const gap = GAP.exec(line.trim())?.[1];
    if (gap !== undefined) return [{ kind: 'gap', bytes: Number(gap) }];
    const entry = Entry.safeParse(jsonOrNull(line));
    return entry.success ? [entry.data] : [];
  });
}

function jsonOrNull(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

import type { z } from 'zod';

/** A longer reply is no answer to a question of ours; looking for JSON in it would only take time. */
const MAX_REPLY = 200_000;
/** Openings tried before a text counts as one without JSON. */
const MAX_OPENINGS = 200;
/** Mistakes that are named when asking again. */
const MAX_ISSUES = 8;

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

/**
 * Reads the JSON object in a model's reply, bare, in a fence or between words, by a schema. Several objects:
 * the last that fits, since models think first and answer then. The error is worded for asking again.
 */
export function parseJsonReply<T>(text: string, schema: z.ZodType<T>): Parsed<T> {
  if (text.length > MAX_REPLY)
    return { ok: false, error: `the reply is longer than ${MAX_REPLY} characters` };
  const found = objectsIn(text);
  let error = 'the reply holds no JSON object';
  for (const value of found.toReversed()) {
    const result = schema.safeParse(value);
    if (result.success) return { ok: true, value: result.data };
    if (value === found.at(-1)) error = describeIssues(result.error);
  }
  return { ok: false, error };
}

function describeIssues({ issues }: z.ZodError): string {
  const lines = issues
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => `${path.map(String).join('.') || 'the object'}: ${message}`);
  if (issues.length > MAX_ISSUES) lines.push(`and ${issues.length - MAX_ISSUES} more`);
  return lines.join('; ');
}

/** Objects in a text that parse, in their order, none inside another. */
function objectsIn(text: string): unknown[] {
  const found: unknown[] = [];
  let tried = 0;
  for (let at = text.indexOf('{'); at >= 0 && tried < MAX_OPENINGS; tried += 1) {
    const end = endOfObject(text, at);
    const value = end === null ? undefined : parse(text.slice(at, end));
    if (value !== undefined && end !== null) found.push(value);
    at = text.indexOf('{', value === undefined || end === null ? at + 1 : end);
  }
  return found;
}

/** After the brace that closes the one at `start`, by JSON's own strings; null when none does. */
function endOfObject(text: string, start: number): number | null {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined; // braces of something else
  }
}

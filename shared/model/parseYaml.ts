import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { VigilError, messageOf } from './errors.ts';

type Path = readonly PropertyKey[];

/**
 * Reads YAML (or JSON, its subset) and checks it against a schema. An empty text reads as `{}`.
 * Throws `invalid-input` with one line per mistake: file, line, column, field and what was expected.
 */
export function parseYaml<S extends z.ZodType>(schema: S, text: string, file: string): z.infer<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0)
    throw invalid(
      file,
      document.errors.map((error) => `${at(error.pos[0])}: ${error.message}`),
    );

  let data: unknown;
  try {
    data = document.toJS();
  } catch (error) {
    // Aliases that name nothing, or that multiply without end.
    throw invalid(file, [`${at(0)}: ${messageOf(error)}`]);
  }
  const parsed = schema.safeParse(data ?? {});
  if (parsed.success) return parsed.data;
  throw invalid(
    file,
    parsed.error.issues.flatMap((issue) =>
      mistakes(schema, issue).map(({ path, text: said }) => {
        const field = path.length === 0 ? '' : `${fieldName(path)}: `;
        return `${at(offsetOf(document, path))}: ${field}${said}`;
      }),
    ),
  );
}

function invalid(file: string, said: readonly string[]): VigilError {
  return new VigilError('invalid-input', said.join('\n'), `Correct ${file} and try again.`);
}

function mistakes(schema: z.ZodType, issue: z.core.$ZodIssue): { path: Path; text: string }[] {
  if (issue.code !== 'unrecognized_keys')
    return [{ path: issue.path, text: expectation(schema, issue) }];
  const known = knownKeys(schema, issue.path);
  return issue.keys.map((key) => {
    const near = nearest(key, known);
    const hint = near === null ? `; known are ${known.join(', ')}` : `; did you mean "${near}"?`;
    return { path: [...issue.path, key], text: `unknown field${known.length === 0 ? '' : hint}` };
  });
}

function expectation(schema: z.ZodType, issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    const field = issue.discriminator;
    const allowed = schemasAt(schema, issue.path.slice(0, -1)).flatMap((option) =>
      literalsOf(option, field),
    );
    if (allowed.length > 0) return `expected one of ${allowed.join(', ')}`;
  }
  return issue.message.replace(/^Invalid (input|option): /, '');
}

/** The place of the value at `path`, of its key where the value itself has none, or of what holds it. */
function offsetOf(document: Document, path: Path): number {
  const keys = path.map((part) => (typeof part === 'number' ? part : String(part)));
  for (let length = keys.length; length > 0; length -= 1) {
    const name = keys[length - 1];
    const parent: unknown =
      length === 1 ? document.contents : document.getIn(keys.slice(0, length - 1), true);
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isNode(item.key) && String(item.key) === name);
      if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
    }
    const node: unknown = document.getIn(keys.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function fieldName(path: Path): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}

/** The schemas that may stand at `path`: several where a union leaves the choice open. */
function schemasAt(schema: unknown, path: Path): unknown[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault
  )
    return schemasAt(schema.unwrap(), path);
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option: unknown) => schemasAt(option, path));
  const [step, ...rest] = path;
  if (step === undefined) return [schema];
  if (schema instanceof z.ZodArray) return schemasAt(schema.element, rest);
  if (schema instanceof z.ZodRecord) return schemasAt(schema.valueType, rest);
  if (schema instanceof z.ZodObject)
    return schemasAt(Object.entries(schema.shape).find(([key]) => key === step)?.[1], rest);
  return [];
}

function knownKeys(schema: z.ZodType, path: Path): string[] {
  const keys = schemasAt(schema, path).flatMap((found) =>
    found instanceof z.ZodObject ? Object.keys(found.shape) : [],
  );
  return [...new Set(keys)];
}

function literalsOf(option: unknown, field: string): string[] {
  if (!(option instanceof z.ZodObject)) return [];
  const value: unknown = Object.entries(option.shape).find(([key]) => key === field)?.[1];
  return value instanceof z.ZodLiteral ? [...value.values].map(String) : [];
}

/** A typing mistake changes at most this share of a name. */
const NEAR_SHARE = 0.4;

function nearest(name: string, known: readonly string[]): string | null {
  const ranked = known
    .map((candidate) => ({
      candidate,
      distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, name.length * NEAR_SHARE)
    ? best.candidate
    : null;
}

/** Edits between two names: a letter added, left out, replaced, or swapped with its neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : change;
      next.push(Math.min(change, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

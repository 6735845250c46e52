import type { Look } from './look.ts';
import { clean, displayWidth, wrap } from './text.ts';

const INDENT = 2;
/** Below this a wrapped paragraph is harder to read than one that runs over. */
const LEAST_TEXT = 20;

/** A heading with an empty line before it. */
export function heading(text: string, look: Look): string[] {
  return ['', look.colours.bold(text)];
}

/** A paragraph, indented and wrapped; `mark` stands before its first line. */
export function paragraph(text: string, look: Look, mark = ' '.repeat(INDENT)): string[] {
  const indent = displayWidth(mark);
  return wrap(clean(text), Math.max(LEAST_TEXT, look.width - indent)).map(
    (line, index) => (index === 0 ? mark : ' '.repeat(indent)) + line,
  );
}

/** `name  value` lines with the values aligned and wrapped; pairs without a value are left out. */
export function facts(pairs: readonly (readonly [string, string | null])[], look: Look): string[] {
  const shown = pairs.flatMap(([name, value]) =>
    value === null || value === '' ? [] : [{ name, value }],
  );
  const width = Math.max(0, ...shown.map(({ name }) => displayWidth(name)));
  return shown.flatMap(({ name, value }) => {
    const mark = ' '.repeat(INDENT) + name + ' '.repeat(width - displayWidth(name) + INDENT);
    const [first = '', ...rest] = paragraph(value, look, mark);
    return [first.replace(mark, look.colours.dim(mark)), ...rest];
  });
}

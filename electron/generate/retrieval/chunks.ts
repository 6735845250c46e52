/** A piece of a file; the pieces of a file follow each other without gaps. Lines count from 1, `endLine` included. */
export interface Chunk {
  readonly startLine: number;
  readonly endLine: number;
  readonly text: string;
}

/** About a screen and a half: a long function fits. */
const MOST_LINES = 60;
/** Shorter declarations share a piece with their neighbours. */
const FEWEST_LINES = 15;
/** A piece of prose or data with long lines ends earlier, characters. */
const MOST_CHARACTERS = 6_000;

/**
 * Cuts a text where a declaration, a paragraph or a section begins: at a line that is not indented after
 * an empty one, once a piece has 15 lines; without such a place, after 60 lines.
 */
export function chunksOf(text: string): Chunk[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const chunks: Chunk[] = [];
  let start = 0;
  let characters = 0;
  const close = (end: number): void => {
    const piece = lines.slice(start, end);
    if (piece.some((line) => line.trim() !== ''))
      chunks.push({ startLine: start + 1, endLine: end, text: piece.join('\n') });
    start = end;
    characters = 0;
  };
  lines.forEach((line, index) => {
    const length = index - start;
    const begins = lines[index - 1]?.trim() === '' && /^[^\s})\]]/.test(line);
    if (
      (begins && length >= FEWEST_LINES) ||
      length >= MOST_LINES ||
      (length > 0 && characters + line.length > MOST_CHARACTERS)
    )
      close(index);
    characters += line.length + 1;
  });
  if (start < lines.length) close(lines.length);
  return chunks;
}

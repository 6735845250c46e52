const ELLIPSIS = '…';
/** Scripts and symbols that a terminal draws two columns wide. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;
// Variation selectors are marks.
const ZERO_WIDTH = /\p{Mark}|[\u200b-\u200f\u2060]/u;
// eslint-disable-next-line no-control-regex -- control characters are what this is about
const ANSI = /\u001b\[[0-9;]*m/g;
// eslint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * One line of safe text. Titles and reasons come from repositories and tools, and an escape
 * sequence in them could repaint the terminal, so control characters are shown as `·`.
 */
export function clean(text: string): string {
  return text.replace(/\s+/g, ' ').replace(CONTROL, '·').trim();
}

/** Lines of safe text: like `clean`, but line breaks and tabs stay. */
export function cleanLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.replaceAll('\t', '    ').replace(CONTROL, '·'));
}

/** Columns that the text takes in a terminal; colour codes take none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(ANSI, '')) {
    if (!ZERO_WIDTH.test(character)) width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** The text cut to at most `width` columns, with an ellipsis when something is missing. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  let kept = '';
  let used = 0;
  for (const character of text) {
    const columns = displayWidth(character);
    if (used + columns > width - 1) break;
    kept += character;
    used += columns;
  }
  return kept.trimEnd() + ELLIPSIS;
}

/** The text in lines of at most `width` columns, broken between words where it can be. */
export function wrap(text: string, width: number): string[] {
  if (displayWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((long) => pieces(long, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (displayWidth(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** A word that is wider than a line, in parts that are not. */
function pieces(word: string, width: number): string[] {
  const parts: string[] = [];
  let part = '';
  for (const character of word) {
    if (part !== '' && displayWidth(part + character) > Math.max(width, 1)) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}

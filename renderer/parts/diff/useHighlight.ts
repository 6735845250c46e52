import { useEffect, useMemo, useState } from 'react';
import type { highlight as Highlight, Piece } from './highlight.ts';
import type { DiffHunk, DiffLine } from './parseDiff.ts';

/** More than this is shown without colours, so that the page stays quick; characters. */
const MOST_CHARS = 200_000;

/** The pieces of each line that is shown, once the colours have been loaded; until then, and beyond a bound, none. */
export function useHighlight(
  path: string,
  hunks: readonly DiffHunk[],
  wanted: boolean,
): ReadonlyMap<DiffLine, Piece[]> {
  const [highlight, setHighlight] = useState<typeof Highlight | null>(null);
  useEffect(() => {
    if (!wanted) return;
    let ended = false;
    // Without colours a diff can be read as well.
    void import('./highlight.ts').then(
      (loaded) => !ended && setHighlight(() => loaded.highlight),
      () => null,
    );
    return () => {
      ended = true;
    };
  }, [wanted]);
  return useMemo(() => {
    const pieces = new Map<DiffLine, Piece[]>();
    const size = hunks.flatMap(({ lines }) => lines).reduce((n, { text }) => n + text.length, 0);
    if (highlight === null || size > MOST_CHARS) return pieces;
    for (const { lines } of hunks) {
      // Both sides are code of their own; a comment that begins in one line goes on in the next.
      for (const side of ['removed', 'added'] as const) {
        const own = lines.filter(({ kind }) => kind === side || kind === 'same');
        const coloured = highlight(path, own.map(({ text }) => text).join('\n'));
        own.forEach((line, index) => {
          const found = coloured?.[index];
          if (found) pieces.set(line, found);
        });
      }
    }
    return pieces;
  }, [path, hunks, highlight]);
}

import pc from 'picocolors';
import type { Look } from './render/look.ts';
import { cut } from './render/text.ts';

const FALLBACK_WIDTH = 80;
const CLEAR_LINE = '\r\u001b[2K';

interface Place {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Colour only where a person looks: a terminal, unless NO_COLOR is set or the terminal is dumb. */
function wantsColour(place: Place): boolean {
  if (place.env['NO_COLOR']) return false;
  if (place.env['FORCE_COLOR']) return place.env['FORCE_COLOR'] !== '0';
  return place.isTTY && place.env['TERM'] !== 'dumb';
}

/** Columns to fit into; a pipe has no end unless COLUMNS gives it one. */
function widthOf(place: Place): number {
  if (place.isTTY) return place.columns || FALLBACK_WIDTH;
  const declared = Number(place.env['COLUMNS']);
  return Number.isInteger(declared) && declared > 0 ? declared : Infinity;
}

/** Standard output as the commands see it: lines, and on a terminal one line that updates itself. */
export interface Terminal {
  readonly isTTY: boolean;
  look(): Look;
  print(lines: readonly string[]): void;
  /** Text as it is, without an end of line. */
  write(text: string): void;
  /** Replaces the updating line; nothing on a pipe. Null removes it. */
  progress(line: string | null): void;
}

/** The process's own standard output. */
export function openTerminal(): Terminal {
  const out = process.stdout;
  // Node leaves it undefined on a pipe, which picocolors would take for "as you like": coloured where CI is set.
  const isTTY = out.isTTY === true;
  const place = { isTTY, columns: undefined, env: process.env };
  const colours = pc.createColors(wantsColour(place));
  const command = process.env['npm_lifecycle_event'] === 'start' ? 'npx vigil' : 'vigil';
  let updating = '';
  let gone = false;
  // `vigil events | head` ends early, and a terminal window can be closed; that is no failure of ours.
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    if (gone) return;
    gone = true;
    // A node that runs in this process stops as for Ctrl-C; anything else just ends.
    if (!process.emit('SIGTERM')) process.exit(0);
  });
  const width = () => widthOf({ ...place, columns: out.columns });
  const above = (text: string) => {
    out.write(updating === '' ? text : CLEAR_LINE + text + updating);
  };
  return {
    isTTY,
    look: () => ({ width: width(), colours, nowMs: Date.now(), command }),
    print: (lines) => {
      if (lines.length > 0) above(lines.join('\n') + '\n');
    },
    write: (text) => out.write(text),
    progress: (line) => {
      if (!isTTY) return;
      const next = line === null ? '' : colours.dim(cut(line, width() - 1));
      if (next === updating) return;
      out.write(CLEAR_LINE + next);
      updating = next;
    },
  };
}

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const Kept = z.object({ desktop: z.string(), ids: z.array(z.number().int().positive()) });

/**
 * The numbers of the notifications that are on a desktop now, in a file: what a node leaves there when it is killed,
 * its next start takes off. Numbers count only for the desktop that gave them: another one gives them anew, maybe
 * to another program.
 */
export class LeftOnScreen {
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** Those that this desktop had been shown; none when the file is of another one, or can't be read. */
  read(desktop: string): readonly number[] {
    try {
      const kept = Kept.parse(JSON.parse(readFileSync(this.file, 'utf8')));
      return kept.desktop === desktop ? kept.ids : [];
    } catch {
      return [];
    }
  }

  /** Never throws: at worst a notification stays after a crash, which is no reason to show none. */
  write(desktop: string | null, ids: readonly number[]): void {
    try {
      if (desktop === null || ids.length === 0) rmSync(this.file, { force: true });
      else writeFileSync(this.file, JSON.stringify({ desktop, ids }), { mode: 0o600 });
    } catch {
      // As said above.
    }
  }
}

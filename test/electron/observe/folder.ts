import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A temporary folder with these files, as a stand-in for /proc, /sys or a folder on PATH. */
export function folderWith(files: Readonly<Record<string, string>> = {}, mode = 0o644): string {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-observe-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
  }
  return folder;
}

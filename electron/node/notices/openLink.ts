import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** In the home, which only its user can read. */
const FILE = 'open.html';

/**
 * Opens an address of the page in the user's browser. It carries the token, and other users can read the arguments
 * of a process: so the browser is given a file that leads there.
 */
export async function openLink(home: string, link: string): Promise<void> {
  const file = join(home, FILE);
  await rm(file, { force: true });
  const quoted = link.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const page = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${quoted}">`;
  await writeFile(file, page, { mode: 0o600, flag: 'wx' });
  const child = spawn('xdg-open', [file], { detached: true, stdio: 'ignore' });
  // Without such a program there is no browser to open it in.
  child.on('error', () => undefined);
  child.unref();
}

import { execFile } from 'node:child_process';
import { access, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * Installs the coding agents that the tests drive, when this folder's lockfile has changed since or they
 * were never installed. Only opencode's install script is run: it links the binary that its package
 * brings, where that is there, and downloads nothing.
 */
const folder = path.dirname(fileURLToPath(import.meta.url));
const stamp = path.join(folder, 'node_modules', '.installed');
const run = promisify(execFile);

const lockfile = await readFile(path.join(folder, 'package-lock.json'), 'utf8');
if ((await readFile(stamp, 'utf8').catch(() => null)) !== lockfile) {
  console.log('Installing the coding agents that the tests drive (700 MB, once) …');
  // qwen wants Node 22: npm is to see the Node that runs this.
  const env = {
    ...process.env,
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH'] ?? ''}`,
  };
  const npm = (...args: string[]) =>
    run('npm', [...args, '--no-audit', '--no-fund'], { cwd: folder, env });
  // Not `npm ci`: the lockfile that npm writes lacks platforms' packages that qwen names and nobody published.
  await npm('install', '--no-save', '--ignore-scripts');
  await npm('rebuild', 'opencode-ai');
  await access(path.join(folder, 'node_modules', '.bin', 'opencode'));
  await writeFile(stamp, lockfile);
}

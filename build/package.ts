// Packages the app with electron-builder: `npm run package -- [--linux dir tar.gz] [--mac] [--output DIR]`.
// Without an argument: what electron-builder.yml says for this system. Where ELECTRON_OVERRIDE_DIST_PATH names an Electron that is there
// already, that one is packaged and nothing is fetched.
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';

const Settings = z.looseObject({
  directories: z.looseObject({ output: z.string() }),
  electronFuses: z.record(z.string(), z.boolean()),
  electronVersion: z.string().optional(),
  electronDist: z.string().optional(),
});
/** The Electron that has every fuse of our settings. */
const LAST_FUSE_SINCE = 29;

const root = join(import.meta.dirname, '..');
const { values: own, positionals: given } = parseArgs({
  options: { output: { type: 'string' }, linux: { type: 'boolean' }, mac: { type: 'boolean' } },
  allowPositionals: true,
});
if (lstatSync(join(root, 'node_modules')).isSymbolicLink()) {
  // It would make an app that lacks half of its packages, with no more than a line about it.
  throw new Error('node_modules is a link, behind which the packager does not find it all.');
}
const runtime = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
const work = mkdtempSync(join(tmpdir(), 'vigil-package-'));
const config = join(work, 'electron-builder.json');
const settings = Settings.parse(parse(readFileSync(join(root, 'electron-builder.yml'), 'utf8')));
const env = { ...process.env };
if (own.output !== undefined) settings.directories.output = resolve(own.output);
if (runtime) {
  // A copy of what links point to: the packager moves files out of it.
  const copy = join(work, 'electron');
  cpSync(runtime, copy, { recursive: true, dereference: true });
  rmSync(join(copy, 'resources'), { recursive: true, force: true });
  const version = readFileSync(join(runtime, 'version'), 'utf8').trim().replace(/^v/, '');
  settings.electronVersion = version;
  settings.electronDist = copy;
  // An older one does not have all the fuses, and the packager refuses to set what is not there.
  if (Number(version.split('.')[0]) < LAST_FUSE_SINCE) {
    delete settings.electronFuses['grantFileProtocolExtraPrivileges'];
  }
}
writeFileSync(config, JSON.stringify(settings));
/** Debian's p7zip-full; the packager would fetch one of its own. */
const SEVEN_ZIP = '/usr/bin/7za';
if (process.platform === 'linux' && existsSync(SEVEN_ZIP))
  env['ELECTRON_BUILDER_7ZIP_PATH'] ??= SEVEN_ZIP;
/** The packager's own, 9, takes many minutes on two cores for little. */
const GZIP_LEVEL = '5';
if (own.linux === true || process.platform === 'linux')
  env['ELECTRON_BUILDER_COMPRESSION_LEVEL'] ??= GZIP_LEVEL;
try {
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules/electron-builder/cli.js'),
      ...(own.linux === true ? ['--linux', ...given] : []),
      ...(own.mac === true ? ['--mac', ...given] : []),
      ...['--config', config, '--publish', 'never'],
    ],
    { cwd: root, stdio: 'inherit', env },
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}

import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { commandEnvironment } from '../command/environment.ts';

/** Where installers put programs without telling a service that did not start from a shell. */
const USER_FOLDERS = [
  '.local/bin',
  '.npm-global/bin',
  '.opencode/bin',
  '.bun/bin',
  '.volta/bin',
  '.cargo/bin',
  'bin',
];
const SYSTEM_FOLDERS = ['/usr/local/bin', '/opt/homebrew/bin'];
/** A program that does not tell its version by then is one that has none to tell. */
const VERSION_TIMEOUT_MS = 5000;
/** From a program up to the top of its package. */
const MAX_PACKAGE_DEPTH = 4;

const run = promisify(execFile);
const Manifest = z.looseObject({ name: z.string(), version: z.string() });

/** The path of the first of these programs that is installed, or null. A name with a folder is a path. */
export async function findProgram(
  names: readonly string[],
  from: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const home = from['HOME'] ?? os.homedir();
  const folders = [
    ...(from['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder)),
    ...USER_FOLDERS.map((folder) => path.join(home, folder)),
    // Global programs of npm lie beside the Node that installed them.
    path.dirname(process.execPath),
    ...SYSTEM_FOLDERS,
  ];
  for (const name of names) {
    const candidates = name.startsWith('~/')
      ? [path.join(home, name.slice(2))]
      : name.includes('/')
        ? [path.resolve(name)]
        : folders.map((folder) => path.join(folder, name));
    for (const file of candidates) if (await isProgram(file)) return file;
  }
  return null;
}

/** The version of an installed program: from its npm package, or as it says itself; null when neither tells. */
export async function programVersion(file: string): Promise<string | null> {
  let folder = path.dirname(await realpath(file).catch(() => file));
  for (let depth = 0; depth < MAX_PACKAGE_DEPTH; depth++) {
    const text = await readFile(path.join(folder, 'package.json'), 'utf8').catch(() => null);
    const manifest = text === null ? null : readManifest(text);
    if (manifest !== null) return manifest.version;
    folder = path.dirname(folder);
  }
  const said = await run(file, ['--version'], {
    timeout: VERSION_TIMEOUT_MS,
    killSignal: 'SIGKILL',
    env: commandEnvironment(process.env),
  }).then(
    ({ stdout, stderr }) => `${stdout}\n${stderr}`,
    // One that does not know the option may still be a good agent.
    () => '',
  );
  return /\d+\.\d+(?:\.\d+)?[\w.+-]*/.exec(said)?.[0] ?? null;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    // Absent, or not ours to run.
    return false;
  }
}

function readManifest(text: string): z.infer<typeof Manifest> | null {
  try {
    return Manifest.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // Not a manifest: the search goes on above.
    return null;
  }
}

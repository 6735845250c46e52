import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { lstatSync, readdirSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);
const META = 'meta.json';
/** Folders looked at before other work on the event loop gets its turn. */
const FOLDERS_PER_TURN = 50;

const Entry = z.strictObject({
  /** Where the stored folders belong, relative to the workspace; the i-th is stored under its number. */
  folders: z.array(z.string()),
  /** Digest of the files' sizes and times: hard links let a careless test write through into the store. */
  fingerprint: z.string(),
  /** Scripts of the root package that made files elsewhere and have to run in each workspace. */
  scripts: z.array(z.string()),
  installMs: z.number(),
});
export type Entry = z.infer<typeof Entry>;

/** Installed dependency folders by key, shared by the workspaces of a project through hard links. */
export class DependencyStore {
  readonly #folder: string;
  readonly #installing = new Map<string, Promise<unknown>>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Opens the store and removes what a crash left half made. */
  static async open(folder: string): Promise<DependencyStore> {
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) {
      if (name.startsWith('tmp-'))
        await rm(path.join(folder, name), { recursive: true, force: true });
    }
    return new DependencyStore(folder);
  }

  /** Runs one installation of a key at a time; those that come meanwhile wait, then look again. */
  async once<T>(key: string, action: () => Promise<T>): Promise<T> {
    for (;;) {
      const running = this.#installing.get(key);
      if (running === undefined) break;
      // Its failure is its caller's to report.
      await running.catch(() => undefined);
    }
    const mine = action().finally(() => this.#installing.delete(key));
    this.#installing.set(key, mine);
    return mine;
  }

  /** The entry of a key; null when there is none or its files no longer are what was stored. */
  async find(key: string): Promise<Entry | null> {
    const folder = path.join(this.#folder, key);
    const text = await readFile(path.join(folder, META), 'utf8').catch(() => null);
    if (text === null) return null;
    const entry = Entry.safeParse(parseJson(text));
    if (
      entry.success &&
      (await fingerprint(folder, entry.data.folders.length)) === entry.data.fingerprint
    )
      return entry.data;
    await this.#discard(folder);
    return null;
  }

  /** Links an entry's folders into a workspace, in place of what is there. */
  async restore(key: string, entry: Entry, workspace: string): Promise<void> {
    for (const [i, folder] of entry.folders.entries()) {
      const target = path.join(workspace, folder);
      await rm(target, { recursive: true, force: true });
      await mkdir(path.dirname(target), { recursive: true });
      await copyTree(path.join(this.#folder, key, String(i)), target);
    }
  }

  /** Stores folders of a workspace under a key. */
  async add(key: string, workspace: string, entry: Omit<Entry, 'fingerprint'>): Promise<void> {
    const temporary = path.join(this.#folder, `tmp-${key}`);
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary);
    for (const [i, folder] of entry.folders.entries()) {
      await copyTree(path.join(workspace, folder), path.join(temporary, String(i)));
    }
    const complete: Entry = {
      ...entry,
      fingerprint: await fingerprint(temporary, entry.folders.length),
    };
    await writeFile(path.join(temporary, META), JSON.stringify(complete));
    await this.#discard(path.join(this.#folder, key));
    await rename(temporary, path.join(this.#folder, key));
  }

  async #discard(folder: string): Promise<void> {
    const trash = path.join(this.#folder, `tmp-old-${path.basename(folder)}`);
    await rm(trash, { recursive: true, force: true });
    const moved = await rename(folder, trash).then(
      () => true,
      () => false,
    );
    if (moved) await rm(trash, { recursive: true, force: true });
  }
}

/** Copies a tree the cheapest way the system has: hard links on Linux, clones on macOS, else bytes. */
async function copyTree(from: string, to: string): Promise<void> {
  const flags =
    process.platform === 'linux' ? ['-al'] : process.platform === 'darwin' ? ['-cRp'] : null;
  const copied =
    flags !== null &&
    (await run('cp', [...flags, from, to]).then(
      () => true,
      () => false,
    ));
  if (copied) return;
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}

async function fingerprint(folder: string, count: number): Promise<string> {
  const hash = createHash('sha256');
  for (let i = 0; i < count; i++) {
    const pending = [path.join(folder, String(i))];
    for (let seen = 1; ; seen++) {
      const at = pending.pop();
      if (at === undefined) break;
      if (seen % FOLDERS_PER_TURN === 0) await breathe();
      for (const item of readdirSync(at, { withFileTypes: true }).sort((a, b) =>
        a.name < b.name ? -1 : 1,
      )) {
        const file = path.join(at, item.name);
        if (item.isDirectory()) pending.push(file);
        else if (item.isFile()) {
          const { size, mtimeMs } = lstatSync(file);
          hash.update(`${file.slice(folder.length)}\0${size}\0${mtimeMs}\n`);
        }
      }
    }
  }
  return hash.digest('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Cut off by a crash or a full disk: no entry.
    return null;
  }
}

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../../shared/model/errors.ts';

/** What is installed, generated or somebody else's says nothing about the project itself. */
const FOREIGN_FOLDERS = new Set([
  'node_modules',
  'bower_components',
  'vendor',
  'third_party',
  'dist',
  'coverage',
  'target',
  '__pycache__',
]);
/** Enough files to tell what a project is made of, and an end on one that holds millions. */
const MAX_FILES = 5000;

const Names = z.record(z.string(), z.string()).optional().catch(undefined);

/** The fields of `package.json` that say how a project is built; a field of a wrong type counts as absent. */
const Manifest = z.object({
  packageManager: z.string().optional().catch(undefined),
  scripts: Names,
  dependencies: Names,
  devDependencies: Names,
  optionalDependencies: Names,
  peerDependencies: Names,
  workspaces: z.unknown().optional(),
  prettier: z.unknown().optional(),
  eslintConfig: z.unknown().optional(),
});
export type Manifest = z.infer<typeof Manifest>;

/** What lies in a project's folder, looked at once. */
export interface ProjectFiles {
  readonly root: string;
  /** Names in the top folder. */
  readonly top: ReadonlySet<string>;
  /** Paths of the project's own files, at most 5,000, hidden folders left out. */
  readonly files: readonly string[];
  /** Null when there is no readable `package.json`. */
  readonly manifest: Manifest | null;
  /** What was noticed on the way, in sentences. */
  readonly notes: readonly string[];
}

/** Looks at a project's folder. Throws what reading the folder throws. */
export async function readProjectFiles(root: string): Promise<ProjectFiles> {
  const top = new Set(await readdir(root));
  const files = await listFiles(root);
  if (!top.has('package.json')) return { root, top, files, manifest: null, notes: [] };
  try {
    const parsed: unknown = JSON.parse(
      (await readFile(path.join(root, 'package.json'), 'utf8')).replace(/^\uFEFF/, ''),
    );
    return { root, top, files, manifest: Manifest.parse(parsed), notes: [] };
  } catch (error) {
    const reason = error instanceof z.ZodError ? 'it is not an object' : messageOf(error);
    return {
      root,
      top,
      files,
      manifest: null,
      notes: [`package.json can't be read (${reason}), so nothing was taken from it.`],
    };
  }
}

/** Whether the project declares a package among its dependencies of any kind. */
export function dependsOn(manifest: Manifest | null, name: string): boolean {
  return [
    manifest?.dependencies,
    manifest?.devDependencies,
    manifest?.optionalDependencies,
    manifest?.peerDependencies,
  ].some((names) => names !== undefined && Object.hasOwn(names, name));
}

/** Breadth first, so that a project too large to see whole is seen from its top. */
async function listFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [''];
  for (
    let folder = folders.shift();
    folder !== undefined && files.length < MAX_FILES;
    folder = folders.shift()
  ) {
    // A folder that can't be read is left out; git will say so when it matters.
    for (const entry of await readdir(path.join(root, folder), { withFileTypes: true }).catch(
      () => [],
    )) {
      const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile()) files.push(file);
      else if (
        entry.isDirectory() &&
        !entry.name.startsWith('.') &&
        !FOREIGN_FOLDERS.has(entry.name)
      )
        folders.push(file);
    }
  }
  return files.slice(0, MAX_FILES);
}

import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VigilError } from '../../shared/model/errors.ts';

/** The folder of an installed package as seen from `from`, or null. Follows Node's walk up the tree. */
export function findPackage(name: string, from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === dirname(folder)) return null;
  }
}

/** The folder of a package that Vigil itself depends on. Throws `internal` when it is not installed. */
export function ownPackage(name: string): string {
  const found = findPackage(name, import.meta.dirname);
  if (found === null)
    throw new VigilError('internal', `Vigil's own ${name} is missing`, 'Install Vigil again.');
  return found;
}

/** Where Vigil's own code and what it depends on are: its package, and each `node_modules` that it may lie in. */
export function ownFolders(): string[] {
  const folders: string[] = [];
  let found = false;
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (!found && existsSync(join(folder, 'package.json'))) {
      found = true;
      folders.push(folder);
    } else if (basename(folder) === 'node_modules') folders.push(folder);
  }
  return folders;
}

/**
 * The file of one of Vigil's child processes: the source itself in a checkout, `dist/<name>.js`
 * when bundled (where this module may lie in `dist/` or `dist/chunks/`).
 */
export function childEntry(name: string, source: URL): string {
  if (import.meta.url.endsWith('.ts')) return fileURLToPath(source);
  const beside = [`${name}.js`, `../${name}.js`].map((file) => join(import.meta.dirname, file));
  const found = beside.find((file) => existsSync(file));
  if (found === undefined)
    throw new VigilError('internal', `dist/${name}.js is missing`, 'Run npm run build.');
  return found;
}

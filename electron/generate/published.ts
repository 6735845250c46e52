import { posix } from 'node:path';
import picomatch from 'picomatch';
import { isManifest, type Manifest } from '../tools/manifestEdits.ts';
import { isCode } from './files.ts';

/** What the detectors of published code need to know of a project. */
export interface ProjectTexts {
  readonly files: readonly string[];
  text(file: string): string;
}

/** The parsed manifest at this path, or null when there is none that can be read. */
export function manifestAt(context: ProjectTexts, file: string): Manifest | null {
  if (!context.files.includes(file)) return null;
  try {
    const parsed: unknown = JSON.parse(context.text(file));
    return isManifest(parsed) ? parsed : null;
  } catch {
    return null; // not JSON: no detector can say anything about it
  }
}

/** The manifest of the package that a file belongs to: the nearest one above it. */
function manifestOf(context: ProjectTexts, file: string): Manifest | null {
  for (let folder = posix.dirname(file); ; folder = posix.dirname(folder)) {
    const manifest = manifestAt(context, posix.join(folder, 'package.json'));
    // One without a name only sets the module type of a folder.
    if (manifest?.name !== undefined || folder === '.' || folder === '/') return manifest;
  }
}

/** Whether a file is of a public package without an `exports` field: its users may import it by path. */
export function isImportable(context: ProjectTexts, file: string): boolean {
  const manifest = manifestOf(context, file);
  if (manifest === null || manifest.private === true) return false;
  return (
    manifest.exports === undefined &&
    typeof manifest.name === 'string' &&
    manifest.version !== undefined
  );
}

const ENTRY_FIELDS = [
  'main',
  'module',
  'browser',
  'bin',
  'types',
  'typings',
  'exports',
  'imports',
  'source',
  'unpkg',
  'jsdelivr',
];
const ENDING = /(?:\.d)?(?:\.(?:min|prod|production|development|umd|esm|cjs))*\.[cm]?[jt]sx?$/;

/** Every path that a field of a manifest names, at any depth; keys are files only in `browser`. */
function paths(value: unknown, withKeys: boolean): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap((item) => paths(item, withKeys));
  if (!isManifest(value)) return [];
  return [
    ...(withKeys ? Object.keys(value) : []),
    ...Object.values(value).flatMap((item) => paths(item, withKeys)),
  ];
}

/** The files by which the users of a package reach it, as its manifest names them, relative to the root. */
export function entryFiles(context: ProjectTexts, manifestFile: string): string[] {
  const manifest = manifestAt(context, manifestFile);
  if (manifest === null) return [];
  const folder = posix.dirname(manifestFile);
  const named = ENTRY_FIELDS.flatMap((field) => paths(manifest[field], field === 'browser')).filter(
    (path) => !/^(?:#|[a-z]+:)/.test(path),
  );
  return [...new Set(named.map((path) => posix.join(folder, path)))].filter(
    (path) => path !== folder && !path.startsWith('..'),
  );
}

/** Folders of a build that the sources do not have. */
const FORMAT = /^(?:esm|cjs|es|mjs|umd|node|browser|types|modern|legacy)$/;

/** `dist/esm/pad` → itself, `esm/pad`, `pad`; a `*` of a manifest also stands for folders. */
function endings(stem: string): string[] {
  const parts = stem.split('/');
  // `dist/all/*` opens the folder `all` of the sources, `dist/esm/*` all of them.
  const opensAll = parts.slice(1, -1).every((part) => FORMAT.test(part));
  return parts
    .map((_, index) => parts.slice(index).join('/'))
    .filter((end) => end !== '*' || opensAll)
    .map((end) => end.replaceAll('*', '**/*'))
    .flatMap((end) => [end, `${end}/index`]);
}

/**
 * The sources of the entry files that only a build makes: `dist/esm/utils/pad.js` comes from
 * `src/utils/pad.ts`. They are public although nothing in the repository names them.
 */
export function entrySources(context: ProjectTexts): string[] {
  const known = new Set(context.files);
  const manifests = context.files.filter((file) => posix.basename(file) === 'package.json');
  const found = manifests.flatMap((manifest) => {
    const root = manifest.slice(0, -'package.json'.length);
    const built = entryFiles(context, manifest).filter((file) => !known.has(file));
    if (built.length === 0) return [];
    const isEntry = picomatch(
      built.flatMap((file) => endings(file.slice(root.length).replace(ENDING, ''))),
    );
    return context.files.filter((file) => {
      if (!file.startsWith(root) || !isCode(file)) return false;
      const stem = file.slice(root.length).replace(ENDING, '');
      return isEntry(stem) || isEntry(stem.slice(stem.indexOf('/') + 1));
    });
  });
  return [...new Set(found)];
}

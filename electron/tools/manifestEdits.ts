import type { z } from 'zod';

type Json = z.core.util.JSONType;
export type Manifest = { [key: string]: Json };

/** Where npm's documentation and `npm init` put the fields, first to last. */
const FIELD_ORDER = [
  'name',
  'version',
  'private',
  'description',
  'keywords',
  'homepage',
  'bugs',
  'repository',
  'funding',
  'license',
  'author',
  'contributors',
  'sideEffects',
  'type',
  'exports',
  'main',
  'module',
  'browser',
  'types',
  'bin',
  'man',
  'files',
  'directories',
  'engines',
  'packageManager',
  'workspaces',
  'scripts',
  'config',
  'dependencies',
  'devDependencies',
  'peerDependencies',
  'optionalDependencies',
];

/** Whether a parsed JSON value is an object. */
export function isManifest(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Writes a manifest with the indentation, line ends and final newline of the text it came from. */
export function printManifest(manifest: Manifest, original: string): string {
  const indent = /^[{]\r?\n([ \t]+)/.exec(original)?.[1] ?? '  ';
  const newline = original.includes('\r\n') ? '\r\n' : '\n';
  const text = JSON.stringify(manifest, null, indent).replaceAll('\n', newline);
  return original.endsWith('\n') ? text + newline : text;
}

/** The manifest with a field added, between the neighbours that the customary order gives it. */
export function withField(manifest: Manifest, field: string, value: Json): Manifest {
  const place = FIELD_ORDER.indexOf(field);
  const earlier = new Set(place < 0 ? [] : FIELD_ORDER.slice(0, place));
  const keys = Object.keys(manifest);
  const after = place < 0 ? keys.length - 1 : keys.findLastIndex((key) => earlier.has(key));
  const entries = Object.entries(manifest);
  entries.splice(after + 1, 0, [field, value]);
  return Object.fromEntries(entries);
}

/** The manifest without a dependency, and without a section that this leaves empty. */
export function withoutDependency(manifest: Manifest, section: string, name: string): Manifest {
  const listed = manifest[section];
  if (!isManifest(listed) || !(name in listed)) return manifest;
  const rest = Object.entries(listed).filter(([key]) => key !== name);
  return Object.fromEntries(
    Object.entries(manifest).flatMap(([key, value]) =>
      key !== section ? [[key, value]] : rest.length === 0 ? [] : [[key, Object.fromEntries(rest)]],
    ),
  );
}

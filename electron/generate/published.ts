import { isManifest, type Manifest } from '../tools/manifestEdits.ts';
import type { ScanContext } from './context.ts';

/** The parsed manifest at this path, or null when there is none that can be read. */
export function manifestAt(context: ScanContext, file: string): Manifest | null {
  if (!context.files.includes(file)) return null;
  try {
    const parsed: unknown = JSON.parse(context.text(file));
    return isManifest(parsed) ? parsed : null;
  } catch {
    return null; // not JSON: no detector can say anything about it
  }
}

/** A public package without an `exports` field: users may import any of its files by path. */
export function publishesEveryFile(context: ScanContext): boolean {
  const manifest = manifestAt(context, 'package.json');
  if (manifest === null || manifest.private === true) return false;
  return manifest.exports === undefined && typeof manifest.name === 'string' && manifest.version !== undefined;
}

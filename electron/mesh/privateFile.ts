import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { VigilError, messageOf } from '../../shared/model/errors.ts';

/** Writes a file that only this user can read, whole or not at all, and on the disk when this returns. */
export function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  // A file that a crash left there keeps its mode when it is written again.
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** The text of a file; null when there is none. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** What a JSON file holds; null when there is none. Throws `store-corrupt` when it is not what was written. */
export function readPrivateJson<T>(path: string, schema: z.ZodType<T>): T | null {
  const text = readIfThere(path);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new VigilError(
      'store-corrupt',
      `${path} can't be read: ${messageOf(error)}`,
      'Restore the file from a backup, or remove the folder `mesh` of this home and join again with a new invitation.',
      { cause: error },
    );
  }
}

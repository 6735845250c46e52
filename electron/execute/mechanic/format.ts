import { readFile } from 'node:fs/promises';
import { insideWorkspace } from '../../tools/insideWorkspace.ts';
import { format, hasPrettier } from '../../tools/prettier.ts';
import type { MechanicResult, MechanicWorkspace } from './mechanicWorkspace.ts';

/** Formats one file with the project's own formatter. */
export async function formatFile(
  file: string,
  { root, signal, wrap }: MechanicWorkspace,
): Promise<MechanicResult> {
  const path = await insideWorkspace(root, file);
  if (path === null) return { nothing: `${file} is gone` };
  if (!hasPrettier(root)) return { nothing: 'the project has no prettier installed' };
  const before = await readFile(path);
  await format(root, file, signal, wrap);
  if (before.equals(await readFile(path))) return { nothing: `${file} is formatted already` };
  return { summary: `Formatted ${file}` };
}

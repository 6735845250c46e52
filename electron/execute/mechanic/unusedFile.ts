import { rm } from 'node:fs/promises';
import { insideWorkspace } from '../../tools/insideWorkspace.ts';
import type { MechanicResult, MechanicWorkspace } from './mechanicWorkspace.ts';

/** Deletes a file that nothing uses. */
export async function deleteFile(
  file: string,
  { root }: MechanicWorkspace,
): Promise<MechanicResult> {
  const path = await insideWorkspace(root, file);
  if (path === null) return { nothing: `${file} is gone already` };
  await rm(path);
  return { summary: `Deleted ${file}` };
}

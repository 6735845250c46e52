import { readFile, writeFile } from 'node:fs/promises';
import { editExports } from '../../tools/editExports.ts';
import { insideWorkspace } from '../../tools/insideWorkspace.ts';
import type { MechanicResult, MechanicWorkspace } from './mechanicWorkspace.ts';

/** Takes back exports that nothing imports, with the code that only they kept alive. */
export async function removeExports(
  file: string,
  names: readonly string[],
  { root, signal }: MechanicWorkspace,
): Promise<MechanicResult> {
  const path = await insideWorkspace(root, file);
  if (path === null) return { nothing: `${file} is gone` };
  const before = await readFile(path, 'utf8');
  const { text, removed } = await editExports(
    { file, text: before, names: [...names] },
    { root, ...(signal ? { signal } : {}) },
  );
  if (removed.length === 0)
    return {
      nothing: `${file} does not export ${names.join(', ')} in a way that can be taken back`,
    };
  await writeFile(path, text);
  return {
    summary: `Removed unused export${removed.length > 1 ? 's' : ''} ${removed.join(', ')} from ${file}`,
  };
}

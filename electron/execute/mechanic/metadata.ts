import { readFile, writeFile } from 'node:fs/promises';
import type { MechanicRecipe } from '../../../shared/model/task.ts';
import { insideWorkspace } from '../../tools/insideWorkspace.ts';
import { isManifest, printManifest, withField } from '../../tools/manifestEdits.ts';
import type { MechanicResult, MechanicWorkspace } from './mechanicWorkspace.ts';

/** Adds one missing field to a package manifest; never overwrites what is there. */
export async function addMetadata(
  { manifest, field, value }: Extract<MechanicRecipe, { kind: 'metadata' }>,
  { root }: MechanicWorkspace,
): Promise<MechanicResult> {
  const path = await insideWorkspace(root, manifest);
  if (path === null) return { nothing: `${manifest} is gone` };
  const text = await readFile(path, 'utf8');
  const parsed: unknown = JSON.parse(text);
  if (!isManifest(parsed)) return { nothing: `${manifest} is not an object` };
  if (field in parsed) return { nothing: `${manifest} has a ${field} already` };
  await writeFile(path, printManifest(withField(parsed, field, value), text));
  return { summary: `Added ${field} to ${manifest}` };
}

import { hasOwnEslint, runEslint } from '../../tools/eslint.ts';
import { insideWorkspace } from '../../tools/insideWorkspace.ts';
import type { MechanicResult, MechanicWorkspace } from './mechanicWorkspace.ts';

/** Applies ESLint's own fixes of the given rules to one file. */
export async function fixLint(
  file: string,
  rules: readonly string[],
  { root, signal, wrap }: MechanicWorkspace,
): Promise<MechanicResult> {
  if ((await insideWorkspace(root, file)) === null) return { nothing: `${file} is gone` };
  // The unused-imports plugin is Vigil's, whatever configuration the project has.
  const project = hasOwnEslint(root) && !rules.every((rule) => rule.startsWith('unused-imports/'));
  const options = { root, files: [file], fix: true, project, rules, signal, wrap };
  const [result] = await runEslint(options);
  if (result === undefined) return { nothing: `ESLint ignores ${file}` };
  if (!result.fixed)
    return { nothing: `${file} has nothing left that ${rules.join(', ')} can fix` };
  return { summary: `Applied the fixes of ${rules.join(', ')} to ${file}` };
}

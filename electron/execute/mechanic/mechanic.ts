import type { MechanicRecipe } from '../../../shared/model/task.ts';
import { formatFile } from './format.ts';
import { fixLint } from './lintFix.ts';
import { addMetadata } from './metadata.ts';
import { revertTask } from './revert.ts';
import { removeDependency } from './unusedDependency.ts';
import { removeExports } from './unusedExports.ts';
import { deleteFile } from './unusedFile.ts';
import type { MechanicResult, MechanicWorkspace } from './mechanicWorkspace.ts';

/**
 * Carries out one recipe as one small diff in the workspace, without a model.
 * A recipe that no longer applies answers `nothing` with the reason. Throws a VigilError when a
 * tool fails, and `invalid-input` when the recipe names a path outside the workspace.
 */
export function runRecipe(
  recipe: MechanicRecipe,
  workspace: MechanicWorkspace,
): Promise<MechanicResult> {
  switch (recipe.kind) {
    case 'unused-file':
      return deleteFile(recipe.file, workspace);
    case 'unused-exports':
      return removeExports(recipe.file, recipe.names, workspace);
    case 'unused-dependency':
      return removeDependency(recipe, workspace);
    case 'lint-fix':
      return fixLint(recipe.file, recipe.rules, workspace);
    case 'format':
      return formatFile(recipe.file, workspace);
    case 'metadata':
      return addMetadata(recipe, workspace);
    case 'revert':
      return revertTask(recipe, workspace);
  }
}

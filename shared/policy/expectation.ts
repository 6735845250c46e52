import type { MechanicRecipe, TaskSpec, TaskType } from '../model/task.ts';

/** How large a diff a reviewer expects; `lines` null: size says nothing about this kind of work. */
export interface SizeExpectation {
  /** Changed lines, a removed one counted by half: it is read faster than a new one. */
  readonly lines: number | null;
  readonly reason: string;
}

/**
 * Lines by type of work. 400 is where reviewers stop finding defects (SmartBear's study of code
 * review at Cisco, 2006); the smaller ones say how focused such work is meant to be.
 */
const LINES: Record<TaskType, number | null> = {
  implementation: 400,
  refactor: 400,
  test: 300,
  research: 300,
  docs: 200,
  fix: 120,
  dependency: 40,
  metadata: 10,
  cleanup: 200,
  // A formatter or a human's own command decides what it touches.
  format: null,
  command: null,
  milestone: null,
};

/** A fix of one rule in one file that is larger than this did more than repair. */
const LINT_FIX_LINES = 40;
/** One export is a keyword, or a small declaration with its comment. */
const LINES_PER_EXPORT = 20;

/** The size that the diff of a task is expected to have, from its recipe or its type. */
export function sizeExpectation(spec: Pick<TaskSpec, 'type' | 'executor'>): SizeExpectation {
  if (spec.executor.kind === 'mechanic') return ofRecipe(spec.executor.recipe);
  const lines = LINES[spec.type];
  return {
    lines,
    reason: lines === null ? `${spec.type} work has no expected size` : `${spec.type} work`,
  };
}

function ofRecipe(recipe: MechanicRecipe): SizeExpectation {
  switch (recipe.kind) {
    case 'unused-exports':
      return {
        lines: LINES_PER_EXPORT * recipe.names.length,
        reason: `${recipe.names.length} unused exports`,
      };
    case 'lint-fix':
      return { lines: LINT_FIX_LINES, reason: 'lint fixes in one file' };
    case 'metadata':
      return { lines: 10, reason: 'one manifest field' };
    // The file, the lockfile, the formatter or what was merged decides, not the mechanic.
    case 'revert':
    case 'unused-file':
    case 'unused-dependency':
    case 'format':
      return { lines: null, reason: `${recipe.kind} has no expected size` };
    default:
      return recipe satisfies never;
  }
}

import { hasOwnEslintConfig, runEslint, type EslintFileResult } from '../tools/eslint.ts';
import { isGenerated, isOwnCode } from './files.ts';

/** The one rule of Vigil's that every project gets, whatever its own configuration says. */
export const UNUSED_IMPORTS = 'unused-imports/no-unused-imports';

/** Files per ESLint process: bounded memory on large projects, and a broken file costs one batch. */
const BATCH = 400;

interface LintedProject {
  readonly root: string;
  readonly files: readonly string[];
  readonly signal: AbortSignal;
  text(file: string): string;
}

async function lint(
  context: LintedProject,
  project: boolean,
  rules?: readonly string[],
): Promise<EslintFileResult[]> {
  const { root, signal } = context;
  const files = context.files.filter((file) => isOwnCode(file) && !isGenerated(context.text(file)));
  const results: EslintFileResult[] = [];
  for (let start = 0; start < files.length; start += BATCH) {
    const batch = files.slice(start, start + BATCH);
    results.push(
      ...(await runEslint({
        root,
        files: batch,
        fix: false,
        project,
        signal,
        ...(rules && { rules }),
      })),
    );
  }
  return results;
}

/** What the project's own ESLint says of its code. Throws `command-failed`. */
export function lintByProject(context: LintedProject): Promise<EslintFileResult[]> {
  return lint(context, true);
}

/** What Vigil's rules say: all of them, or of a project with rules of its own only the unused imports. */
export function lintByVigil(context: LintedProject): Promise<EslintFileResult[]> {
  return lint(context, false, hasOwnEslintConfig(context.root) ? [UNUSED_IMPORTS] : undefined);
}

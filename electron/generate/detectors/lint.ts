import ts from 'typescript';
import type { Gap } from '../../../shared/model/gap.ts';
import { hasOwnEslint, type EslintFileResult } from '../../tools/eslint.ts';
import type { Detector, ScanContext } from '../context.ts';
import { evidence } from '../files.ts';
import { lintByProject, UNUSED_IMPORTS } from '../lintFiles.ts';
import { mechanicGap } from '../makeGap.ts';

/** What `var` is turned into may in turn be what these find: one diff, not a second one later. */
const FOLLOWED_BY: Readonly<Record<string, readonly string[]>> = { 'no-var': ['prefer-const'] };

/** A file with none of this may have to run where it does not exist. */
function isModern(node: ts.Node): boolean {
  return (
    ts.isArrowFunction(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isExportAssignment(node) ||
    node.kind === ts.SyntaxKind.ExportKeyword ||
    (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) !== 0) ||
    ts.forEachChild(node, (child) => isModern(child) || undefined) === true
  );
}

function toGap(
  context: ScanContext,
  detector: 'unused-imports' | 'lint-fixes',
  result: EslintFileResult,
): Gap[] {
  const text = context.text(result.file);
  const fixable = result.messages.filter(
    ({ rule, fixable }) =>
      fixable && rule !== null && (rule !== 'no-var' || isModern(context.syntax(result.file))),
  );
  const rules = [
    ...new Set(fixable.flatMap(({ rule }) => (rule === null ? [] : [rule]))),
  ].toSorted();
  const first = fixable[0];
  if (first === undefined) return [];
  const { file } = result;
  const what =
    detector === 'unused-imports' ? 'unused imports' : `what ${rules.join(', ')} can fix`;
  return [
    mechanicGap(
      {
        detector,
        file,
        symbol: detector === 'unused-imports' ? '' : rules.join(','),
        title:
          detector === 'unused-imports'
            ? `Remove the unused imports of ${file}`
            : `Fix ${rules.join(', ')} in ${file}`,
        type: detector === 'unused-imports' ? 'cleanup' : 'fix',
        instructions: `Apply ESLint's own fixes to ${file}: ${what} (${fixable.length}).`,
        acceptance: [`ESLint finds nothing left of ${rules.join(', ')} to fix in ${file}.`],
        deliverables: [file],
        evidence: evidence(file, first.line, text.split('\n')[first.line - 1] ?? ''),
        risk: 'low',
      },
      {
        kind: 'lint-fix',
        file,
        rules: [...new Set(rules.flatMap((rule) => [rule, ...(FOLLOWED_BY[rule] ?? [])]))],
      },
    ),
  ];
}

function only(
  result: EslintFileResult,
  isWanted: (rule: string | null) => boolean,
): EslintFileResult {
  return { ...result, messages: result.messages.filter(({ rule }) => isWanted(rule)) };
}

/** Imports that the file does not use. */
export const unusedImports: Detector = {
  name: 'unused-imports',
  async find(context) {
    const results = await context.lintByVigil();
    return results.flatMap((result) =>
      toGap(
        context,
        'unused-imports',
        only(result, (rule) => rule === UNUSED_IMPORTS),
      ),
    );
  },
};

/** Everything else that ESLint can fix by itself, by the project's configuration or the built-in one. */
export const lintFixes: Detector = {
  name: 'lint-fixes',
  async find(context) {
    // Rules of its own that can't be run here are not replaced by ours.
    const results = await (hasOwnEslint(context.root)
      ? lintByProject(context)
      : context.lintByVigil());
    return results.flatMap((result) =>
      toGap(
        context,
        'lint-fixes',
        only(result, (rule) => rule !== UNUSED_IMPORTS),
      ),
    );
  },
};

import ts from 'typescript';
import type { Gap } from '../../../shared/model/gap.ts';
import { hasOwnEslint, hasOwnEslintConfig, runEslint, type EslintFileResult } from '../../tools/eslint.ts';
import type { Detector, ScanContext } from '../context.ts';
import { evidence, isGenerated, isOwnCode } from '../files.ts';
import { mechanicGap } from '../makeGap.ts';

const UNUSED_IMPORTS = 'unused-imports/no-unused-imports';
/** What `var` is turned into may in turn be what these find: one diff, not a second one later. */
const FOLLOWED_BY: Readonly<Record<string, readonly string[]>> = { 'no-var': ['prefer-const'] };

/** Files per ESLint process: bounded memory on large projects, and a broken file costs one batch. */
const BATCH = 400;

/** A file with none of this may have to run where it does not exist. */
function isModern(node: ts.Node): boolean {
  return (
    ts.isArrowFunction(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isExportAssignment(node) ||
    node.kind === ts.SyntaxKind.ExportKeyword ||
    (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) !== 0) ||
    ts.forEachChild(node, (child) => isModern(child) || undefined) === true
  );
}

function toGap(context: ScanContext, detector: 'unused-imports' | 'lint-fixes', result: EslintFileResult): Gap[] {
  const text = context.text(result.file);
  const fixable = result.messages.filter(
    ({ rule, fixable }) => fixable && rule !== null && (rule !== 'no-var' || isModern(context.syntax(result.file))),
  );
  const rules = [...new Set(fixable.flatMap(({ rule }) => (rule === null ? [] : [rule])))].toSorted();
  const first = fixable[0];
  if (first === undefined) return [];
  const { file } = result;
  const what = detector === 'unused-imports' ? 'unused imports' : `what ${rules.join(', ')} can fix`;
  return [
    mechanicGap(
      {
        detector,
        file,
        symbol: detector === 'unused-imports' ? '' : rules.join(','),
        title: detector === 'unused-imports' ? `Remove the unused imports of ${file}` : `Fix ${rules.join(', ')} in ${file}`,
        type: detector === 'unused-imports' ? 'cleanup' : 'fix',
        instructions: `Apply ESLint's own fixes to ${file}: ${what} (${fixable.length}).`,
        acceptance: [`ESLint finds nothing left of ${rules.join(', ')} to fix in ${file}.`],
        deliverables: [file],
        evidence: evidence(file, first.line, text.split('\n')[first.line - 1] ?? ''),
        risk: 'low',
      },
      { kind: 'lint-fix', file, rules: [...new Set(rules.flatMap((rule) => [rule, ...(FOLLOWED_BY[rule] ?? [])]))] },
    ),
  ];
}

async function lint(context: ScanContext, project: boolean, rules?: readonly string[]): Promise<EslintFileResult[]> {
  const { root, signal } = context;
  const files = context.files.filter((file) => isOwnCode(file) && !isGenerated(context.text(file)));
  const results: EslintFileResult[] = [];
  for (let start = 0; start < files.length; start += BATCH)
    results.push(
      ...(await runEslint({ root, files: files.slice(start, start + BATCH), fix: false, project, signal, ...(rules && { rules }) })),
    );
  return results;
}

/** Imports that the file does not use. */
export const unusedImports: Detector = {
  name: 'unused-imports',
  async find(context) {
    const results = await lint(context, false, [UNUSED_IMPORTS]);
    return results.flatMap((result) => toGap(context, 'unused-imports', result));
  },
};

/** Everything else that ESLint can fix by itself, by the project's configuration or the built-in one. */
export const lintFixes: Detector = {
  name: 'lint-fixes',
  async find(context) {
    const own = hasOwnEslint(context.root);
    // Rules of its own that can't be run here are not to be replaced by ours.
    if (!own && hasOwnEslintConfig(context.root)) return [];
    const results = await lint(context, own);
    return results.flatMap((result) =>
      toGap(context, 'lint-fixes', {
        ...result,
        messages: result.messages.filter(({ rule }) => rule !== UNUSED_IMPORTS),
      }),
    );
  },
};

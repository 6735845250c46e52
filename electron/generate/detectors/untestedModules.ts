import { posix } from 'node:path';
import ts from 'typescript';
import type { Detector, ScanContext } from '../context.ts';
import { exportedFunctions } from '../exportedFunctions.ts';
import { evidence, isCode, isGenerated, isProduct, isTest } from '../files.ts';
import { agentGap } from '../makeGap.ts';
import { entryFiles, entrySources, manifestAt } from '../published.ts';

const ESTIMATE_MS = 25 * 60_000;
const ENDINGS = [
  '',
  '.js',
  '.ts',
  '.mjs',
  '.mts',
  '.cjs',
  '.cts',
  '.jsx',
  '.tsx',
  '/index.js',
  '/index.ts',
  '/index.mjs',
  '/index.cjs',
];

/** The files that a specifier may mean: one by its path, or all that a package of the project offers under its name. */
function resolveImport(context: ScanContext, from: string, specifier: string): string[] {
  if (!specifier.startsWith('.'))
    return packagesNamed(context, specifier).flatMap((manifest) => offered(context, manifest));
  const path = posix.join(posix.dirname(from), specifier).replace(/\/$/, '');
  const bare = path.replace(/\.[cm]?jsx?$/, '');
  const candidates = [...ENDINGS.map((end) => path + end), ...ENDINGS.map((end) => bare + end)].map(
    (file) => posix.normalize(file),
  );
  const found = candidates.find((candidate) => context.files.includes(candidate));
  // A folder stands for what its manifest names: `require('..')`.
  return found === undefined ? offered(context, posix.join(path, 'package.json')) : [found];
}

/** The manifests of the project's own packages that a bare specifier may mean. */
function packagesNamed(context: ScanContext, specifier: string): string[] {
  return context.files.filter((file) => {
    if (posix.basename(file) !== 'package.json') return false;
    const name = manifestAt(context, file)?.name;
    return typeof name === 'string' && (specifier === name || specifier.startsWith(`${name}/`));
  });
}

function offered(context: ScanContext, manifest: string): string[] {
  const named = entryFiles(context, manifest);
  const known = named
    .flatMap((file) => ENDINGS.map((end) => file + end))
    .filter((file) => context.files.includes(file));
  return named.length === 0 ? [] : [...known, ...entrySources(context)];
}

function importsOf(context: ScanContext, file: string): { to: string; reExported: boolean }[] {
  const found: { to: string; reExported: boolean }[] = [];
  const add = (node: ts.Node | undefined, reExported: boolean): void => {
    if (node === undefined || !ts.isStringLiteralLike(node)) return;
    for (const to of resolveImport(context, file, node.text)) found.push({ to, reExported });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, false);
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, true);
    if (
      ts.isCallExpression(node) &&
      (node.expression.kind === ts.SyntaxKind.ImportKeyword ||
        node.expression.getText() === 'require')
    )
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(context.syntax(file));
  return found;
}

/** Modules that tests reach: imported by a test, or handed on by a module that a test imports. */
function testedModules(context: ScanContext, tests: readonly string[]): Set<string> {
  const tested = new Set<string>();
  const queue = tests.flatMap((file) => importsOf(context, file).map(({ to }) => to));
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (tested.has(file)) continue;
    tested.add(file);
    // A test helper's imports count as the test's own; a product module hands on what it re-exports.
    const all = isTest(file);
    const barrel = exportedFunctions(context.syntax(file)).length === 0;
    queue.push(
      ...importsOf(context, file)
        .filter(({ reExported }) => all || barrel || reExported)
        .map(({ to }) => to),
    );
  }
  return tested;
}

/** Modules with exported functions that no test reaches. */
export const untestedModules: Detector = {
  name: 'untested-modules',
  find(context) {
    const tests = context.files.filter((file) => isCode(file) && isTest(file));
    // Without any test there is no habit to follow, and no runner to prove a new one with.
    if (tests.length === 0) return Promise.resolve([]);
    const tested = testedModules(context, tests);
    const named = new Set(
      tests.map((file) =>
        posix
          .basename(file)
          .replace(/^(?:test|spec)[._-]/, '')
          .replace(/[._-](?:test|spec).*$|\..*$/, ''),
      ),
    );
    return Promise.resolve(
      context.files
        .filter(
          (file) =>
            isProduct(file) &&
            !tested.has(file) &&
            !named.has(posix.parse(file).name) &&
            !isGenerated(context.text(file)),
        )
        .flatMap((file) => {
          const functions = exportedFunctions(context.syntax(file)).map(({ name }) => name);
          if (functions.length === 0) return [];
          return [
            agentGap(
              {
                detector: 'untested-modules',
                file,
                symbol: '',
                title: `Test ${file}`,
                type: 'test',
                instructions: `No test imports ${file}. Write tests of the behaviour of ${functions.join(', ')} in the style of ${tests[0]}, including the cases at the edges. Do not change ${file}.`,
                acceptance: [
                  `A test imports ${file} and fails when one of ${functions.join(', ')} is broken.`,
                ],
                scope: [...new Set(tests.map((test) => posix.join(posix.dirname(test), '**')))],
                evidence: evidence(file, 1, `no test reaches ${functions.join(', ')}`),
                risk: 'low',
              },
              ESTIMATE_MS,
            ),
          ];
        }),
    );
  },
};

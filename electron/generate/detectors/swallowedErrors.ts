import ts from 'typescript';
import type { Detector } from '../context.ts';
import { evidence, isGenerated, isProduct, lineOf } from '../files.ts';
import { agentGap } from '../makeGap.ts';

const ESTIMATE_MS = 15 * 60_000;

/** A comment inside says that somebody ignored the error on purpose. */
function isSilent(source: ts.SourceFile, block: ts.Block): boolean {
  return block.statements.length === 0 && /^\{\s*\}$/.test(block.getText(source));
}

/** The handler of `promise.catch(() => {})`, when it does nothing. */
function silentHandler(source: ts.SourceFile, node: ts.Node): boolean {
  if (
    !ts.isCallExpression(node) ||
    !ts.isPropertyAccessExpression(node.expression) ||
    node.expression.name.text !== 'catch'
  )
    return false;
  const [handler] = node.arguments;
  return (
    handler !== undefined &&
    (ts.isArrowFunction(handler) || ts.isFunctionExpression(handler)) &&
    ts.isBlock(handler.body) &&
    isSilent(source, handler.body)
  );
}

function nameOf(node: ts.Node): string | null {
  if (
    (ts.isFunctionDeclaration(node) ||
      ts.isMethodDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isVariableDeclaration(node)) &&
    node.name
  )
    return node.name.getText();
  return null;
}

/** Errors that are caught and ignored without a word, by the function that does it. */
export const swallowedErrors: Detector = {
  name: 'swallowed-errors',
  find: (context) =>
    Promise.resolve(
      context.files
        .filter(
          (file) =>
            isProduct(file) &&
            context.text(file).includes('catch') &&
            !isGenerated(context.text(file)),
        )
        .flatMap((file) => {
          const source = context.syntax(file);
          const found = new Map<string, ts.Node>();
          const visit = (node: ts.Node, path: readonly string[]): void => {
            const name = nameOf(node);
            const inside = name === null ? path : [...path, name];
            if (
              (ts.isCatchClause(node) && isSilent(source, node.block)) ||
              silentHandler(source, node)
            ) {
              const symbol = inside.join('.');
              if (!found.has(symbol)) found.set(symbol, node);
            }
            ts.forEachChild(node, (child) => visit(child, inside));
          };
          visit(source, []);
          return [...found].map(([symbol, node]) =>
            agentGap(
              {
                detector: 'swallowed-errors',
                file,
                symbol,
                title: `Handle the errors that ${symbol === '' ? file : `${symbol} in ${file}`} swallows`,
                type: 'fix',
                instructions: `In ${file}${symbol === '' ? '' : `, ${symbol}`}, an error is caught and ignored. Handle it, pass it on, or, where ignoring is right, catch only what is expected and say why in a comment.`,
                acceptance: [
                  'No error is caught there without being handled, passed on or explained.',
                ],
                deliverables: [file],
                scope: [file, '**/*.test.*', 'test/**', 'tests/**'],
                evidence: evidence(
                  file,
                  lineOf(source, node.getStart(source)),
                  node.getText(source),
                ),
                risk: 'medium',
              },
              ESTIMATE_MS,
            ),
          );
        }),
    ),
};

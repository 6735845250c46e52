import ts from 'typescript';

/** A piece of text to be cut, [start, end). */
interface Cut {
  readonly start: number;
  readonly end: number;
}

export interface ExportEdit {
  readonly text: string;
  /** The names that are no longer exported, a subset of those asked for. */
  readonly removed: readonly string[];
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

function modifier(node: ts.Node, kind: ts.SyntaxKind): ts.Modifier | undefined {
  return ts.canHaveModifiers(node)
    ? ts.getModifiers(node)?.find((m) => m.kind === kind)
    : undefined;
}

/** From the first comment that documents the statement to the end of its last line. */
function wholeStatement(source: ts.SourceFile, node: ts.Node): Cut {
  const { text } = source;
  const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  let start = node.getStart();
  // A comment belongs to the statement when no blank line stands between the two.
  for (const comment of comments.toReversed()) {
    if (/\n[ \t]*\r?\n/.test(text.slice(comment.end, start)) || text.startsWith('#!', comment.pos))
      break;
    if (comment.pos > 0 && !/\n[ \t]*$/.test(text.slice(0, comment.pos))) break;
    start = comment.pos;
  }
  let end = node.getEnd();
  while (text[end] === ' ' || text[end] === '\t') end += 1;
  if (text[end] === '\r') end += 1;
  if (text[end] === '\n') end += 1;
  // One blank line less, so that the cut leaves no double gap.
  const blankAfter = /^[ \t]*\r?\n/.exec(text.slice(end));
  const blankBefore = start === 0 || /\n[ \t]*\r?\n$/.test(text.slice(0, start));
  if (blankAfter !== null && blankBefore) end += blankAfter[0].length;
  return { start, end };
}

function modifierCut(source: ts.SourceFile, first: ts.Node, last: ts.Node): Cut {
  const space = /^\s+/.exec(source.text.slice(last.getEnd()));
  return { start: first.getStart(), end: last.getEnd() + (space?.[0].length ?? 0) };
}

/** One element of a list between braces, with the comma that belongs to it. */
function elementCut(elements: ts.NodeArray<ts.Node>, index: number): Cut {
  const element = elements[index];
  if (element === undefined) throw new RangeError('no such element');
  const next = elements[index + 1];
  const previous = elements[index - 1];
  if (next !== undefined) return { start: element.getStart(), end: next.getStart() };
  if (previous !== undefined) return { start: previous.getEnd(), end: element.getEnd() };
  return { start: element.getStart(), end: element.getEnd() };
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map((d) =>
      ts.isIdentifier(d.name) ? d.name.text : '',
    );
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement)
  )
    return statement.name === undefined ? [] : [statement.name.text];
  return [];
}

function exportCut(source: ts.SourceFile, name: string): Cut | null {
  for (const statement of source.statements) {
    if (
      ts.isExportDeclaration(statement) &&
      statement.exportClause &&
      ts.isNamedExports(statement.exportClause)
    ) {
      const { elements } = statement.exportClause;
      const index = elements.findIndex((element) => element.name.text === name);
      if (index < 0) continue;
      return elements.length === 1
        ? wholeStatement(source, statement)
        : elementCut(elements, index);
    }
    if (ts.isExportAssignment(statement) && statement.isExportEquals !== true && name === 'default')
      return ts.isIdentifier(statement.expression) ? wholeStatement(source, statement) : null;
    const keyword = modifier(statement, ts.SyntaxKind.ExportKeyword);
    if (keyword === undefined) continue;
    const isDefault = modifier(statement, ts.SyntaxKind.DefaultKeyword);
    const names = declaredNames(statement);
    if (isDefault !== undefined) {
      if (name === 'default')
        return names.length === 1 ? modifierCut(source, keyword, isDefault) : null;
    } else if (names.includes(name)) {
      // `export const a = 1, b = 2` would lose both names.
      return names.length === 1 ? modifierCut(source, keyword, keyword) : null;
    }
  }
  return null;
}

/** How often each name is written in the file, as code. */
function mentions(source: ts.SourceFile): Map<string, number> {
  const counts = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) counts.set(node.text, (counts.get(node.text) ?? 0) + 1);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return counts;
}

function isInert(expression: ts.Expression | undefined): boolean {
  return (
    expression === undefined ||
    ts.isArrowFunction(expression) ||
    ts.isFunctionExpression(expression) ||
    ts.isLiteralExpression(expression) ||
    ts.isIdentifier(expression) ||
    expression.kind === ts.SyntaxKind.TrueKeyword ||
    expression.kind === ts.SyntaxKind.FalseKeyword ||
    expression.kind === ts.SyntaxKind.NullKeyword ||
    (ts.isArrayLiteralExpression(expression) && expression.elements.every(isInert)) ||
    (ts.isObjectLiteralExpression(expression) &&
      expression.properties.every(
        (p) =>
          ts.isPropertyAssignment(p) &&
          !ts.isComputedPropertyName(p.name) &&
          isInert(p.initializer),
      ))
  );
}

/** `name.key = value;` and `name[0] = value;` at the top of a module, where evaluating them cannot act. */
function isMemberWrite(statement: ts.Statement, name: string): boolean {
  if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression))
    return false;
  const { left, right, operatorToken } = statement.expression;
  if (operatorToken.kind !== ts.SyntaxKind.EqualsToken || !isInert(right)) return false;
  const isMember =
    ts.isPropertyAccessExpression(left) ||
    (ts.isElementAccessExpression(left) && isInert(left.argumentExpression));
  return isMember && ts.isIdentifier(left.expression) && left.expression.text === name;
}

/** The writes into what a name is made as here; through another name they would reach others. */
function memberWrites(source: ts.SourceFile, name: string): ts.Statement[] {
  const declaration = source.statements.find((statement) => declaredNames(statement)[0] === name);
  if (declaration === undefined) return [];
  const value = ts.isVariableStatement(declaration)
    ? declaration.declarationList.declarations[0]?.initializer
    : undefined;
  const isOwn =
    ts.isFunctionDeclaration(declaration) ||
    (value !== undefined && !ts.isIdentifier(value) && isInert(value));
  return isOwn ? source.statements.filter((statement) => isMemberWrite(statement, name)) : [];
}

/** Whether a name of the file's own is declared, not exported, and read nowhere. */
function isUnread(source: ts.SourceFile, name: string, count: number): boolean {
  const declaration = source.statements.find((statement) =>
    declaredNames(statement).includes(name),
  );
  if (declaration === undefined || modifier(declaration, ts.SyntaxKind.ExportKeyword) !== undefined)
    return false;
  return (
    count === 1 + source.statements.filter((statement) => isMemberWrite(statement, name)).length
  );
}

/** The file's own name for an export. */
function localName(source: ts.SourceFile, exported: string): string {
  for (const statement of source.statements) {
    if (
      ts.isExportDeclaration(statement) &&
      statement.exportClause &&
      ts.isNamedExports(statement.exportClause)
    ) {
      const element = statement.exportClause.elements.find(({ name }) => name.text === exported);
      if (element !== undefined) return (element.propertyName ?? element.name).text;
    }
    if (exported === 'default' && ts.isExportAssignment(statement))
      return statement.expression.getText(source);
    if (exported === 'default' && modifier(statement, ts.SyntaxKind.DefaultKeyword) !== undefined)
      return declaredNames(statement)[0] ?? exported;
  }
  return exported;
}

/** What to cut for a name that nothing mentions any more, where cutting it cannot change behaviour. */
function deadCut(source: ts.SourceFile, name: string): Cut | null {
  for (const statement of source.statements) {
    if (modifier(statement, ts.SyntaxKind.ExportKeyword) !== undefined) continue;
    if (ts.isImportDeclaration(statement)) {
      const bindings = statement.importClause?.namedBindings;
      if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
      const index = bindings.elements.findIndex((element) => element.name.text === name);
      if (index < 0) continue;
      if (bindings.elements.length > 1) return elementCut(bindings.elements, index);
      // The last name of a module that may act when it is loaded stays; node: modules do not act.
      const from = ts.isStringLiteral(statement.moduleSpecifier)
        ? statement.moduleSpecifier.text
        : '';
      return from.startsWith('node:') && statement.importClause?.name === undefined
        ? wholeStatement(source, statement)
        : null;
    }
    const names = declaredNames(statement);
    if (names.length !== 1 || names[0] !== name) continue;
    if (ts.isVariableStatement(statement))
      return isInert(statement.declarationList.declarations[0]?.initializer)
        ? wholeStatement(source, statement)
        : null;
    // A class may act when it is defined (static blocks, decorators), an enum is cheap to keep.
    return ts.isFunctionDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement)
      ? wholeStatement(source, statement)
      : null;
  }
  return null;
}

/**
 * The text of a module without these exports: takes away the keyword, the specifier or the
 * re-export, then what nothing uses any more because of it. An export that would leave its
 * declaration behind unused is not taken away. Everything else keeps its layout.
 */
export function withoutExports(file: string, text: string, names: readonly string[]): ExportEdit {
  const removed: string[] = [];
  let current = text;
  const cut = (piece: Cut): void => {
    current = current.slice(0, piece.start) + current.slice(piece.end);
  };
  const original = parse(file, text);
  const before = mentions(original);
  for (const name of names) {
    const source = parse(file, current);
    const piece = exportCut(source, name);
    if (piece === null) continue;
    cut(piece);
    removed.push(name);
  }
  if (removed.length === 0) return { text, removed };

  // Only names that were alive before: in use elsewhere in the file, or exported by us just now.
  const asked = new Set(removed);
  for (let changed = true; changed;) {
    changed = false;
    const source = parse(file, current);
    for (const [name, count] of mentions(source)) {
      if ((before.get(name) ?? 0) < 2 && !asked.has(name)) continue;
      const writes = memberWrites(source, name);
      if (count !== 1 + writes.length) continue;
      const piece = deadCut(source, name);
      if (piece === null) continue;
      cut(writes[0] === undefined ? piece : wholeStatement(source, writes[0]));
      changed = true;
      break;
    }
  }
  // What nothing reads but what acts when it is made stays exported: half a removal helps nobody.
  const final = parse(file, current);
  const counts = mentions(final);
  const kept = removed.filter((name) => {
    const local = localName(original, name);
    return isUnread(final, local, counts.get(local) ?? 0);
  });
  if (kept.length > 0)
    return withoutExports(
      file,
      text,
      removed.filter((name) => !kept.includes(name)),
    );
  // The blank line that stood before what was last in the file.
  if (!/\n\s*\n$/.test(text)) current = current.replace(/(\r?\n)(?:\r?\n)+$/, '$1');
  // Without a single import or export TypeScript would take the file for a global script.
  if (/\.[cm]?tsx?$/.test(file) && !ts.isExternalModule(parse(file, current)))
    current = `${current.trimEnd()}${current.trim() === '' ? '' : '\n\n'}export {};\n`;
  return { text: current, removed };
}

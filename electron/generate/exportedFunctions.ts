import ts from 'typescript';

export interface ExportedFunction {
  readonly name: string;
  readonly node: ts.Node;
  readonly documented: boolean;
}

function isFunctionValue(node: ts.Expression | undefined): boolean {
  return node !== undefined && (ts.isArrowFunction(node) || ts.isFunctionExpression(node));
}

/** A note to its author or to a tool says nothing to whoever calls the function. */
const NO_DOCUMENTATION =
  /^[\s/*#!-]*(?:@?(?:TODO|FIXME|HACK|XXX)\b|eslint|prettier-ignore|@ts-|biome-|tslint:|istanbul |c8 |v8 |@?#__|@preserve|@license|copyright\b)/i;

function isDocumented(source: ts.SourceFile, node: ts.Node): boolean {
  const { text } = source;
  const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  let next = node.getStart(source);
  // A comment speaks of what follows without a blank line between the two.
  for (const { pos, end } of comments.toReversed()) {
    if (/\n[ \t]*\r?\n/.test(text.slice(end, next))) return false;
    const said = text.slice(pos, end);
    if (/\w/.test(said) && !NO_DOCUMENTATION.test(said)) return true;
    next = pos;
  }
  return false;
}

/** The functions that a module declares and exports, by ESM or `module.exports`. */
export function exportedFunctions(source: ts.SourceFile): ExportedFunction[] {
  const listed = new Set<string>();
  for (const statement of source.statements) {
    if (
      ts.isExportDeclaration(statement) &&
      !statement.moduleSpecifier &&
      statement.exportClause &&
      ts.isNamedExports(statement.exportClause)
    )
      for (const { propertyName, name } of statement.exportClause.elements)
        listed.add((propertyName ?? name).text);
    if (ts.isExportAssignment(statement) && ts.isIdentifier(statement.expression))
      listed.add(statement.expression.text);
    if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression))
      continue;
    const { left, right } = statement.expression;
    if (!/^(?:module\.)?exports\b/.test(left.getText(source))) continue;
    if (ts.isIdentifier(right)) listed.add(right.text);
    if (ts.isObjectLiteralExpression(right))
      for (const property of right.properties)
        if (ts.isShorthandPropertyAssignment(property)) listed.add(property.name.text);
  }
  const exported = (statement: ts.Statement, name: string): boolean =>
    listed.has(name) ||
    (ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword) === true);

  const found = new Map<string, ExportedFunction>();
  for (const statement of source.statements) {
    const names: string[] = [];
    if (ts.isFunctionDeclaration(statement)) names.push(statement.name?.text ?? 'default');
    if (ts.isVariableStatement(statement))
      for (const { name, initializer } of statement.declarationList.declarations)
        if (ts.isIdentifier(name) && isFunctionValue(initializer)) names.push(name.text);
    for (const name of names) {
      if (!exported(statement, name)) continue;
      // Overloads: a comment on any of them documents the function.
      const documented = isDocumented(source, statement) || found.get(name)?.documented === true;
      found.set(name, { name, node: statement, documented });
    }
  }
  return [...found.values()];
}

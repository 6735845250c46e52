import ts from 'typescript';
import type { Detector } from '../context.ts';
import { evidence, isGenerated, isOwnCode, lineOf } from '../files.ts';
import { agentGap } from '../makeGap.ts';

const ESTIMATE_MS = 30 * 60_000;
/** A shorter one (`TODO build?`) names no work: an agent could only guess. */
const FEWEST_WORDS = 3;
/** The marker opens a line of the comment, in capitals, the way editors highlight it. */
const MARKER = /^[\s/*#-]*@?(TODO|FIXME|HACK|XXX)\b(?:\([^)]*\))?:?[ \t]*(.*)$/m;

function comments(source: ts.SourceFile): ts.TextRange[] {
  const found = new Map<number, ts.TextRange>();
  const collect = (ranges: readonly ts.CommentRange[] | undefined): void =>
    ranges?.forEach((range) => found.set(range.pos, range));
  // Comments lie between tokens; asking at every token leaves strings and templates alone.
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.JsxText) return;
    collect(ts.getLeadingCommentRanges(source.text, node.getFullStart()));
    collect(ts.getTrailingCommentRanges(source.text, node.getEnd()));
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  return [...found.values()].toSorted((a, b) => a.pos - b.pos);
}

/** TODO, FIXME, HACK and XXX in comments, each its own gap. */
export const todoComments: Detector = {
  name: 'comments',
  find: (context) =>
    Promise.resolve(
      context.files
        .filter(
          (file) =>
            isOwnCode(file) &&
            /TODO|FIXME|HACK|XXX/.test(context.text(file)) &&
            !isGenerated(context.text(file)),
        )
        .flatMap((file) => {
          const source = context.syntax(file);
          return comments(source).flatMap(({ pos, end }) => {
            const comment = source.text.slice(pos, end);
            const match = MARKER.exec(comment);
            if (match === null) return [];
            const marker = match[1] ?? 'TODO';
            const said = (match[2] ?? '').replace(/\*\/\s*$/, '').trim();
            if (said.split(/\s+/).length < FEWEST_WORDS) return [];
            return [
              agentGap(
                {
                  detector: 'comments',
                  file,
                  symbol: `${marker} ${said}`,
                  title: `${marker} in ${file}: ${said}`,
                  type: marker === 'TODO' ? 'implementation' : 'fix',
                  instructions: `Do what this comment of ${file} asks for, then remove the comment:\n\n${comment}`,
                  acceptance: [
                    'What the comment asks for is done, with a test where it can be tested.',
                    'The comment is gone.',
                  ],
                  deliverables: [file],
                  scope: [file, '**/*.test.*', 'test/**', 'tests/**'],
                  evidence: evidence(file, lineOf(source, pos + match.index), match[0].trimStart()),
                  risk: 'medium',
                },
                ESTIMATE_MS,
              ),
            ];
          });
        }),
    ),
};

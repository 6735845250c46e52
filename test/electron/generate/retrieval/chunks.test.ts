import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunksOf } from '../../../../electron/generate/retrieval/chunks.ts';
import { searchWords, wordsOf } from '../../../../electron/generate/retrieval/words.ts';

it('the pieces of a text are its lines, each once, with their numbers', () => {
  const line = fc.constantFrom('', 'function a() {', '  return 1;', '}', 'x'.repeat(3_000));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 300 }), (lines) => {
      const seen = new Set<number>();
      for (const { startLine, endLine, text } of chunksOf(lines.join('\n'))) {
        expect(text).toBe(lines.slice(startLine - 1, endLine).join('\n'));
        expect(endLine - startLine).toBeLessThan(60);
        for (let number = startLine; number <= endLine; number += 1) {
          expect(seen.has(number)).toBe(false);
          seen.add(number);
        }
      }
      lines.forEach((content, index) => {
        if (content.trim() !== '') expect(seen.has(index + 1)).toBe(true);
      });
    }),
  );
});

it('a piece begins where a declaration does', () => {
  const one = (name: string): string =>
    `/** ${name}. */\nexport function ${name}() {\n${'  step();\n'.repeat(18)}}\n`;
  const chunks = chunksOf([one('first'), one('second'), one('third')].join('\n'));
  expect(chunks.map(({ text }) => text.split('\n')[0])).toEqual([
    '/** first. */',
    '/** second. */',
    '/** third. */',
  ]);
});

it('identifiers are found whole and by their parts', () => {
  expect(wordsOf('parseHTTPReply max_retry_count v2')).toEqual([
    'parse',
    'http',
    'reply',
    'parsehttpreply',
    'max',
    'retry',
    'count',
    'max_retry_count',
    'v2',
  ]);
  expect(searchWords('where is the retry of a retry', 5)).toEqual(['retry']);
});

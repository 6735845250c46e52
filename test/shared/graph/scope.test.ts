import fc from 'fast-check';
import picomatch from 'picomatch';
import { expect, test } from 'vitest';
import { scopesOverlap } from '../../../shared/graph/scope.ts';

test.each([
  [['src/a.js'], ['src/a.js'], true],
  [['src/a.js'], ['src/b.js'], false],
  [['src'], ['src/b.js'], true],
  [['src'], ['src2/b.js'], false],
  [['src/**'], ['src/a/b.js'], true],
  [['src/**'], ['test/**'], false],
  [['src/*.js'], ['src/a.ts'], false],
  [['**/*.md'], ['src/a.ts'], false],
  [['**/*.md'], ['src/**'], true],
  [['./src/a.js'], ['src/a.js'], true],
  [[], ['docs/a.md'], true],
  [[], [], true],
  [['a.js', 'b.js'], ['c.js', 'b.js'], true],
])('%j and %j overlap: %s', (a, b, overlap) => {
  expect(scopesOverlap(a, b)).toBe(overlap);
  expect(scopesOverlap(b, a)).toBe(overlap);
});

test('two scopes that match one file always overlap', () => {
  const part = fc.constantFrom('a', 'b', 'src');
  const file = fc
    .array(part, { minLength: 1, maxLength: 3 })
    .map((parts) => `${parts.join('/')}.js`);
  const piece = fc.constantFrom('a', 'b', 'src', '*', '**');
  const glob = fc
    .tuple(fc.array(piece, { maxLength: 3 }), fc.constantFrom('*.js', 'a.js', '**', 'b*'))
    .map(([parts, end]) => [...parts, end].join('/'));
  fc.assert(
    fc.property(glob, glob, file, (a, b, path) => {
      fc.pre(picomatch.isMatch(path, a) && picomatch.isMatch(path, b));
      expect(scopesOverlap([a], [b])).toBe(true);
    }),
  );
});

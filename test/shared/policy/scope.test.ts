import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { missingDeliverables, outsideScope } from '../../../shared/policy/scope.ts';

const file = fc
  .array(fc.constantFrom('a', 'b', 'src', '.hidden', '[id]', 'x y'), { minLength: 1, maxLength: 4 })
  .map((parts) => `${parts.join('/')}.js`);

describe('the scope of a task', () => {
  it('allows a file by its name, whatever characters it has', () => {
    fc.assert(
      fc.property(file, (name) => {
        expect(outsideScope([name], [name])).toEqual([]);
      }),
    );
  });

  it('allows everything below a folder, with or without slashes around it', () => {
    fc.assert(
      fc.property(file, fc.constantFrom('lib', './lib', 'lib/', 'lib/**'), (name, scope) => {
        expect(outsideScope([`lib/${name}`], [scope])).toEqual([]);
        expect(outsideScope([`library/${name}`, `src/lib/${name}`], [scope])).toHaveLength(2);
      }),
    );
  });

  it('allows hidden files that a glob covers', () => {
    expect(outsideScope(['src/.eslintrc', 'src/a/.x.js'], ['src/**'])).toEqual([]);
  });

  it('names what lies outside, in the order of the changes', () => {
    expect(outsideScope(['z.js', 'src/a.js', 'b.ts'], ['src/*.js', '*.md'])).toEqual([
      'z.js',
      'b.ts',
    ]);
  });

  it('when empty allows the whole project, but for the rules of Vigil itself', () => {
    expect(outsideScope(['a.js', 'deep/b.js', 'vigil.yaml'], [])).toEqual(['vigil.yaml']);
    expect(outsideScope(['vigil.yaml'], ['**'])).toEqual(['vigil.yaml']);
    expect(outsideScope(['vigil.yaml'], ['vigil.yaml'])).toEqual([]);
  });
});

describe('the deliverables of a task', () => {
  const files = ['src/a.ts', 'docs/guide/one.md', 'app/[id].ts'];
  it.each([['src/a.ts'], ['./src/a.ts'], ['docs'], ['docs/**/*.md'], ['app/[id].ts']])(
    '%s is there',
    (deliverable) => {
      expect(missingDeliverables([deliverable], files)).toEqual([]);
    },
  );
  it.each([['src/b.ts'], ['doc'], ['docs/*.md'], ['test/**']])('%s is missing', (deliverable) => {
    expect(missingDeliverables([deliverable], files)).toEqual([deliverable]);
  });
  it('are all missing from an empty tree', () => {
    expect(missingDeliverables(['a', '**'], [])).toEqual(['a', '**']);
  });
});

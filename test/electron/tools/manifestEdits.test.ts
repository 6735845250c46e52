import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isManifest,
  printManifest,
  withField,
  withoutDependency,
  type Manifest,
} from '../../../electron/tools/manifestEdits.ts';

const parse = (text: string): Manifest => {
  const parsed: unknown = JSON.parse(text);
  if (!isManifest(parsed)) throw new Error('not an object');
  return parsed;
};

describe('a manifest', () => {
  it('that nothing changed prints as it was', () => {
    const value = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,6}$/),
      fc.oneof(fc.string(), fc.integer(), fc.array(fc.string())),
    );
    fc.assert(
      fc.property(
        value,
        fc.constantFrom('  ', '\t', '    '),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (fields, indent, newline, ends) => {
          const text =
            JSON.stringify({ name: 'x', ...fields }, null, indent).replaceAll('\n', newline) +
            (ends ? newline : '');
          expect(printManifest(parse(text), text)).toBe(text);
        },
      ),
    );
  });

  it('gets a field where custom puts it, and an unknown one at its end', () => {
    expect(
      Object.keys(withField({ name: 'x', version: '1', scripts: {} }, 'license', 'MIT')),
    ).toEqual(['name', 'version', 'license', 'scripts']);
    expect(Object.keys(withField({ scripts: {}, name: 'x' }, 'license', 'MIT'))).toEqual([
      'scripts',
      'name',
      'license',
    ]);
    expect(Object.keys(withField({ name: 'x' }, 'own', 1))).toEqual(['name', 'own']);
  });

  it('loses a dependency, and the section with its last one', () => {
    const manifest: Manifest = { name: 'x', dependencies: { a: '1', b: '2' } };
    expect(withoutDependency(manifest, 'dependencies', 'a')).toEqual({
      name: 'x',
      dependencies: { b: '2' },
    });
    expect(withoutDependency({ name: 'x', dependencies: { a: '1' } }, 'dependencies', 'a')).toEqual(
      { name: 'x' },
    );
    expect(withoutDependency(manifest, 'devDependencies', 'a')).toBe(manifest);
  });
});

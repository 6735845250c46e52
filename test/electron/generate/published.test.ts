import { describe, expect, it } from 'vitest';
import { entryFiles, entrySources, isImportable } from '../../../electron/generate/published.ts';

function texts(files: Readonly<Record<string, string>>): {
  files: string[];
  text: (file: string) => string;
} {
  return { files: Object.keys(files), text: (file) => files[file] ?? '' };
}

const withManifest = (fields: object, ...files: string[]) =>
  texts({
    'package.json': JSON.stringify(fields),
    ...Object.fromEntries(files.map((file) => [file, ''])),
  });

describe('what a package offers', () => {
  it('are the files that its manifest names, at any depth', () => {
    const fields = {
      main: 'lib',
      browser: { './lib/a.js': './lib/b.js', fs: false },
      bin: { x: './bin/x.js' },
      exports: { '.': { import: { default: './esm/i.mjs' } }, './p/*': './p/*.js', './no': null },
      imports: { '#own': 'node:fs' },
    };
    expect(entryFiles(withManifest(fields), 'package.json')).toEqual(
      expect.arrayContaining(['lib', 'lib/a.js', 'lib/b.js', 'bin/x.js', 'esm/i.mjs', 'p/*.js']),
    );
    expect(entryFiles(withManifest(fields), 'package.json')).not.toEqual(
      expect.arrayContaining(['node:fs']),
    );
  });

  it('includes the sources of what only a build makes', () => {
    const fields = {
      main: './dist/cjs/index.cjs',
      types: './dist/index.d.ts',
      exports: { './pad': './dist/esm/utils/pad.min.js', './all/*': './dist/all/*.js' },
    };
    const context = withManifest(
      fields,
      'src/index.ts',
      'src/utils/pad.ts',
      'src/utils/other.ts',
      'src/all/deep/one.ts',
      'src/inner/index.ts',
    );
    expect(entrySources(context)).toEqual([
      'src/index.ts',
      'src/utils/pad.ts',
      'src/all/deep/one.ts',
    ]);
  });

  it('is all of the sources behind a wildcard of the whole build', () => {
    expect(
      entrySources(
        withManifest({ exports: { './*': './dist/esm/*.js' } }, 'src/a.ts', 'src/b/c.ts'),
      ),
    ).toEqual(['src/a.ts', 'src/b/c.ts']);
  });

  it('is looked up in each package of a monorepo', () => {
    const context = texts({
      'packages/a/package.json': '{ "exports": "./dist/main.js" }',
      'packages/a/src/main.ts': '',
      'packages/b/src/main.ts': '',
    });
    expect(entrySources(context)).toEqual(['packages/a/src/main.ts']);
  });

  it('needs no guess where the entry file is there, or the manifest cannot be read', () => {
    expect(entrySources(withManifest({ main: 'index.js' }, 'index.js', 'src/index.js'))).toEqual(
      [],
    );
    expect(entrySources(texts({ 'package.json': '{', 'src/index.js': '' }))).toEqual([]);
  });

  it('is every file where a public package restricts nothing', () => {
    expect(isImportable(withManifest({ name: 'x', version: '1.0.0' }), 'a.js')).toBe(true);
    expect(
      isImportable(withManifest({ name: 'x', version: '1.0.0', exports: './i.js' }), 'a.js'),
    ).toBe(false);
    expect(isImportable(withManifest({ name: 'x', version: '1.0.0', private: true }), 'a.js')).toBe(
      false,
    );
    const mono = texts({
      'package.json': '{ "private": true }',
      'packages/a/package.json': '{ "name": "a", "version": "1.0.0" }',
      'packages/a/cjs/package.json': '{ "type": "commonjs" }',
    });
    expect(isImportable(mono, 'packages/a/cjs/x.js')).toBe(true);
    expect(isImportable(mono, 'scripts/x.js')).toBe(false);
  });
});

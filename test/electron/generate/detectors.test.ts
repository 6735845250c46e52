import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openContext, type Detector } from '../../../electron/generate/context.ts';
import { todoComments } from '../../../electron/generate/detectors/comments.ts';
import { formatting } from '../../../electron/generate/detectors/formatting.ts';
import { lintFixes, unusedImports } from '../../../electron/generate/detectors/lint.ts';
import { metadata } from '../../../electron/generate/detectors/metadata.ts';
import { swallowedErrors } from '../../../electron/generate/detectors/swallowedErrors.ts';
import { undocumentedExports } from '../../../electron/generate/detectors/undocumentedExports.ts';
import { untestedModules } from '../../../electron/generate/detectors/untestedModules.ts';
import { unusedDependencies } from '../../../electron/generate/detectors/unusedDependencies.ts';
import { unusedExports } from '../../../electron/generate/detectors/unusedExports.ts';
import { unusedFiles } from '../../../electron/generate/detectors/unusedFiles.ts';
import type { Gap } from '../../../shared/model/gap.ts';
import type { ProjectProfile } from '../../../shared/model/project.ts';
import { manifest, profile, projectWith } from './project.ts';

type Files = Readonly<Record<string, string>>;

async function gaps(
  detector: Detector,
  files: Files,
  options: { installed?: Files; profile?: Partial<ProjectProfile>; remoteUrl?: string } = {},
): Promise<Gap[]> {
  const root = projectWith({ '.gitignore': 'node_modules\n', ...files });
  for (const [file, text] of Object.entries(options.installed ?? {})) {
    mkdirSync(dirname(join(root, 'node_modules', file)), { recursive: true });
    writeFileSync(join(root, 'node_modules', file), text);
  }
  const input = {
    root,
    profile: { ...profile, ...options.profile },
    remoteUrl: options.remoteUrl ?? null,
  };
  return detector.find(await openContext(input, new AbortController().signal));
}

const found = async (...args: Parameters<typeof gaps>): Promise<string[]> =>
  (await gaps(...args))
    .map(({ fingerprint, detector }) => fingerprint.slice(detector.length + 1))
    .toSorted();

describe('unused files', () => {
  it('are those that nothing reaches, and no examples, type tests, entry points or built entry points', async () => {
    const files = {
      'package.json': manifest({
        exports: { '.': './index.js', './pad': './dist/pad.js' },
        bin: './start.js',
      }),
      'index.js': '',
      'start.js': '',
      'src/pad.js': `import './padding.js';\n`,
      'src/padding.js': '',
      'src/dead.js': '',
      'example.js': '',
      'example-json.mjs': '',
      'examples/one.js': '',
      'demo.config.js': '',
      'types/index.tst.ts': '',
      'types/index.test-d.ts': '',
    };
    expect(await found(unusedFiles, files)).toEqual(['src/dead.js']);
  });

  it('in a package of a monorepo are told from what its own manifest offers', async () => {
    const files = {
      'package.json': manifest({ exports: undefined, workspaces: ['packages/*'] }),
      'packages/a/package.json': manifest({
        name: '@x/a',
        exports: { '.': './src/index.js', './extra': './dist/extra.js' },
      }),
      'packages/a/src/index.js': `import './used.js';\n`,
      'packages/a/src/used.js': '',
      'packages/a/src/extra.js': '',
      'packages/a/src/dead.js': '',
    };
    expect(await found(unusedFiles, files)).toEqual(['packages/a/src/dead.js']);
  });
});

describe('unused exports', () => {
  it('are those that nothing imports and the package does not offer', async () => {
    const files = {
      'package.json': manifest({
        exports: { '.': './index.js', './more': './more.js', './built': './dist/built.js' },
      }),
      'index.js': `export * from './offered.js';\nimport { used } from './inner.js';\nused();\n`,
      'offered.js': 'export const offered = 1;\n',
      'more.js': 'export const more = 1;\n',
      'src/built.js': 'export const built = 1;\n',
      'inner.js': 'export const used = () => 1;\nexport const spare = () => 2;\n',
    };
    expect(await found(unusedExports, files)).toEqual(['inner.js:spare']);
  });

  it('wait for a human where a public package lets its users import any file', async () => {
    const files = {
      'package.json': JSON.stringify({
        name: 'x',
        version: '1.0.0',
        type: 'module',
        main: 'index.js',
      }),
      'index.js': `import { used } from './inner.js';\nused();\n`,
      'inner.js': 'export const used = () => 1;\nexport const spare = () => 2;\n',
    };
    expect((await gaps(unusedExports, files)).map(({ risk }) => risk)).toEqual(['high']);
  });
});

describe('unused dependencies', () => {
  it('are those that nothing names, asks for or may start', async () => {
    const names = ['left-over', 'spoken-of', 'pinned', 'peer', 'tool', 'conventional-changelog-x'];
    const own = (name: string, fields: object = {}): Files => ({
      [`${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', ...fields }),
    });
    const files = {
      'package.json': manifest({
        devDependencies: Object.fromEntries([...names, 'host'].map((name) => [name, '1.0.0'])),
      }),
      'index.js': `export const plugin = 'spoken-of';\nimport 'host';\n`,
    };
    const installed = Object.assign(
      {},
      ...names.map((name) => own(name)),
      own('tool', { bin: 'cli.js' }),
      own('host', { dependencies: { pinned: '*' }, peerDependencies: { peer: '*' } }),
    ) as Files;
    expect(await found(unusedDependencies, files, { installed })).toEqual([
      'package.json:left-over',
    ]);
  });
});

describe('imports and lint', () => {
  it('finds unused imports, and none that is used as a type, in JSX or re-exported', async () => {
    const files = {
      'package.json': manifest(),
      'a.ts': `import { join, sep } from 'node:path';\nimport type { T } from './t.ts';\nexport const a: T = join('a');\n`,
      'b.jsx': `import React from 'react';\nexport const B = () => <p />;\n`,
      'c.js': `import { x } from './x.js';\nexport { x };\n`,
    };
    expect(await found(unusedImports, files)).toEqual(['a.ts']);
  });

  it('turns var into what it should be in one step, only in files that are modern already', async () => {
    const files = {
      'package.json': manifest({ type: 'commonjs' }),
      'modern.js': 'const a = 1;\nvar b = a;\nmodule.exports = b;\n',
      'old.js': '// let us see => here\nvar text = "const x =>";\nmodule.exports = text;\n',
    };
    const [gap, ...more] = await gaps(lintFixes, files);
    expect(more).toEqual([]);
    expect(gap?.executor).toEqual({
      kind: 'mechanic',
      recipe: { kind: 'lint-fix', file: 'modern.js', rules: ['no-var', 'prefer-const'] },
    });
  });

  it('leaves alone what is a matter of taste', async () => {
    const files = {
      'package.json': manifest(),
      'a.js': 'export const f = () => {\n  return;\n};\nlet u = undefined;\nu = f;\nu();\n',
    };
    expect(await found(lintFixes, files)).toEqual([]);
  });

  it('has no rules for a project with rules of its own that cannot be run', async () => {
    const files = {
      'package.json': manifest(),
      '.eslintrc.json': '{ "root": true }',
      'a.js': 'export const a = 1;\nvar b = 2;\nconsole.log(b);\n',
    };
    expect(await found(lintFixes, files)).toEqual([]);
  });
});

describe('what a compiler wrote', () => {
  it('is nobody’s to mend', async () => {
    const files = {
      'package.json': manifest({ type: 'commonjs' }),
      'a.cjs': `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nconst b = 1;\nvar c = b;\nexports.c = c;\n`,
      'b.js': `const b = 1;\nvar c = b;\nmodule.exports = c;\n//# sourceMappingURL=b.js.map\n`,
    };
    expect(await found(lintFixes, files)).toEqual([]);
    expect(await found(undocumentedExports, files)).toEqual([]);
  });
});

describe('formatting', () => {
  const files = { 'package.json': manifest(), 'a.js': 'export const a=1\n' };
  it('is the business only of a project with prettier installed', async () => {
    expect(await found(formatting, files, { profile: { formatter: null } })).toEqual([]);
    expect(await found(formatting, files, { profile: { formatter: 'prettier' } })).toEqual([]);
  });

  it('is what the project’s own prettier would change, unless it would change most', async () => {
    const own = projectWith({
      ...files,
      'b.js': 'export const b = 1;\n',
      'dist/c.js': 'var c=1\n',
      '.prettierignore': 'd.js\n',
      'd.js': 'var d=1\n',
    });
    const messy = projectWith(
      Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`m${n}.js`, 'var a=1\n'])),
    );
    for (const root of [own, messy]) {
      mkdirSync(join(root, 'node_modules'));
      symlinkSync(resolve('node_modules/prettier'), join(root, 'node_modules/prettier'));
    }
    const scan = async (root: string) =>
      formatting.find(
        await openContext(
          { root, profile: { ...profile, formatter: 'prettier' }, remoteUrl: null },
          new AbortController().signal,
        ),
      );
    expect((await scan(own)).map(({ fingerprint }) => fingerprint)).toEqual(['formatting:a.js']);
    expect(await scan(messy)).toEqual([]);
  });
});

describe('metadata', () => {
  it('is not added where it is stated, or where nothing proves it', async () => {
    const remoteUrl = 'https://github.com/me/x.git';
    expect(await found(metadata, { 'package.json': manifest() }, { remoteUrl })).toEqual([
      'package.json:repository',
    ]);
    expect(
      await found(
        metadata,
        { 'package.json': manifest({ repository: 'me/x' }), LICENSE: 'All rights reserved.' },
        { remoteUrl },
      ),
    ).toEqual([]);
    expect(
      await found(metadata, { 'package.json': manifest() }, { remoteUrl: '/srv/git/x.git' }),
    ).toEqual([]);
    expect(await found(metadata, { 'package.json': '[]' }, { remoteUrl })).toEqual([]);
  });
});

describe('comments', () => {
  it('counts markers that name work, not strings, words or stubs', async () => {
    const todo = 'TODO';
    const files = {
      'a.js': `// ${todo}: cope with negative numbers\n// ${todo}\n// a todo list for the reader\nconst s = '// ${todo}: not a comment at all';\n/* FIXME(ada) this loses the last cent */\n`,
      'a.min.js': `// ${todo}: cope with negative numbers\n`,
    };
    expect(await found(todoComments, files)).toEqual([
      `a.js:FIXME this loses the last cent`,
      `a.js:${todo} cope with negative numbers`,
    ]);
  });
});

describe('swallowed errors', () => {
  it('are caught without a word, and not where somebody says why', async () => {
    const files = {
      'a.js': `export function bad() { try { f(); } catch {} }\nexport const worse = () => g().catch(() => {});\nexport function fine() { try { f(); } catch { /* absent is fine */ } }\nexport function good() { try { f(); } catch (e) { log(e); } }\n`,
      'a.test.js': `try { f(); } catch {}\n`,
    };
    expect(await found(swallowedErrors, files)).toEqual(['a.js:bad', 'a.js:worse']);
  });
});

describe('undocumented exports', () => {
  it('are functions without a comment that speaks of them', async () => {
    const files = {
      'a.js': `/* Copyright Ada */\n\nexport function first() {}\n// eslint-disable-next-line no-x\nexport const second = () => {};\n/** Says what it does. */\nexport function third() {}\nexport const value = 1;\nfunction inner() {}\n`,
      'b.js': `// Says it.\nmodule.exports = f;\nfunction f() {}\n`,
      'c.js': `/** All. */\nexport function c() {}\n`,
    };
    expect((await gaps(undocumentedExports, files)).map(({ title }) => title)).toEqual([
      'Document the exported functions of a.js: first, second',
      'Document the exported functions of b.js: f',
    ]);
  });
});

describe('untested modules', () => {
  const source = 'export function f() {}\n';
  it('are reached by no test: by path, through the package, or by the name of a test', async () => {
    const files = {
      'package.json': manifest({
        name: 'pkg',
        exports: { '.': './main.js', './sub': './dist/sub.js' },
      }),
      'main.js': source,
      'src/sub.js': source,
      'lib/named.js': source,
      'lib/handed.js': source,
      'lib/index.js': `export * from './handed.js';\n`,
      'lib/alone.js': source,
      'test/a.test.js': `import 'pkg/sub';\nimport '../lib';\n`,
      'test/test-named.js': `import 'node:test';\n`,
    };
    expect(await found(untestedModules, files)).toEqual(['lib/alone.js']);
  });

  it('are not those that a test beside them reaches as its own folder', async () => {
    const files = {
      'package.json': manifest({ type: 'commonjs', exports: undefined, main: 'reuse.js' }),
      'reuse.js': 'function f() {}\nmodule.exports = f;\n',
      'test.js': `require('./');\n`,
    };
    expect(await found(untestedModules, files)).toEqual([]);
  });

  it('are not those that a test reaches by the name of a package of the monorepo', async () => {
    const files = {
      'package.json': manifest({ workspaces: ['packages/*'] }),
      'packages/a/package.json': manifest({ name: '@x/a', exports: './src/main.js' }),
      'packages/a/src/main.js': `export * from './more.js';\n${source}`,
      'packages/a/src/more.js': source,
      'packages/b/test/a.test.js': `import '@x/a';\n`,
    };
    expect(await found(untestedModules, files)).toEqual([]);
  });

  it('are nothing to a project without any test', async () => {
    expect(await found(untestedModules, { 'package.json': manifest(), 'a.js': source })).toEqual(
      [],
    );
  });
});

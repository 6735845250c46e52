import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scan } from '../../../electron/generate/scan.ts';
import type { Gap } from '../../../shared/model/gap.ts';
import { manifest, profile, projectWith, write } from './project.ts';

async function find(
  root: string,
  remoteUrl: string | null = null,
): Promise<{ gaps: Gap[]; troubles: string[]; ids: string[] }> {
  const result = await scan({ root, profile, remoteUrl }, new AbortController().signal);
  return { ...result, ids: result.gaps.map((gap) => gap.fingerprint).toSorted() };
}

const of = (ids: readonly string[], detector: string): string[] =>
  ids.filter((id) => id.startsWith(`${detector}:`));

describe('a scan', { timeout: 60_000 }, () => {
  it('finds each kind of gap, and finds it again under the same name when lines move', async () => {
    const todo = `// ${'TODO'}: cope with negative numbers`;
    const root = projectWith({
      'package.json': manifest({ dependencies: { 'left-over': '1.0.0' } }),
      'index.js': `import { used } from './lib.js';\nimport { rest } from './other.js';\n/** Runs. */\nexport function run() { return used(); }\n`,
      'lib.js': `import { join } from 'node:path';\n${todo}\nexport function used() {\n  try { return 1; } catch (e) {}\n}\n/** Not used. */\nexport const spare = () => 2;\nexport const text = '// ${'TODO'}: not a comment at all';\n`,
      'other.js': `/** Rests. */\nexport const rest = () => { var a = 1; return a; };\n`,
      'dead.js': 'export const dead = 1;\n',
      'test/lib.test.js': `import '../lib.js';\n`,
    });
    const before = await find(root);
    expect(before.troubles).toEqual([]);
    expect(of(before.ids, 'unused-files')).toEqual(['unused-files:dead.js']);
    expect(of(before.ids, 'unused-exports')).toEqual(['unused-exports:lib.js:spare, text']);
    expect(of(before.ids, 'unused-dependencies')).toEqual([
      'unused-dependencies:package.json:left-over',
    ]);
    expect(of(before.ids, 'unused-imports')).toEqual([
      'unused-imports:index.js',
      'unused-imports:lib.js',
    ]);
    expect(of(before.ids, 'lint-fixes')).toEqual(['lint-fixes:other.js:no-var']);
    expect(of(before.ids, 'comments')).toHaveLength(1);
    expect(of(before.ids, 'swallowed-errors')).toEqual(['swallowed-errors:lib.js:used']);
    expect(of(before.ids, 'untested-modules')).toEqual([
      'untested-modules:index.js',
      'untested-modules:other.js',
    ]);
    expect(of(before.ids, 'undocumented-exports')).toEqual(['undocumented-exports:lib.js']);

    write(root, { 'lib.js': `\n\n\n${readFileSync(join(root, 'lib.js'), 'utf8')}` });
    expect((await find(root)).ids).toEqual(before.ids);
  });

  it('proposes no metadata but what the repository proves', async () => {
    const root = projectWith({
      'package.json': '{ "name": "x", "private": true }\n',
      LICENSE:
        'Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.',
      '.nvmrc': 'lts/*\n',
    });
    const { gaps } = await find(root, 'git@github.com:me/x.git');
    const facts = gaps.flatMap(({ executor }) =>
      executor.kind === 'mechanic' && executor.recipe.kind === 'metadata'
        ? [[executor.recipe.field, executor.recipe.value]]
        : [],
    );
    expect(Object.fromEntries(facts)).toEqual({
      license: 'ISC',
      repository: { type: 'git', url: 'git+https://github.com/me/x.git' },
    });
  });

  it('leaves files alone that something names, and lets a human look at deletions in doubt', async () => {
    const root = projectWith({
      'package.json': manifest({ browser: { './index.js': './web.js' } }),
      'index.js': `export const load = (name) => import(name);\nexport const plugins = ['./plugins/one'];\n`,
      'web.js': 'export const web = 1;\n',
      'plugins/one.js': 'export default 1;\n',
      'examples/hello.js': `import '../index.js';\n`,
      'bench/run.js': `import { fast } from '../fast.js';\nfast();\n`,
      'fast.js': 'export const fast = () => 1;\n',
    });
    const { gaps } = await find(root);
    const unused = gaps.filter(
      (gap) => gap.detector === 'unused-files' || gap.detector === 'unused-exports',
    );
    expect(unused.map((gap) => [gap.fingerprint, gap.risk])).toEqual([
      ['unused-files:plugins/one.js', 'high'],
    ]);
  });

  it('still counts what the other detectors found when one fails', async () => {
    const root = projectWith({
      'package.json': manifest(),
      'knip.json': '{ "entry": 7 }',
      'index.js': 'var a = 1;\nexport { a };\n',
    });
    const { ids, troubles } = await find(root);
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toContain('knip');
    expect(of(ids, 'lint-fixes')).toEqual(['lint-fixes:index.js:no-var']);
  });

  it('does not modernise a file that may have to run on old engines', async () => {
    const root = projectWith({
      'package.json': manifest({ type: 'commonjs' }),
      'index.js': 'var a = 1;\nmodule.exports = a;\n',
    });
    expect(of((await find(root)).ids, 'lint-fixes')).toEqual([]);
  });

  it('changes nothing in the project', async () => {
    const root = projectWith({
      'package.json': manifest(),
      'index.js': 'var a = 1;\nexport { a };\n',
      'dead.js': '',
    });
    await find(root);
    expect(readFileSync(join(root, 'index.js'), 'utf8')).toContain('var a');
    expect(existsSync(join(root, 'dead.js'))).toBe(true);
  });
});

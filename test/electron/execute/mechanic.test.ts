import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runRecipe } from '../../../electron/execute/mechanic/mechanic.ts';
import { scanInChild } from '../../../electron/generate/scanInChild.ts';
import { createSample } from '../../../electron/node/sample/createSample.ts';
import type { MechanicRecipe } from '../../../shared/model/task.ts';
import { git, manifest, profile, projectWith } from '../generate/project.ts';

const run = (root: string, recipe: MechanicRecipe) =>
  runRecipe(recipe, { root, profile, signal: new AbortController().signal });

const diff = (root: string): string[] =>
  git(root, 'diff', '--unified=0')
    .split('\n')
    .filter((line) => /^[+-](?![+-]{2})/.test(line));

function failingTests(root: string): string[] {
  const env = { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined };
  const { stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap'], {
    cwd: root,
    encoding: 'utf8',
    env,
  });
  expect(stdout).toContain('# tests');
  return stdout
    .split('\n')
    .filter((line) => /^\s*not ok/.test(line))
    .map((line) => line.trim().replace(/^not ok \d+ - /, ''));
}

describe('the mechanic', () => {
  it('closes every gap of the sample project that it can, and breaks no test', async () => {
    const root = join(mkdtempSync(join(tmpdir(), 'vigil-sample-')), 'hourbook');
    await createSample(root);
    const baseline = failingTests(root);
    expect(baseline).toEqual(['an amount keeps its last cent']);

    const scan = () => scanInChild({ root, profile, remoteUrl: null });
    const { gaps, troubles } = await scan();
    expect(troubles).toEqual([]);
    expect(new Set(gaps.map((gap) => gap.detector))).toEqual(
      new Set([
        'unused-files',
        'unused-exports',
        'unused-imports',
        'lint-fixes',
        'metadata',
        'comments',
        'swallowed-errors',
        'untested-modules',
        'undocumented-exports',
      ]),
    );
    for (const gap of gaps) {
      if (gap.executor.kind !== 'mechanic') continue;
      expect(await run(root, gap.executor.recipe), gap.fingerprint).toHaveProperty('summary');
      expect(git(root, 'status', '--porcelain').trim().split('\n'), gap.fingerprint).toHaveLength(
        1,
      );
      git(root, 'commit', '--quiet', '--all', '--message', gap.title);
      expect(await run(root, gap.executor.recipe), gap.fingerprint).toHaveProperty('nothing');
    }
    expect(failingTests(root)).toEqual(baseline);
    expect((await scan()).gaps.filter((gap) => gap.executor.kind === 'mechanic')).toEqual([]);
  }, 60_000);

  it('takes back an export that the file itself uses and keeps the declaration', async () => {
    const root = projectWith({
      'a.js': 'export   const one = 1;\nexport const two = () => one;\n',
    });
    await run(root, { kind: 'unused-exports', file: 'a.js', names: ['one'] });
    expect(diff(root)).toEqual(['-export   const one = 1;', '+const one = 1;']);
  });

  it('removes what only a dead export kept alive, with its comment, and nothing that acts', async () => {
    const root = projectWith({
      'a.js': `import { join } from 'node:path';\nimport { act } from './act.js';\n\nconst registered = act();\n\n/** Helps. */\nfunction helper() {\n  return join('a', registered);\n}\n\n/** Dead. */\nexport function dead() {\n  return helper() + act;\n}\n\nexport const alive = 1;\n`,
    });
    await run(root, { kind: 'unused-exports', file: 'a.js', names: ['dead'] });
    expect(readFileSync(join(root, 'a.js'), 'utf8')).toBe(
      `import { act } from './act.js';\n\nconst registered = act();\n\nexport const alive = 1;\n`,
    );
  });

  it('removes specifiers and re-exports from their lists', async () => {
    const root = projectWith({
      'a.js': `const a = 1, b = 2;\nconsole.log(b);\nexport { a, b as c };\nexport { x } from './x.js';\nexport { y, z } from './y.js';\n`,
    });
    await run(root, { kind: 'unused-exports', file: 'a.js', names: ['c', 'x', 'y'] });
    expect(readFileSync(join(root, 'a.js'), 'utf8')).toBe(
      `const a = 1, b = 2;\nconsole.log(b);\nexport { a };\nexport { z } from './y.js';\n`,
    );
  });

  it('keeps a TypeScript module a module', async () => {
    const root = projectWith({
      'a.ts': 'export const a = f();\nf(a);\ndeclare function f(a?: number): number;\n',
    });
    await run(root, { kind: 'unused-exports', file: 'a.ts', names: ['a'] });
    expect(readFileSync(join(root, 'a.ts'), 'utf8')).toContain('export {};');
  });

  it('edits a manifest in its own indentation and customary order', async () => {
    const root = projectWith({
      'package.json':
        '{\n\t"name": "x",\n\t"type": "module",\n\t"dependencies": {\n\t\t"a": "1",\n\t\t"b": "2"\n\t}\n}',
    });
    await run(root, { kind: 'metadata', manifest: 'package.json', field: 'license', value: 'MIT' });
    await run(root, {
      kind: 'unused-dependency',
      manifest: 'package.json',
      name: 'b',
      section: 'dependencies',
    });
    expect(readFileSync(join(root, 'package.json'), 'utf8')).toBe(
      '{\n\t"name": "x",\n\t"license": "MIT",\n\t"type": "module",\n\t"dependencies": {\n\t\t"a": "1"\n\t}\n}',
    );
  });

  it('applies the named rules only', async () => {
    const root = projectWith({
      'package.json': manifest(),
      'a.js': `import { join } from 'node:path';\nvar a = typeof join == 'string';\nexport { a };\n`,
    });
    await run(root, { kind: 'lint-fix', file: 'a.js', rules: ['no-var'] });
    expect(diff(root)).toEqual(
      [`-var a = typeof join == 'string';`, `+const a = typeof join == 'string';`].map((line) =>
        line.replace('+const', '+let'),
      ),
    );
  });

  it.each<MechanicRecipe>([
    { kind: 'unused-file', file: 'gone.js' },
    { kind: 'unused-exports', file: 'a.js', names: ['gone'] },
    { kind: 'unused-dependency', manifest: 'package.json', name: 'gone', section: 'dependencies' },
    { kind: 'lint-fix', file: 'a.js', rules: ['no-var'] },
    { kind: 'format', file: 'a.js' },
    { kind: 'metadata', manifest: 'package.json', field: 'license', value: 'ISC' },
  ])('says why there is nothing to do: $kind', async (recipe) => {
    const root = projectWith({ 'package.json': manifest(), 'a.js': 'export const a = 1;\n' });
    expect(await run(root, recipe)).toHaveProperty('nothing');
    expect(diff(root)).toEqual([]);
  });

  it('refuses a path outside the workspace', async () => {
    const root = projectWith({ 'a.js': '' });
    await expect(run(root, { kind: 'unused-file', file: '../other.js' })).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });
});

import { describe, expect, it } from 'vitest';
import {
  detectProfile,
  type DetectedProject,
} from '../../../electron/execute/profile/detectProfile.ts';
import { writeFiles } from '../../userGit.ts';
import { temporaryFolder } from './repository.ts';

type Files = Readonly<Record<string, string>>;

async function detect(files: Files): Promise<DetectedProject> {
  const root = temporaryFolder();
  writeFiles(root, files);
  return detectProfile(root);
}

async function profileOf(files: Files): Promise<DetectedProject['profile']> {
  return (await detect(files)).profile;
}

function manifest(fields: object): string {
  return JSON.stringify({ name: 'app', ...fields });
}

const npmPlaceholder = 'echo "Error: no test specified" && exit 1';

describe('the package manager', () => {
  it.each([
    ['package-lock.json', '{}', 'npm', 'npm ci --no-audit --no-fund'],
    ['npm-shrinkwrap.json', '{}', 'npm', 'npm ci --no-audit --no-fund'],
    ['pnpm-lock.yaml', '', 'pnpm', 'pnpm install --frozen-lockfile'],
    [
      'yarn.lock',
      '# yarn lockfile v1\n',
      'yarn',
      'yarn install --frozen-lockfile --non-interactive',
    ],
    ['yarn.lock', '# generated\n\n__metadata:\n  version: 8\n', 'yarn', 'yarn install --immutable'],
    ['bun.lock', '{}', 'bun', 'bun install --frozen-lockfile'],
    ['bun.lockb', '', 'bun', 'bun install --frozen-lockfile'],
  ])('is told by %s', async (lockfile, content, name, install) => {
    const profile = await profileOf({
      'package.json': manifest({ dependencies: { a: '1' } }),
      [lockfile]: content,
    });
    expect(profile).toMatchObject({ packageManager: name, install });
    expect(profile.sources['packageManager']).toContain(lockfile);
  });

  it('is the one that the manifest names, whatever lock files lie about', async () => {
    const profile = await profileOf({
      'package.json': manifest({ packageManager: 'pnpm@9.1.0', dependencies: { a: '1' } }),
      'package-lock.json': '{}',
      'pnpm-lock.yaml': '',
    });
    expect(profile).toMatchObject({
      packageManager: 'pnpm',
      install: 'pnpm install --frozen-lockfile',
    });
  });

  it('is npm among several lock files, and the user is told', async () => {
    const profile = await profileOf({
      'package.json': manifest({ dependencies: { a: '1' } }),
      'yarn.lock': '',
      'package-lock.json': '{}',
    });
    expect(profile.packageManager).toBe('npm');
    expect(profile.notes.join('\n')).toMatch(/package-lock\.json, yarn\.lock.*npm is used/);
  });

  it('that is not installed here is noted with what to do', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      const profile = await profileOf({
        'package.json': manifest({ packageManager: 'pnpm@9.1.0' }),
      });
      expect(profile.notes.join('\n')).toMatch(/pnpm, which is not installed here/);
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('writes no lock file where the project keeps none', async () => {
    const profile = await profileOf({ 'package.json': manifest({ devDependencies: { a: '1' } }) });
    expect(profile.install).toBe('npm install --no-audit --no-fund --no-package-lock');
  });

  it('has nothing to install without dependencies, workspaces or install scripts', async () => {
    expect((await profileOf({ 'package.json': manifest({}) })).install).toBeNull();
    expect(
      (await profileOf({ 'package.json': manifest({ scripts: { prepare: 'tsc' } }) })).install,
    ).not.toBeNull();
    expect(
      (await profileOf({ 'package.json': manifest({ workspaces: ['packages/*'] }) })).install,
    ).not.toBeNull();
  });
});

describe('the test command', () => {
  it.each([npmPlaceholder, 'exit 0', 'true', 'echo none', 'echo "No tests yet" && exit 0'])(
    'is none when the script is %s',
    async (test) => {
      const profile = await profileOf({ 'package.json': manifest({ scripts: { test } }) });
      expect(profile.test).toBeNull();
      expect(profile.notes.join('\n')).toMatch(/No test command/);
    },
  );

  it.each(['node test.js', 'echo start && mocha', 'tsc && node --test', 'true && vitest'])(
    'is the script %s',
    async (test) => {
      const profile = await profileOf({ 'package.json': manifest({ scripts: { test } }) });
      expect(profile).toMatchObject({ test: 'npm test', notes: [] });
    },
  );

  it('is the script of another usual name when `test` does nothing', async () => {
    const profile = await profileOf({
      'package.json': manifest({ scripts: { test: npmPlaceholder, 'test:unit': 'mocha' } }),
    });
    expect(profile.test).toBe('npm run test:unit');
  });

  it("is run by the project's own package manager", async () => {
    const scripts = { test: 'node test.js' };
    expect((await profileOf({ 'package.json': manifest({ scripts }), 'yarn.lock': '' })).test).toBe(
      'yarn test',
    );
    // `bun test` would be another runner altogether.
    expect((await profileOf({ 'package.json': manifest({ scripts }), 'bun.lock': '' })).test).toBe(
      'bun run test',
    );
  });

  it('is noted when it watches for changes', async () => {
    const watching = await profileOf({
      'package.json': manifest({ scripts: { test: 'jest --watchAll' } }),
    });
    expect(watching.notes.join('\n')).toMatch(/may never end/);
    const single = await profileOf({
      'package.json': manifest({ scripts: { test: 'react-scripts test --watchAll=false' } }),
    });
    expect(single.notes).toEqual([]);
  });

  it.each([
    ['vitest', 'npx --no-install vitest run'],
    ['jest', 'npx --no-install jest'],
    ['mocha', 'npx --no-install mocha'],
    ['ava', 'npx --no-install ava'],
    ['tap', 'npx --no-install tap'],
  ])('is told by the dependency %s and a test file', async (runner, test) => {
    const dependencies = { devDependencies: { [runner]: '1' } };
    expect(
      (await profileOf({ 'package.json': manifest(dependencies), 'src/sum.test.js': '' })).test,
    ).toBe(test);
    expect(
      (await profileOf({ 'package.json': manifest(dependencies), 'src/sum.js': '' })).test,
    ).toBeNull();
  });

  it("is Node's own runner where a test imports it, also without a manifest", async () => {
    const profile = await profileOf({ 'test/sum.test.js': "const test = require('node:test');" });
    expect(profile).toMatchObject({ packageManager: 'none', install: null, test: 'node --test' });
  });

  it('does not come from what is installed or built', async () => {
    const profile = await profileOf({
      'node_modules/a/test/a.test.js': "require('node:test')",
      'dist/a.test.js': "require('node:test')",
    });
    expect(profile).toMatchObject({ test: null, language: 'other' });
  });

  it.each([
    [{ 'Cargo.toml': '' }, 'cargo test'],
    [{ 'go.mod': '' }, 'go test ./...'],
    [{ 'pytest.ini': '' }, 'python3 -m pytest'],
    [{ 'tests/test_sum.py': '' }, 'python3 -m pytest'],
    [{ Makefile: 'all:\n\ttrue\ntest: all\n\ttrue\n' }, 'make test'],
    [{ Makefile: 'test := 1\nall:\n\ttrue\n' }, null],
  ])('of other tools: %o', async (files, test) => {
    expect((await profileOf(files as Files)).test).toBe(test);
  });
});

describe('what else is detected', () => {
  it('the language by the sources', async () => {
    expect(
      (await profileOf({ 'src/a.ts': '', 'src/b.tsx': '', 'rollup.config.js': '' })).language,
    ).toBe('typescript');
    expect((await profileOf({ 'index.js': '', 'index.d.ts': '' })).language).toBe('javascript');
    expect((await profileOf({ 'main.py': '' })).language).toBe('other');
  });

  it('lint by its script, else by ESLint and its configuration', async () => {
    expect((await profileOf({ 'package.json': manifest({ scripts: { lint: 'xo' } }) })).lint).toBe(
      'npm run lint',
    );
    const eslint = { devDependencies: { eslint: '9' } };
    expect(
      (await profileOf({ 'package.json': manifest(eslint), 'eslint.config.js': '' })).lint,
    ).toBe('npx --no-install eslint .');
    expect((await profileOf({ 'package.json': manifest(eslint) })).lint).toBeNull();
  });

  it('prettier by dependency or configuration', async () => {
    expect(
      (await profileOf({ 'package.json': manifest({ devDependencies: { prettier: '3' } }) }))
        .formatter,
    ).toBe('prettier');
    expect((await profileOf({ '.prettierrc.json': '{}' })).formatter).toBe('prettier');
    expect((await profileOf({ 'package.json': manifest({}) })).formatter).toBeNull();
  });

  it('says what is wrong with a manifest it cannot read, and goes on', async () => {
    for (const [text, reason] of [
      ['{ "name": ', /JSON/],
      ['[]', /not an object/],
    ] as const) {
      const profile = await profileOf({ 'package.json': text });
      expect(profile).toMatchObject({ packageManager: 'none', test: null });
      expect(profile.notes[0]).toMatch(reason);
    }
  });

  it('ignores fields of a wrong type', async () => {
    expect(
      await profileOf({
        'package.json': '{ "scripts": [], "dependencies": "none", "packageManager": 7 }',
      }),
    ).toMatchObject({ packageManager: 'npm', install: null, test: null });
  });
});

describe('vigil.yaml', () => {
  it('overrides what was detected and says so', async () => {
    const { profile, target } = await detect({
      'package.json': manifest({ scripts: { test: npmPlaceholder }, dependencies: { a: '1' } }),
      'vigil.yaml':
        'target: develop\ntest: make check\ninstall: null\nlint: ""\nreview: true\ntestTimeoutMinutes: 2\nignore: ["legacy/**"]\n',
    });
    expect(target).toBe('develop');
    expect(profile).toMatchObject({
      test: 'make check',
      install: null,
      lint: null,
      review: true,
      testTimeoutMs: 120_000,
    });
    expect(profile.sources).toMatchObject({
      test: 'vigil.yaml',
      install: 'vigil.yaml',
      packageManager: 'detected: package.json',
    });
    expect(profile.ignore).toEqual(expect.arrayContaining(['legacy/**', '**/node_modules/**']));
    expect(profile.notes).toEqual([]);
  });

  it('may say that there are no tests, and is not told again', async () => {
    const profile = await profileOf({
      'package.json': manifest({ scripts: { test: 'mocha' } }),
      'vigil.yml': 'test: null\n',
    });
    expect(profile).toMatchObject({ test: null, notes: [] });
  });

  it('counts as absent when it is empty or all comment', async () => {
    const { profile, target } = await detect({
      'vigil.yaml': '# nothing yet\n',
      Makefile: 'test:\n',
    });
    expect({ test: profile.test, target }).toEqual({ test: 'make test', target: null });
  });

  it.each([
    ['tset: make\n', /vigil\.yaml:1:1: tset: unknown field; did you mean "test"\?/],
    ['review: true\ntest: [a\n', /vigil\.yaml:3:1/],
    ['review: maybe\n', /vigil\.yaml:1:1: review: expected boolean/],
    ['test: npm test\ntestTimeoutMinutes: -1\n', /vigil\.yaml:2:1: testTimeoutMinutes/],
  ])('that is malformed is refused with the line: %j', async (text, message) => {
    await expect(detect({ 'vigil.yaml': text })).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringMatching(message) as string,
    });
  });
});

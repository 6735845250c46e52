import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { diffStat } from '../../../electron/execute/repository/commit.ts';
import { lintDelta, type LintDelta } from '../../../electron/execute/verify/lint.ts';
import { lintByCommand } from '../../../electron/execute/verify/lintCommand.ts';
import { CommitId } from '../../../shared/model/ids.ts';
import { commitFiles, userGit } from '../../userGit.ts';
import { userRepository } from './repository.ts';

type Files = Readonly<Record<string, string>>;

const NODE_MODULES = path.join(import.meta.dirname, '../../../node_modules');
const noWarnings =
  "module.exports = [{ rules: { 'no-console': 'warn', 'no-debugger': 'error' } }];\n";

/** A repository with ESLint installed, as a project's own. */
function withEslint(files: Files): string {
  const repository = userRepository({
    'package.json': '{"type":"commonjs"}',
    '.gitignore': 'node_modules\n',
    ...files,
  });
  mkdirSync(path.join(repository, 'node_modules'));
  symlinkSync(path.join(NODE_MODULES, 'eslint'), path.join(repository, 'node_modules', 'eslint'));
  return repository;
}

async function change(repository: string, files: Files, signal?: AbortSignal): Promise<LintDelta> {
  const base = CommitId.parse(userGit(repository, 'rev-parse', 'HEAD'));
  commitFiles(repository, files);
  const diff = await diffStat(repository, base, 'HEAD');
  return lintDelta({ path: repository, base }, diff.files, signal);
}

describe('the lint problems of a change', () => {
  it('are not looked for in a file that nobody wrote by hand: it would take minutes', async () => {
    const large = 'var a = 1 == 2;\n'.repeat(100_000);
    const delta = await change(userRepository({ 'a.txt': 'a' }), { 'large.js': large });
    expect(delta).toEqual({ kind: 'nothing' });
  });

  it("are counted before and after it, by Vigil's own rules where the project has none", async () => {
    const repository = userRepository({ 'a.js': 'var a = 1;\nmodule.exports = a;\n' });
    const delta = await change(repository, {
      'a.js': 'var a = 1;\nvar b = 2;\nmodule.exports = a == b;\n',
    });
    expect(delta).toEqual({
      kind: 'compared',
      before: { errors: 1, warnings: 0 },
      after: { errors: 3, warnings: 0 },
      by: "Vigil's ESLint rules",
    });
  });

  it("are counted by the project's own configuration where it has ESLint", async () => {
    const repository = withEslint({
      'eslint.config.js': noWarnings,
      'a.js': 'console.log(1);\ndebugger;\nvar legacy = 1;\n',
    });
    const delta = await change(repository, {
      'a.js': 'console.log(1);\nconsole.log(2);\nvar legacy = 1;\n',
    });
    expect(delta).toMatchObject({
      before: { errors: 1, warnings: 1 },
      after: { errors: 0, warnings: 2 },
      by: "the project's ESLint",
    });
  });

  it('of a new file count from nothing, and only in files that were touched', async () => {
    const repository = userRepository({ 'old.js': 'var a = 1;\n' });
    expect(await change(repository, { 'new.js': 'var b = 1;\n' })).toMatchObject({
      before: { errors: 0 },
      after: { errors: 1 },
    });
  });

  it('of a moved file are compared with where it came from', async () => {
    const text = `var a = 1;\nvar b = 2;\nvar c = 3;\nmodule.exports = { a, b, c };\n`;
    const repository = userRepository({ 'old.js': text });
    const base = CommitId.parse(userGit(repository, 'rev-parse', 'HEAD'));
    userGit(repository, 'mv', 'old.js', 'new.js');
    userGit(repository, 'commit', '--quiet', '--message', 'Move');
    const delta = await lintDelta({ path: repository, base }, ['old.js', 'new.js']);
    expect(delta).toMatchObject({ kind: 'compared', before: { errors: 3 }, after: { errors: 3 } });
  });

  it('of a file that can no longer be parsed are an error', async () => {
    const repository = userRepository({ 'a.ts': 'export const a: number = 1;\n' });
    expect(await change(repository, { 'a.ts': 'export const a: = 1;\n' })).toMatchObject({
      before: { errors: 0 },
      after: { errors: 1 },
    });
  });

  it('are nothing to ask for where no file can be linted, or all are gone or ignored', async () => {
    const repository = withEslint({
      'eslint.config.js': "module.exports = [{ ignores: ['skip/**'] }];\n",
      'a.js': '1;\n',
      'b.md': '',
    });
    expect(await change(repository, { 'b.md': 'text\n' })).toEqual({ kind: 'nothing' });
    expect(await change(repository, { 'skip/a.js': 'var a;\n' })).toEqual({ kind: 'nothing' });
    const base = CommitId.parse(userGit(repository, 'rev-parse', 'HEAD'));
    userGit(repository, 'rm', '--quiet', 'a.js');
    userGit(repository, 'commit', '--quiet', '--message', 'Remove');
    expect(await lintDelta({ path: repository, base }, ['a.js'])).toEqual({ kind: 'nothing' });
  });

  it('are unknown, not zero, when the change breaks the configuration', async () => {
    const repository = withEslint({ 'eslint.config.js': noWarnings, 'a.js': '1;\n' });
    const delta = await change(repository, {
      'eslint.config.js': 'module.exports = [{ rules: { nonsense: 17 } }];\n',
      'a.js': '2;\n',
    });
    expect(delta).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('nonsense') as string,
    });
  });

  it("are counted by Vigil's rules when the configuration was broken before", async () => {
    const repository = withEslint({
      'eslint.config.js': "throw new Error('broken for years');\n",
      'a.js': 'var a;\n',
    });
    expect(await change(repository, { 'a.js': 'var a, b;\nvar c;\n' })).toMatchObject({
      kind: 'compared',
      before: { errors: 1 },
      after: { errors: 2 },
      by: "Vigil's ESLint rules",
    });
  });

  it('leave the files on disk as they are', async () => {
    const repository = userRepository({ 'a.js': 'var a = 1;\n' });
    await change(repository, { 'a.js': 'var a = 2;\n' });
    expect(userGit(repository, 'status', '--porcelain')).toBe('');
  });

  it('are given up when it is stopped', async () => {
    const repository = userRepository({ 'a.js': 'var a = 1;\n' });
    await expect(
      change(repository, { 'a.js': 'var a = 2;\n' }, AbortSignal.abort(new Error('enough'))),
    ).rejects.toThrow('enough');
  });
});

describe('the lint command of a project', () => {
  const limits = { stallMs: 300, maxAttemptMs: 60_000 };

  it('is judged by what it says at the base, and leaves the workspace at the result', async () => {
    const repository = userRepository({ 'a.md': 'one\n' });
    const base = CommitId.parse(userGit(repository, 'rev-parse', 'HEAD'));
    const result = commitFiles(repository, { 'a.md': 'two\n' });
    const delta = await lintByCommand({
      workspace: { path: repository, base },
      command: 'cat a.md; exit 1',
      limits,
    });
    expect(delta).toEqual({
      kind: 'judged',
      worse: false,
      detail: '`cat a.md; exit 1` failed before the change too; lines that it says: 1 → 1',
    });
    expect(userGit(repository, 'rev-parse', 'HEAD')).toBe(result);
    expect(userGit(repository, 'branch', '--show-current')).toBe('main');
    expect(readFileSync(path.join(repository, 'a.md'), 'utf8')).toBe('two\n');
  });

  it('is given up when it is stopped', async () => {
    const repository = userRepository();
    const base = CommitId.parse(userGit(repository, 'rev-parse', 'HEAD'));
    const stop = new AbortController();
    const running = lintByCommand({
      workspace: { path: repository, base },
      command: 'sleep 1000',
      limits,
      signal: stop.signal,
      onSpawn: () => stop.abort(),
    });
    await expect(running).rejects.toMatchObject({ code: 'command-failed' });
  });
});

import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { diffStat } from '../../../../electron/execute/repository/commit.ts';
import { scanDiff } from '../../../../electron/execute/verify/security/scanDiff.ts';
import { parsePatch } from '../../../../electron/execute/verify/security/changedLines.ts';
import type { SecurityCheck } from '../../../../electron/execute/verify/security/securityCheck.ts';
import { CommitId } from '../../../../shared/model/ids.ts';
import { commitFiles, userGit, writeFiles } from '../../../userGit.ts';
import { userRepository } from '../repository.ts';

type Files = Readonly<Record<string, string>>;
type Checks = Readonly<Record<SecurityCheck['name'], SecurityCheck>>;

/** In parts, so that this file holds none itself. */
const token = ['ghp', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('_');
const otherToken = ['ghp', 'xXPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUy'].join('_');
const runs = "import { exec } from 'node:child_process';\nexport const run = (x) => exec(x);\n";

/** What the gate says of a commit on top of another. */
async function scan(before: Files, after: Files, more: (root: string) => void = () => undefined) {
  const root = userRepository({ 'readme.txt': 'hello\n', ...before });
  const base = CommitId.parse(userGit(root, 'rev-parse', 'HEAD'));
  more(root);
  commitFiles(root, after);
  const { files } = await diffStat(root, base, 'HEAD');
  const checks = await scanDiff({ workspace: { path: root, base }, files });
  return Object.fromEntries(checks.map((check) => [check.name, check])) as Checks;
}

describe('the secret scan', () => {
  it('fails a change that adds a token, names file and line, and never repeats the token', async () => {
    const checks = await scan({}, { 'src/a.ts': `const a = 1;\nexport const k = '${token}';\n` });
    expect(checks.secrets).toMatchObject({
      verdict: 'failed',
      detail: 'src/a.ts:2: this looks like a secret (github)',
      findings: [{ rule: 'github', file: 'src/a.ts', line: 2, blocks: true }],
    });
    expect(JSON.stringify(checks)).not.toContain(token.slice(4));
  });

  it('looks into files of every kind', async () => {
    for (const file of ['deploy.sh', '.env', 'notes.md', 'a file with spaces.py', 'ünï.txt'])
      expect((await scan({}, { [file]: `TOKEN=${token}\n` })).secrets.verdict).toBe('failed');
  });

  it('is not silenced by a comment, by attributes, or by what is on disk after the commit', async () => {
    const commented = await scan({}, { 'a.js': `// secretlint-disable\nconst k = '${token}';\n` });
    expect(commented.secrets.verdict).toBe('failed');
    const hidden = await scan({}, { '.gitattributes': '* -diff\n', 'a.js': `'${token}';\n` });
    expect(hidden.secrets.verdict).toBe('failed');
    const root = userRepository({ 'a.js': '1;\n' });
    const base = CommitId.parse(userGit(root, 'rev-parse', 'HEAD'));
    commitFiles(root, { 'a.js': `'${token}';\n` });
    writeFiles(root, { 'a.js': '2;\n' });
    const [secrets] = await scanDiff({ workspace: { path: root, base }, files: ['a.js'] });
    expect(secrets?.verdict).toBe('failed');
  });

  it('lets stand what was there before, also when it moves', async () => {
    const old = { 'a.js': `const k = '${token}';\nconst b = 1;\n` };
    const beside = await scan(old, { 'a.js': `${old['a.js']}const c = 2;\n` });
    expect(beside.secrets.verdict).toBe('passed');
    const moved = await scan(old, {
      'a.js': 'const b = 1;\n',
      'b.js': `  const k = '${token}';\n`,
    });
    expect(moved.secrets.verdict).toBe('passed');
    const replaced = await scan(old, { 'a.js': `const k = '${otherToken}';\nconst b = 1;\n` });
    expect(replaced.secrets.verdict).toBe('failed');
  });

  it('follows no link out of the workspace', async () => {
    const checks = await scan({}, { 'x.txt': 'x\n' }, (root) =>
      symlinkSync('/etc/passwd', path.join(root, 'link.js')),
    );
    expect(checks.secrets.verdict).toBe('passed');
  });
});

describe('the scan for unsafe code', () => {
  it.each([
    ['runs a command that is no literal', 'a.mjs', runs],
    ['evaluates an expression', 'a.js', 'module.exports = (x) => eval(x);\n'],
    ['makes a function of text', 'a.ts', 'export const f = (x: string) => new Function(x);\n'],
    ['sets markup', 'a.tsx', 'export const f = (e: Element, x: string) => { e.innerHTML = x; };\n'],
    ['hides text', 'a.js', "const a = 'x\u202e y';\n"],
  ])('fails a change that %s', async (_, file, text) => {
    const checks = await scan({}, { [file]: text });
    expect(checks.static).toMatchObject({ verdict: 'failed', findings: [{ file, blocks: true }] });
  });

  it('is not silenced by a comment', async () => {
    const checks = await scan({}, { 'a.mjs': `/* eslint-disable */\n${runs}` });
    expect(checks.static.verdict).toBe('failed');
  });

  it('counts only what a file has more of than before, wherever it stands now', async () => {
    const formatted = runs.replace('=> exec(x)', '=>\n  exec(x)');
    expect((await scan({ 'a.mjs': runs }, { 'a.mjs': formatted })).static.verdict).toBe('passed');
    const twice = `${runs}export const again = (x) => exec(x);\n`;
    const checks = await scan({ 'a.mjs': runs }, { 'a.mjs': twice });
    expect(checks.static).toMatchObject({ verdict: 'failed', findings: [{ line: 3 }] });
  });

  it('only tells of what is often harmless, and of unsafe code in tests', async () => {
    const reads = "import fs from 'node:fs';\nexport const f = (x) => fs.readFileSync(x);\n";
    const checks = await scan({}, { 'a.mjs': reads, 'test/a.test.mjs': runs });
    expect(checks.static.verdict).toBe('passed');
    expect(checks.static.findings.map(({ file, blocks }) => [file, blocks])).toEqual([
      ['a.mjs', false],
      ['test/a.test.mjs', false],
    ]);
    expect(checks.static.detail).toMatch(/worth a look: a.mjs:2/);
  });

  it('is unknown for code that can not be parsed or is too large', async () => {
    const broken = await scan({}, { 'a.js': 'const = ;\n' });
    expect(broken.static).toMatchObject({
      verdict: 'unknown',
      detail: 'could not be parsed: a.js',
    });
    const large = await scan({}, { 'a.js': `${'const aaaaaaaa = 1;\n'.repeat(60_000)}` });
    expect(large.static.verdict).toBe('unknown');
  });

  it('has nothing to say of other languages', async () => {
    const checks = await scan({}, { 'a.py': 'eval(x)\n', 'b.sh': 'eval "$1"\n' });
    expect(checks.static).toMatchObject({ verdict: 'passed', findings: [] });
  });
});

describe('the lines of a patch', () => {
  it('are told from headers by the counts of the hunks', () => {
    const patch = [
      'diff --git a/a.txt b/a.txt',
      `index ${'1'.repeat(40)}..${'2'.repeat(40)} 100644`,
      '--- a/a.txt',
      '+++ b/a.txt',
      '@@ -3,2 +3,2 @@ context',
      '--- a/x',
      '-@@ -1 +1 @@',
      '+++ b/other.txt',
      '+diff --git a/x b/x',
      '\\ No newline at end of file',
      '',
    ].join('\n');
    expect(parsePatch(patch)).toEqual([
      {
        file: 'a.txt',
        before: '1'.repeat(40),
        after: '2'.repeat(40),
        added: [
          { number: 3, text: '++ b/other.txt' },
          { number: 4, text: 'diff --git a/x b/x' },
        ],
        removed: ['-- a/x', '@@ -1 +1 @@'],
      },
    ]);
  });
});

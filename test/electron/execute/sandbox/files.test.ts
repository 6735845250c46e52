import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { unshareDependencies } from '../../../../electron/execute/dependencies/dependencyFolders.ts';
import { commitAttempt } from '../../../../electron/execute/repository/commit.ts';
import { git } from '../../../../electron/execute/repository/git.ts';
import { lintDelta } from '../../../../electron/execute/verify/lint.ts';
import { projectSandbox } from '../../../../electron/execute/sandbox/projectSandbox.ts';
import { toolFolders } from '../../../../electron/execute/sandbox/toolFolders.ts';
import { stopSandbox } from '../../../../electron/execute/sandbox/sandbox.ts';
import { taskId } from '../../../../shared/model/ids.ts';
import { runTool } from '../../../../electron/tools/runTool.ts';
import { creator, temporaryFolder } from '../repository.ts';
import { heldProject } from './held.ts';

afterAll(stopSandbox);

test('a command works in its worktree as it does outside of the sandbox', async () => {
  const { held, worktree } = await heldProject();
  const ran = await held('cat a.txt && echo new > new.txt && echo done; exit 3');
  expect(ran).toMatchObject({ exitCode: 3, stdout: 'one\ndone\n' });
  expect(readFileSync(path.join(worktree, 'new.txt'), 'utf8')).toBe('new\n');
});

test.each([
  ['an absolute path', (to: string) => `echo x > '${to}/made'`],
  ['a symbolic link in the worktree', (to: string) => `ln -s '${to}' way; echo x > way/made`],
  ['/proc', (to: string) => `echo x > '/proc/self/root${to}/made'`],
  [
    'the folder of a process outside',
    (to: string) => `echo x > "/proc/${process.pid}/root${to}/made"`,
  ],
  [
    'a mount of its own',
    (to: string) =>
      `unshare -Urm sh -c "mount --bind '${to}' . && echo x > ./made; mount -o remount,rw,bind / ; echo x > '${to}/made'"`,
  ],
])('nothing is written outside of the worktree by %s', async (_, escape) => {
  const { free, held, visible } = await heldProject();
  const made = path.join(visible, 'made');
  await free(escape(visible));
  expect(existsSync(made)).toBe(true);
  rmSync(made);
  await held(`rm -f way; ${escape(visible)}`);
  expect(existsSync(made)).toBe(false);
});

test('a hard link is no way to change a file outside', async () => {
  const { free, held, outside } = await heldProject();
  const file = path.join(outside, 'file');
  writeFileSync(file, 'before');
  const escape = `rm -f here; ln '${file}' here && printf after > here`;
  await free(escape);
  expect(readFileSync(file, 'utf8')).toBe('after');
  writeFileSync(file, 'before');
  expect(await held(escape)).not.toMatchObject({ exitCode: 0 });
  expect(readFileSync(file, 'utf8')).toBe('before');
});

test('git can be read, while hooks, settings and branches of the clone stay as they are', async () => {
  const { free, held, ground } = await heldProject();
  const read = await held(
    'echo more >> a.txt; git status --short; git diff --stat; git log --oneline',
  );
  expect(read.exitCode).toBe(0);
  expect(read.stdout).toMatch(/ M a\.txt\n[^]*1 insertion[^]*Start/);

  const config = path.join(ground.repository, 'config');
  const before = readFileSync(config, 'utf8');
  const hook = path.join(ground.repository, 'hooks', 'post-checkout');
  const escape = `git config core.fsmonitor ./evil; mkdir -p "$(git rev-parse --git-common-dir)/hooks"; echo evil > '${hook}'; git branch evil`;
  await held(escape);
  expect(readFileSync(config, 'utf8')).toBe(before);
  expect(existsSync(hook)).toBe(false);
  expect((await git(ground.repository, ['branch', '--list', 'evil'])).stdout).toBe('');
  await free(escape);
  expect(readFileSync(config, 'utf8')).not.toBe(before);
  expect(existsSync(hook)).toBe(true);
});

test('a worktree can’t be led to a repository with settings that run programs', async () => {
  const { free, held, workspace, worktree, outside } = await heldProject();
  const escape = [
    `cp -r "$(git rev-parse --git-common-dir)" evil && rm -rf evil/worktrees`,
    `git --git-dir=evil config core.bare false`,
    `git --git-dir=evil config core.worktree '${worktree}'`,
    `git --git-dir=evil config filter.evil.clean "touch '${outside}/ran'; cat"`,
    'echo evil > .gitignore; echo "* filter=evil" > .gitattributes; echo changed > a.txt',
    'printf "gitdir: $PWD/evil" > .git; rm -f .git; mv .git .git.old; mv evil .git',
  ].join('; ');
  const commit = () =>
    commitAttempt(workspace, { task: taskId(1), attempt: 1, title: 'Escape', creator });
  await held(escape);
  await commit();
  expect(existsSync(path.join(outside, 'ran'))).toBe(false);
  rmSync(path.join(worktree, 'evil'), { recursive: true, force: true });
  await free(escape);
  await commit().catch(() => undefined);
  expect(existsSync(path.join(outside, 'ran'))).toBe(true);
});

test('the user’s home, the node’s home, its token and the user’s own checkout can’t be read', async () => {
  const fakeHome = temporaryFolder();
  vi.stubEnv('HOME', fakeHome);
  mkdirSync(path.join(fakeHome, '.ssh'));
  const { free, held, home, user } = await heldProject();
  const secrets = [
    path.join(fakeHome, '.ssh/id_ed25519'),
    path.join(fakeHome, '.npmrc'),
    path.join(home, 'token'),
    path.join(home, 'vigil.db'),
    path.join(user, '.env'),
  ];
  for (const file of secrets) writeFileSync(file, `secret of ${path.basename(file)}`);
  for (const file of [...secrets, `/proc/self/root${secrets[0]}`]) {
    expect((await free(`cat '${file}'`)).stdout).toContain('secret');
    const ran = await held(`cat '${file}' "${file}"; ls -A '${path.dirname(file)}'`);
    expect(ran.stdout + ran.tail).not.toContain('secret');
  }
  vi.unstubAllEnvs();
});

test('a checkout of the user’s can’t be read, wherever it is', async () => {
  const { held, visible, ground } = await heldProject();
  writeFileSync(path.join(visible, '.env'), 'secret');
  const read = `cat '${visible}/.env'`;
  expect((await held(read)).stdout).toBe('secret');
  const others = { ...ground, userRepositories: [...ground.userRepositories, visible] };
  const wrap = projectSandbox(others, { writesDependencies: false });
  expect((await held(read, { wrap })).stdout).toBe('');
});

test('secrets of the environment stay outside, the run’s own names come along', async () => {
  vi.stubEnv('MY_API_KEY', 'sk-12345');
  const { held, ground, worktree } = await heldProject();
  const ran = await held('env', { env: { VIGIL_TASK: 'T-1' } });
  expect(ran.stdout).not.toContain('sk-12345');
  expect(ran.stdout).toContain('VIGIL_TASK=T-1');
  const wrap = projectSandbox(ground, { writesDependencies: false });
  const env = (held?: typeof wrap) => runTool('env', [], { cwd: worktree, wrap: held });
  expect((await env()).stdout).toContain('sk-12345');
  expect((await env(wrap)).stdout).not.toContain('sk-12345');
  vi.unstubAllEnvs();
});

test('home and temporary folder are fresh, writable and gone afterwards, whatever was done to them', async () => {
  const { held } = await heldProject();
  const ran = await held(
    'ls -A "$HOME" "$TMPDIR" | grep -v : ; echo x > ~/made; mkdir "$TMPDIR/shut"; echo x > "$TMPDIR/shut/file"; chmod 0 "$TMPDIR/shut/file"; chmod 500 "$TMPDIR/shut"; mktemp >/dev/null && echo "$HOME $TMPDIR"',
  );
  const [home = '', temp = ''] = ran.stdout.trim().split('\n').at(-1)?.split(' ') ?? [];
  expect(path.dirname(home)).toBe(path.dirname(temp));
  expect(existsSync(path.dirname(home))).toBe(false);
});

test('tests can’t write through dependencies into what other worktrees share, their caches are theirs', async () => {
  const { free, held, worktree, outside } = await heldProject();
  const shared = path.join(outside, 'index.js');
  writeFileSync(shared, 'good');
  for (const folder of ['node_modules/left', 'packages/a/node_modules/right']) {
    mkdirSync(path.join(worktree, folder), { recursive: true });
    linkSync(shared, path.join(worktree, folder, 'index.js'));
  }
  const escape =
    'printf evil > node_modules/left/index.js; printf evil > packages/a/node_modules/right/index.js; mv node_modules old; rm -rf node_modules/left';
  expect((await held(`cat node_modules/left/index.js; ${escape}`)).stdout).toBe('good');
  expect(readFileSync(shared, 'utf8')).toBe('good');
  const cached = await held(
    'for at in .cache .vite; do mkdir -p node_modules/$at/x && echo ok > node_modules/$at/x/y && cat node_modules/$at/x/y; done',
  );
  expect(cached.stdout).toBe('ok\nok\n');
  await free(escape);
  expect(readFileSync(shared, 'utf8')).toBe('evil');
});

test('a command gets dependencies of its own, into which it may write', async () => {
  const { held, worktree, outside } = await heldProject(undefined, { writesDependencies: true });
  const shared = path.join(outside, 'index.js');
  writeFileSync(shared, 'good');
  chmodSync(shared, 0o755);
  mkdirSync(path.join(worktree, 'node_modules/left'), { recursive: true });
  linkSync(shared, path.join(worktree, 'node_modules/left/index.js'));
  symlinkSync('left/index.js', path.join(worktree, 'node_modules/link'));
  await unshareDependencies(worktree);
  const ran = await held(
    'printf evil > node_modules/link; cat node_modules/left/index.js; mkdir node_modules/new',
  );
  expect(ran).toMatchObject({ exitCode: 0, stdout: 'evil' });
  expect(readFileSync(shared, 'utf8')).toBe('good');
  expect(statSync(path.join(worktree, 'node_modules/left/index.js')).mode & 0o777).toBe(0o755);
});

test('code in an ESLint configuration runs in the sandbox', async () => {
  const { workspace, worktree, outside, ground } = await heldProject({ 'a.js': 'let a = 1;\n' });
  const ran = path.join(outside, 'ran');
  mkdirSync(path.join(worktree, 'node_modules'));
  symlinkSync(path.resolve('node_modules/eslint'), path.join(worktree, 'node_modules/eslint'));
  writeFileSync(path.join(worktree, 'a.js'), 'var b = 1;\n');
  writeFileSync(
    path.join(worktree, 'eslint.config.mjs'),
    `import { writeFileSync } from 'node:fs';
     try { writeFileSync(${JSON.stringify(ran)}, 'x'); } catch {}
     export default [{ rules: { 'no-var': 'error' } }];`,
  );
  await commitAttempt(workspace, { task: taskId(1), attempt: 1, title: 'Lint', creator });
  const changed = ['a.js', 'eslint.config.mjs'];
  const wrap = projectSandbox(ground, { writesDependencies: false });
  expect(await lintDelta(workspace, changed, undefined, wrap)).toMatchObject({
    kind: 'compared',
    before: { errors: 0 },
    after: { errors: 1 },
    by: "the project's ESLint",
  });
  expect(existsSync(ran)).toBe(false);
  expect(await lintDelta(workspace, changed)).toMatchObject({ kind: 'compared' });
  expect(existsSync(ran)).toBe(true);
});

test('of a home, the programs on PATH can be run and the logins beside them not be read', () => {
  const home = temporaryFolder();
  vi.stubEnv('HOME', home);
  const folders = [
    '.nvm/versions/node/v24/bin',
    '.nvm/versions/node/v24/lib',
    '.cargo/bin',
    '.local/bin',
    '.local/share',
    'bin',
  ];
  for (const folder of folders) mkdirSync(path.join(home, folder), { recursive: true });
  const onPath = folders.filter((folder) => folder.endsWith('bin'));
  const found = toolFolders(onPath.map((folder) => path.join(home, folder)).join(':'));
  expect(found.map((folder) => path.relative(home, folder)).sort()).toEqual([
    '.cargo/bin',
    '.local/bin',
    '.nvm/versions/node/v24',
    'bin',
  ]);
  vi.unstubAllEnvs();
});

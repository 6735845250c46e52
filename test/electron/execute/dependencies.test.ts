import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  installDependencies,
  type InstallResult,
} from '../../../electron/execute/dependencies/installDependencies.ts';
import { DependencyStore } from '../../../electron/execute/dependencies/dependencyStore.ts';
import { userGit } from '../../userGit.ts';
import { projectAt, temporaryFolder, userRepository } from './repository.ts';

/** Stands for a package manager: makes what one makes, slowly, and counts how often it ran. */
const INSTALL =
  'mkdir -p node_modules/dep && echo "module.exports = 1" > node_modules/dep/index.js && echo run >> "$COUNT" && sleep 0.3';

interface Setting {
  readonly repository: string;
  readonly count: string;
  readonly install: (workspace: string) => Promise<InstallResult>;
  readonly worktree: () => string;
  readonly runs: () => number;
}

async function setting(
  files: Readonly<Record<string, string>>,
  command = INSTALL,
): Promise<Setting> {
  const repository = userRepository({ '.gitignore': 'node_modules\nbuilt\n', ...files });
  const home = temporaryFolder();
  const count = path.join(home, 'count');
  const store = await DependencyStore.open(path.join(home, 'deps'));
  const { profile } = projectAt(repository, {
    packageManager: 'npm',
    install: command.replaceAll('$COUNT', count),
  });
  let worktrees = 0;
  return {
    repository,
    count,
    worktree: () => {
      const folder = path.join(home, `work-${++worktrees}`);
      userGit(repository, 'worktree', 'add', '--quiet', '--detach', folder);
      return folder;
    },
    install: (workspace) =>
      installDependencies({ workspace, profile, store, logFile: path.join(home, 'install.log') }),
    runs: () => (existsSync(count) ? readFileSync(count, 'utf8').trim().split('\n').length : 0),
  };
}

const manifest = (fields: object = {}): string =>
  JSON.stringify({ name: 'x', dependencies: { dep: '1.0.0' }, ...fields });

test('the second worktree links what the first installed, in a fraction of its time', async () => {
  const { install, worktree, runs } = await setting({ 'package.json': manifest() });
  const [first, second] = [worktree(), worktree()];
  const slow = await install(first);
  const fast = await install(second);
  expect([slow.kind, fast.kind, runs()]).toEqual(['installed', 'linked', 1]);
  expect(fast.durationMs).toBeLessThan(slow.durationMs);
  expect(readFileSync(path.join(second, 'node_modules/dep/index.js'), 'utf8')).toBe(
    'module.exports = 1\n',
  );
  const inode = (folder: string): number =>
    statSync(path.join(folder, 'node_modules/dep/index.js')).ino;
  if (process.platform === 'linux') expect(inode(second)).toBe(inode(first));
  expect((await install(second)).kind).toBe('present');
});

test('two worktrees at once install once', async () => {
  const { install, worktree, runs } = await setting({ 'package.json': manifest() });
  const kinds = await Promise.all([install(worktree()), install(worktree())]);
  expect(kinds.map(({ kind }) => kind).sort()).toEqual(['installed', 'linked']);
  expect(runs()).toBe(1);
});

test('other dependencies are installed anew, another description is not', async () => {
  const { install, worktree, runs } = await setting({ 'package.json': manifest() });
  await install(worktree());
  const described = worktree();
  writeFileSync(path.join(described, 'package.json'), manifest({ description: 'New words' }));
  expect((await install(described)).kind).toBe('linked');
  const changed = worktree();
  writeFileSync(path.join(changed, 'package.json'), manifest({ dependencies: { dep: '2.0.0' } }));
  expect((await install(changed)).kind).toBe('installed');
  expect(runs()).toBe(2);
});

test('what a careless test wrote into the linked files is not handed on', async () => {
  const { install, worktree, runs } = await setting({ 'package.json': manifest() });
  const first = worktree();
  await install(first);
  writeFileSync(path.join(first, 'node_modules/dep/index.js'), 'broken by a test\n');
  const second = worktree();
  expect((await install(second)).kind).toBe('installed');
  expect(readFileSync(path.join(second, 'node_modules/dep/index.js'), 'utf8')).toBe(
    'module.exports = 1\n',
  );
  expect(runs()).toBe(2);
});

test('only what git ignores stays of an installation and of the scripts that run in each worktree', async () => {
  const scripts = {
    prepare:
      'mkdir -p built .husky && echo b > built/b && echo h > .husky/h && echo more >> package.json',
  };
  const { install, worktree } = await setting(
    { 'package.json': manifest({ scripts }) },
    `${INSTALL} && npm run prepare`,
  );
  for (const kind of ['installed', 'linked']) {
    const workspace = worktree();
    expect((await install(workspace)).kind).toBe(kind);
    expect(existsSync(path.join(workspace, 'built/b'))).toBe(true);
    expect(userGit(workspace, 'status', '--porcelain')).toBe('');
  }
});

test('a failing installation says why in few words, and leaves nothing to be linked', async () => {
  const { install, worktree, runs } = await setting(
    { 'package.json': manifest() },
    'echo run >> "$COUNT"; echo "npm warn old lockfile"; echo "npm error code ETARGET"; echo "npm error A complete log of this run can be found in: /x"; exit 1',
  );
  for (const time of [1, 2]) {
    const failure = await install(worktree()).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'install-failed',
      message: expect.stringMatching(
        /failed with exit code 1:\nnpm error code ETARGET$/,
      ) as unknown,
    });
    expect(runs()).toBe(time);
  }
});

test('nothing is installed where nothing is to be installed, and a project without dependencies keeps none', async () => {
  const bare = await setting({ 'package.json': '{}' }, 'true');
  expect((await bare.install(bare.worktree())).kind).toBe('installed');
  const workspace = bare.worktree();
  mkdirSync(path.join(workspace, 'src'));
  expect((await bare.install(workspace)).kind).toBe('installed');
  expect(existsSync(path.join(workspace, 'node_modules'))).toBe(false);
});

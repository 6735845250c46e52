import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findRepositories } from '../../../../electron/execute/repository/findRepositories.ts';
import { temporaryFolder } from '../repository.ts';

/** A folder that git would take for a repository, last written to at a time in s since the epoch. */
function repository(folder: string, usedAt: number): string {
  const git = path.join(folder, '.git');
  mkdirSync(git, { recursive: true });
  utimesSync(git, usedAt, usedAt);
  return folder;
}

test('the repositories below a folder are found, the one used last first', async () => {
  const home = temporaryFolder();
  const old = repository(path.join(home, 'old'), 1_000);
  const recent = repository(path.join(home, 'code/team/recent'), 2_000);
  const { repositories, isCut } = await findRepositories(home);
  expect(repositories).toEqual([
    { path: recent, usedAtMs: 2_000_000 },
    { path: old, usedAtMs: 1_000_000 },
  ]);
  expect(isCut).toBe(false);
});

test('what nobody would choose is left out: hidden, installed, within another, linked, skipped', async () => {
  const home = temporaryFolder();
  const outside = repository(path.join(temporaryFolder(), 'outside'), 1);
  const shop = repository(path.join(home, 'shop'), 1);
  for (const name of ['.cache/a', 'node_modules/b', 'shop/vendor/c', 'vigil/projects/d'])
    repository(path.join(home, name), 1);
  mkdirSync(path.join(home, 'worktree'));
  writeFileSync(path.join(home, 'worktree/.git'), `gitdir: ${shop}/.git/worktrees/w\n`);
  symlinkSync(path.dirname(outside), path.join(home, 'link'));
  symlinkSync(home, path.join(home, 'round'));
  const found = await findRepositories(home, new Set([path.join(home, 'vigil')]));
  expect(found.repositories.map((each) => each.path)).toEqual([shop]);
});

test('a search that reaches a bound says that there may be more', async () => {
  const home = temporaryFolder();
  repository(path.join(home, 'a'), 1);
  repository(path.join(home, 'b/c/d'), 2);
  for (const bounds of [{ depth: 2 }, { found: 1 }, { folders: 3 }]) {
    const { repositories, isCut } = await findRepositories(home, new Set(), bounds);
    expect(repositories.length).toBe(1);
    expect(isCut).toBe(true);
  }
  expect(await findRepositories(home, new Set(), { ms: 0 })).toMatchObject({ isCut: true });
});

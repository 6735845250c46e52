import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  commonRemoteOf,
  fetchFromRemote,
  shareableRemote,
} from '../../../../electron/execute/repository/commonRemote.ts';
import { inspectRepository } from '../../../../electron/execute/repository/inspect.ts';
import { commitFiles, userGit } from '../../../userGit.ts';
import { publicServer } from '../../mesh/git/nodes.ts';
import { openProject, temporaryFolder, userRepository } from '../repository.ts';
import { awayNode, homeNode } from './overMesh.ts';

test.for([
  ['https://example.org/team/app.git', 'https://example.org/team/app.git'],
  ['https://ada:secret@example.org/app.git', 'https://example.org/app.git'],
  ['https://ghp_token@example.org/app.git', 'https://example.org/app.git'],
  ['https://example.org/app.git?private_token=x#y', 'https://example.org/app.git'],
  ['ssh://git:secret@example.org:22/app.git', 'ssh://git@example.org:22/app.git'],
  ['git@example.org:team/app.git', 'git@example.org:team/app.git'],
  ['example.org:app.git', 'example.org:app.git'],
  ['/srv/git/app.git', null],
  ['../app.git', null],
  ['./a:b', null],
  ['file:///srv/git/app.git', null],
  ['C:\\code\\app', null],
  ['C:/code/app', null],
  ['ext::sh -c "touch x"', null],
  ['ext::sh', null],
  ['ext::https://example.org/x', null],
  ['-oProxyCommand=x:y', null],
  ['--upload-pack=x:y', null],
  ['https://', null],
  ['', null],
] as const)('of the remote %j, other machines are told %j', ([url, expected]) => {
  expect(shareableRemote(url)).toBe(expected);
});

test('a repository tells where it is published, and one that is not tells nothing', async () => {
  const user = userRepository();
  expect(await commonRemoteOf(user)).toBeNull();
  userGit(user, 'remote', 'add', 'origin', 'https://ada:secret@example.org/app.git');
  expect((await inspectRepository(user)).remote).toBe('https://example.org/app.git');
});

test('what the remote has comes from there, the rest from the home', async () => {
  const user = userRepository();
  const published = path.join(temporaryFolder(), 'published.git');
  commitFiles(user, { 'public.txt': 'p'.repeat(50_000) }, 'Public');
  userGit(user, 'clone', '--quiet', '--bare', user, published);
  const remote = await publicServer(published);
  commitFiles(user, { 'private.txt': 'not published\n' }, 'Private');
  const home = await homeNode(user);
  const away = await awayNode('n-away', home, { project: { remote: remote.url } });
  const { repository } = away.clone;
  expect(remote.asked()).toBeGreaterThan(0);
  expect(userGit(repository, 'rev-parse', 'refs/vigil/remote')).toBe(
    userGit(published, 'rev-parse', 'main'),
  );
  expect((await away.clone.fetch()).target).toBe(userGit(user, 'rev-parse', 'main'));
  // Known already: the remote is not asked again.
  const asked = remote.asked();
  await away.clone.fetch();
  expect(remote.asked()).toBe(asked);
  expect(userGit(published, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
});

test('a remote that does not answer, or that is none, costs nothing but the try', async () => {
  const home = await homeNode();
  for (const remote of ['http://127.0.0.1:1/app.git', 'ext::sh -c false', '/nowhere']) {
    const away = await awayNode('n-away', home, { project: { remote } });
    expect(await away.clone.integrationHead()).toBe(await home.clone.integrationHead());
  }
  const { clone } = await openProject();
  const local = path.join(temporaryFolder(), 'other.git');
  mkdirSync(local);
  userGit(local, 'init', '--quiet', '--bare');
  expect(await fetchFromRemote(clone.repository, local, 'main')).toBe(false);
});

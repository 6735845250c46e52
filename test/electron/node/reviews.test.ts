import { rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ReviewView } from '../../../shared/model/reviewApi.ts';
import { LocalNode, temporaryFolder } from './localNode.ts';
import { makeRepository } from './userRepository.ts';

const Reviews = z.object({ reviews: z.array(ReviewView) });

test('a result whose commit has not arrived here hides no other review', async () => {
  const home = temporaryFolder();
  const node = await LocalNode.start(home);
  await node.addProject(makeRepository(path.join(temporaryFolder(), 'app')));
  const wished = (name: string) =>
    node.task({
      title: name,
      run: `echo ${name} > ${name}.txt`,
      scope: [`${name}.txt`],
      review: true,
    });
  const first = await wished('one');
  const second = await wished('two');
  const reviews = async () => (await node.call('GET', '/v1/reviews', Reviews)).reviews;
  const commit = (await reviews()).find(({ task }) => task.id === first)?.commit ?? '';
  // As on a node that has heard of the result before its maker has sent it.
  const object = path.join(commit.slice(0, 2), commit.slice(2));
  rmSync(path.join(home, 'projects', 'app', 'repo.git', 'objects', object));
  expect(Object.fromEntries((await reviews()).map(({ task, diff }) => [task.id, diff]))).toEqual({
    [first]: null,
    [second]: expect.stringContaining('+two') as unknown,
  });
});

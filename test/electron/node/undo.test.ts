import path from 'node:path';
import { expect, test } from 'vitest';
import { TaskDetail, TaskSummary } from '../../../shared/model/taskApi.ts';
import { userGit } from '../../userGit.ts';
import { LocalNode, temporaryFolder } from './localNode.ts';
import { makeRepository } from './userRepository.ts';

const undo = async (node: LocalNode, id: string): Promise<string> => {
  const task = await node.call('POST', `/v1/tasks/${id}/undo`, TaskSummary, {});
  await node.idle();
  return task.id;
};

test('a merged task is taken back by a task of its own, unless later work builds on it', async () => {
  const user = makeRepository(path.join(temporaryFolder(), 'app'));
  const node = await LocalNode.start(temporaryFolder());
  await node.addProject(user);
  const file = (name: string) => userGit(user, 'show', `vigil/integration:${name}`);

  const names = ['[id].txt', 'b.txt'];
  const write = 'echo b | tee b.txt > "[id].txt"';
  const first = await node.task({ title: 'b', run: write, scope: names });
  const second = await node.task({ title: 'a', run: 'echo two > a.txt', scope: ['a.txt'] });
  const undone = await undo(node, first);
  expect(await node.status(undone)).toBe('merged');
  expect(() => file('b.txt')).toThrow(/b\.txt/);
  expect(file('a.txt')).toBe('two');
  const told = await node.call('GET', `/v1/tasks/${undone}`, TaskDetail);
  expect(told.title).toBe(`Undo ${first}: b`);
  // So that what else is to be done need not wait for it.
  expect(await node.events('task.added')).toContainEqual(
    expect.objectContaining({
      task: undone,
      spec: expect.objectContaining({ scope: names }) as unknown,
    }),
  );

  await node.task({ title: 'more', run: 'echo three > a.txt', scope: ['a.txt'] });
  const blocked = await undo(node, second);
  expect(file('a.txt')).toBe('three');
  expect(await node.events('attempt.failed')).toMatchObject([
    { task: blocked, failure: { reason: expect.stringMatching(/builds on.*a\.txt/) as unknown } },
  ]);
  await expect(undo(node, blocked)).rejects.toThrow(/has not merged/);
});

import { expect, test } from 'vitest';
import { z } from 'zod';
import { call, say } from '../../../models/reply.ts';
import { writeFileCall } from '../../../models/writeFileCall.ts';
import { userGit } from '../../../userGit.ts';
import { AgentNode } from './agentNode.ts';
import { inWorktree } from './scriptedAgents.ts';

const WORD = 'it must say good morning, not hello';

test('what a person said of a result that was sent back is told to the next attempt', async () => {
  const node = await AgentNode.start({
    agents: ['claude'],
    brain: {
      writer: (request) => {
        const text = JSON.stringify(request).includes(WORD) ? 'good morning\n' : 'hello\n';
        return request.toolResults.length > 0
          ? say('The greeting is there.')
          : call(writeFileCall(request, inWorktree(request, 'greeting.txt'), text));
      },
    },
  });
  const id = await node.addTask({
    title: 'Greet in greeting.txt',
    type: 'docs',
    instructions: 'Write the file `greeting.txt` with a greeting in it.',
    acceptance: ['`greeting.txt` greets'],
    deliverables: ['greeting.txt'],
    scope: ['greeting.txt'],
    references: ['a.txt'],
  });
  await node.until(id, 'review');
  await node.call('POST', `/v1/reviews/${id}`, z.unknown(), { answer: 'rejected', reason: WORD });
  const { status } = await node.call(
    'POST',
    `/v1/tasks/${id}/retry`,
    z.object({ status: z.string() }),
    {},
  );
  expect(status).toBe('open');
  const story = await node.until(id, 'review');
  expect(story.execution.map(({ attempt }) => attempt)).toEqual([1, 2]);
  await node.approve(id);
  await node.until(id, 'merged');
  expect(userGit(node.user, 'show', 'vigil/integration:greeting.txt')).toBe('good morning');
});

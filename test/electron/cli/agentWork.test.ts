import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, say } from '../../models/reply.ts';
import { writeFileCall } from '../../models/writeFileCall.ts';
import { AgentNode } from '../node/agents/agentNode.ts';
import { Home } from './vigil.ts';

let home: Home;
beforeAll(async () => {
  home = await Home.create();
});
afterAll(() => home.remove());

it('tells who worked on a task, what was said and done, and what it cost', async () => {
  const node = await AgentNode.start({
    agents: ['claude'],
    brain: {
      writer: (request) =>
        request.toolResults.length > 0
          ? say('The greeting is there.')
          : call(writeFileCall(request, 'greeting.txt', 'hello\n')),
    },
  });
  const id = await node.addTask({
    title: 'Say hello in greeting.txt',
    type: 'docs',
    instructions: 'Write the file `greeting.txt` with the word hello in it.',
    acceptance: ['`greeting.txt` says hello'],
    deliverables: ['greeting.txt'],
    scope: ['greeting.txt'],
    references: ['a.txt'],
  });
  await node.until(id, 'review');
  const vigil = async (...args: string[]) => {
    const { stdout, stderr } = await home.vigil('--home', node.home, ...args);
    expect(stderr).toBe('');
    return stdout;
  };
  const story = await vigil('explain', id);
  expect(story).toMatch(/writer +claude with scripted of scripted, \w+, \d+ tool calls?/);
  expect(story).toMatch(/models +\d+ calls, [\d.]+k? tokens, \$\d/);
  expect(story).toMatch(/cost +\$\d/);
  const transcript = await vigil('transcript', id, '--role', 'writer');
  expect(transcript).toMatch(
    /told\n[^]*greeting\.txt[^]*did .*greeting[^]*said\n +The greeting is there\./,
  );
  expect(await vigil('transcript', '--search', 'the GREETING is')).toMatch(
    new RegExp(`${id} attempt 1, writer {2}message\n +The greeting is there\\.`),
  );
  expect(await vigil('transcript', '--search', 'no such words')).toBe('Nothing was found.\n');
  expect(await vigil('report')).toMatch(
    /Cost of models\n +all +\$\d.*\n[^]*coding +\$\d[^]*writer +\$\d.* \d+ %[^]*right first time +100 % of 1 task/,
  );
  const budget = await vigil('budget');
  expect(budget).toMatch(/coding +\d+ +[\d.]+k? +\$\d/);
  expect(budget).toMatch(new RegExp(`${id} +Say hello`));
  expect(await vigil('models')).toMatch(/docs +claude +scripted\/scripted +100 %/);
  expect(await vigil('status')).toMatch(/spent +\$\d.* in the last 24 hours/);
});

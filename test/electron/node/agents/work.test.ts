import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { call, say } from '../../../models/reply.ts';
import { writeFileCall } from '../../../models/writeFileCall.ts';
import { userGit } from '../../../userGit.ts';
import { AgentNode } from './agentNode.ts';
import { inWorktree, type TestAgent } from './scriptedAgents.ts';

test.for<TestAgent>(['opencode', 'claude', 'qwen'])(
  'a task becomes a merged change by %s',
  async (agent) => {
    const node = await AgentNode.start({
      agents: [agent],
      brain: {
        writer: (request) =>
          request.toolResults.length > 0
            ? say('The greeting is there.')
            : call(writeFileCall(request, inWorktree(request, 'greeting.txt'), 'hello\n')),
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
    const story = await node.until(id, 'review');
    expect(story.headline).toContain('0 of 25 calibration results reviewed');
    await node.approve(id);
    const merged = await node.until(id, 'merged');
    expect(userGit(node.user, 'show', 'vigil/integration:greeting.txt')).toBe('hello');
    const [attempt] = merged.execution;
    expect(attempt?.agents.map(({ role, agent: id, model }) => [role, id, model])).toEqual([
      ['writer', agent, 'scripted'],
      ['reviewer', agent, 'scripted'],
    ]);
    expect(attempt?.calls).toBeGreaterThanOrEqual(3);
    expect(attempt?.tokens).toBeGreaterThan(0);
    expect(attempt?.costUsd).toBeGreaterThan(0);
    expect(merged.outcome.costUsd).toBe(attempt?.costUsd);
    // The provider's key is where keys are kept, and nowhere else: no log, event, transcript or prompt.
    await node.stop();
    expect(filesWith(node.home, 'sk-the-key-of-the-provider')).toEqual(['keys.json']);
    const prompts = JSON.stringify(node.model.requests.map(({ body }) => body));
    expect(prompts).not.toContain('sk-the-key-of-the-provider');
  },
);

/** Files below a folder that hold a text, relative to it. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = path.join(folder, name);
    return statSync(file, { throwIfNoEntry: false })?.isFile() && readFileSync(file).includes(text);
  });
}

import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { BudgetChangeView } from '../../../../shared/model/agentApi.ts';
import { ExplanationView } from '../../../../shared/model/explanationApi.ts';
import { TaskSummary } from '../../../../shared/model/taskApi.ts';
import { Budget } from '../../../../shared/model/budget.ts';
import { startModelServer } from '../../../models/modelServer.ts';
import { call, say, stall } from '../../../models/reply.ts';
import { shellCall, writeFileCall } from '../../../models/writeFileCall.ts';
import { userGit } from '../../../userGit.ts';
import { temporaryFolder } from '../localNode.ts';
import { makeRepository } from '../userRepository.ts';
import { bundleVigil, VigilProcess } from '../vigilProcess.ts';
import { inWorktree, scripted, think, writeConfig, type Brain } from './scriptedAgents.ts';

let vigil: { entry: string; remove: () => void };
beforeAll(async () => {
  vigil = await bundleVigil();
});
afterAll(() => vigil.remove());

const TASK = {
  project: 'app',
  executor: { kind: 'agent' },
  title: 'Say hello in greeting.txt',
  type: 'docs',
  instructions: 'Write the file `greeting.txt` with the word hello in it.',
  acceptance: ['`greeting.txt` says hello', 'nothing else is in it'],
  deliverables: ['greeting.txt'],
  scope: ['greeting.txt', 'part.txt'],
};

test('work of an agent that kill -9 cut off is gone on with, and its open call is paid for', async () => {
  const crashed = { yes: false };
  const brain: Brain = {
    writer: (request) => {
      const begun = request.toolResults.length > 0;
      if (!crashed.yes)
        return begun
          ? stall
          : call(writeFileCall(request, inWorktree(request, 'part.txt'), 'hello\n'));
      // It may go on with its old session or begin a new one: what it is to do is the same.
      if (!existsSync(inWorktree(request, 'part.txt'))) return say('done');
      return call(shellCall(request, 'mv part.txt greeting.txt'));
    },
  };
  const model = await startModelServer({ script: (request) => think(brain, request) });
  onTestFinished(() => model.close());
  const folder = temporaryFolder();
  const home = path.join(folder, 'home');
  mkdirSync(home);
  writeConfig(home, ['claude'], ['cyclesPerDay: 0', 'checkpointMs: 1000']);
  const user = makeRepository(path.join(folder, 'app'));

  const first = new VigilProcess(vigil.entry, home);
  onTestFinished(() => first.crash('group'));
  const budget = Budget.parse({ task: { tokens: 1_000_000, calls: 100 } });
  const { approval } = await first.call('PUT', '/v1/budget', BudgetChangeView, budget);
  await first.call('POST', `/v1/approvals/${approval}`, z.unknown(), { answer: 'approved' });
  await first.call('POST', '/v1/projects', z.unknown(), { path: user });
  const provider = scripted(model.baseUrl, ['claude']);
  await first.call('PUT', '/v1/providers/scripted', z.unknown(), provider);
  const Added = z.object({ tasks: z.array(TaskSummary) });
  const { tasks } = await first.call('POST', '/v1/tasks', Added, { tasks: [TASK] });
  const id = tasks[0]?.id ?? '';
  const explain = (node: VigilProcess) =>
    node.call('GET', `/v1/tasks/${id}/explain`, ExplanationView);
  await expect
    .poll(async () => (await explain(first)).events.map(({ type }) => type), {
      timeout: 40_000,
      interval: 200,
    })
    .toContain('attempt.checkpointed');
  await expect.poll(() => model.openAnswers(), { timeout: 20_000 }).toBeGreaterThan(0);
  await first.crash('node');

  crashed.yes = true;
  const second = new VigilProcess(vigil.entry, home);
  onTestFinished(() => second.crash('group'));
  const until = (status: string) =>
    expect
      .poll(async () => (await explain(second)).task.status, { timeout: 40_000, interval: 200 })
      .toBe(status);
  await until('review');
  const story = await explain(second);
  expect(story.execution.map(({ result }) => result)).toEqual([
    expect.stringContaining('interrupted'),
    expect.stringContaining('waits for a review'),
  ]);
  // The call that was open is counted at the most that it can have cost.
  expect(story.execution[0]?.costUsd).toBeGreaterThan(0.05);
  await second.call('POST', `/v1/reviews/${id}`, z.unknown(), { answer: 'approved' });
  await until('merged');
  expect(userGit(user, 'show', 'vigil/integration:greeting.txt')).toBe('hello');
  await second.stop();
});

import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { call, say, type Answer } from '../../../models/reply.ts';
import type { SeenRequest } from '../../../models/seenRequest.ts';
import { writeFileCall } from '../../../models/writeFileCall.ts';
import { userGit } from '../../../userGit.ts';
import { AgentNode } from './agentNode.ts';
import { approve, inWorktree, type Brain } from './scriptedAgents.ts';

/** A package whose tests really run, with one thing left to do. */
const PACKAGE = {
  'package.json': JSON.stringify({
    name: 'statistics',
    version: '1.0.0',
    type: 'module',
    private: true,
    license: 'MIT',
    description: 'Means of lists',
    scripts: { test: 'node --test' },
  }),
  'src/mean.js': `/** The mean of a list of numbers. */
export function mean(list) {
  // TODO: throw a RangeError when the list is empty
  return list.reduce((a, b) => a + b, 0) / list.length;
}
`,
  'src/index.js': `export { mean } from './mean.js';\n`,
  'test/mean.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mean } from '../src/mean.js';
test('the mean of two', () => assert.equal(mean([1, 3]), 2));
`,
};
const DONE = `/** The mean of a list of numbers; throws a RangeError when there are none. */
export function mean(list) {
  if (list.length === 0) throw new RangeError('the list is empty');
  return list.reduce((a, b) => a + b, 0) / list.length;
}
`;
const NEW_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mean } from '../src/mean.js';
test('an empty list is refused', () => assert.throws(() => mean([]), RangeError));
`;
const SPEC = {
  title: 'Refuse an empty list in mean()',
  instructions:
    'In `src/mean.js`, make `mean()` throw a `RangeError` when `list.length` is 0, and remove the comment that asks for it.',
  acceptance: ['`mean([])` throws a RangeError', 'the TODO comment is gone'],
  deliverables: ['src/mean.js'],
  scope: ['src/mean.js'],
  references: ['src/mean.js'],
  estimateMinutes: 20,
  risk: 'low',
};

function once(request: SeenRequest, file: string, content: string): Answer {
  return request.toolResults.length > 0
    ? say('It is done.')
    : call(writeFileCall(request, inWorktree(request, file), content));
}

const brain: Brain = {
  engine: () => say(JSON.stringify(SPEC)),
  tester: (request) => once(request, 'test/mean.empty.test.js', NEW_TEST),
  writer: (request) => once(request, 'src/mean.js', DONE),
};

describe('a comment in the code', () => {
  test('becomes a spec, tests, an implementation, a review and a merge', async () => {
    const node = await AgentNode.start({
      agents: ['claude', 'opencode'],
      files: PACKAGE,
      test: 'node --test',
      cycles: true,
      brain,
    });
    await expect
      .poll(async () => (await node.tasks()).map(({ title }) => title), {
        timeout: 40_000,
        interval: 200,
      })
      .toContain(SPEC.title);
    const task = (await node.tasks()).find(({ title }) => title === SPEC.title);
    const id = task?.id ?? '';
    const story = await node.until(id, 'review');
    const [attempt] = story.execution;
    expect(attempt?.agents.map(({ role }) => role)).toEqual(['tester', 'writer', 'reviewer']);
    // Another model or agent than the writer's reviews where there is one.
    expect(attempt?.agents[2]?.agent).not.toBe(attempt?.agents[1]?.agent);
    expect(attempt?.verification?.checks.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual(
      expect.arrayContaining(['tests passed', 'secrets passed', 'static passed', 'review passed']),
    );
    expect(await node.events('spec.written')).toMatchObject([
      { task: id, effort: 'detailed', trouble: null },
    ]);
    await node.approve(id);
    await node.until(id, 'merged');
    expect(userGit(node.user, 'show', 'vigil/integration:src/mean.js')).toContain('RangeError');
    expect(userGit(node.user, 'show', 'vigil/integration:test/mean.empty.test.js')).toContain(
      'an empty list is refused',
    );
    // By role, as the budget tells it.
    const settled = await node.events('call.settled');
    expect(new Set(settled.map(({ category }) => category))).toEqual(
      new Set(['generation', 'validation', 'coding']),
    );
  });
});

describe('tests that were written first', () => {
  test('are not the writer’s to change', async () => {
    const node = await AgentNode.start({
      agents: ['claude'],
      files: PACKAGE,
      test: 'node --test',
      brain: {
        ...brain,
        writer: (request) => {
          const turns = request.messages.filter(({ role }) => role === 'tool').length;
          if (turns === 0)
            return call(
              writeFileCall(request, inWorktree(request, 'test/mean.empty.test.js'), '// easier\n'),
            );
          if (turns === 1)
            return call(writeFileCall(request, inWorktree(request, 'src/mean.js'), DONE));
          return say('done');
        },
      },
    });
    const id = await node.addTask({ ...task(), type: 'implementation' });
    const story = await node.until(id, 'review');
    expect(story.execution[0]?.agents.find(({ role }) => role === 'writer')?.denied).toHaveLength(
      1,
    );
    await node.approve(id);
    await node.until(id, 'merged');
    expect(userGit(node.user, 'show', 'vigil/integration:test/mean.empty.test.js')).toContain(
      'an empty list is refused',
    );
  });
});

describe('a reviewer', () => {
  test('sends work back with its findings, and the next attempt hears of them', async () => {
    const node = await AgentNode.start({
      agents: ['claude'],
      files: PACKAGE,
      test: 'node --test',
      brain: {
        ...brain,
        writer: (request) =>
          once(
            request,
            'src/mean.js',
            seen(request).includes('name the list in the message')
              ? DONE
              : DONE.replace('list is', 'x is'),
          ),
        reviewer: (request) =>
          seen(request).includes('x is empty')
            ? say(
                JSON.stringify({
                  verdict: 'reject',
                  findings: [
                    {
                      severity: 'major',
                      file: 'src/mean.js',
                      line: 3,
                      problem: 'the message says x',
                      suggestion: 'name the list in the message',
                    },
                  ],
                  summary: 'Nearly.',
                }),
              )
            : approve(),
      },
    });
    const id = await node.addTask({ ...task(), type: 'docs' });
    const story = await node.until(id, 'review');
    expect(story.execution).toHaveLength(2);
    expect(story.execution[0]?.failure?.reason).toContain('the message says x');
    expect(story.execution[1]?.route).toContain('retry');
  });
});

describe('what a human corrects', () => {
  test('is heeded by the next task of the project', async () => {
    const node = await AgentNode.start({
      agents: ['claude'],
      files: PACKAGE,
      test: 'node --test',
      brain: { ...brain, tester: () => say('none') },
    });
    const first = await node.addTask({ ...task(), type: 'docs' });
    await node.until(first, 'review');
    await node.call('POST', `/v1/reviews/${first}`, z.unknown(), {
      answer: 'rejected',
      reason: 'Errors of this project carry a code, too.',
    });
    await node.until(first, 'rejected');
    const second = await node.addTask({ ...task(), type: 'docs' });
    await node.until(second, 'review');
    const last = node.model.requests.filter((request) =>
      seen(request).includes('You are the writer'),
    );
    expect(seen(last.at(-1) ?? last[0]!)).toContain('Errors of this project carry a code, too.');
    expect(seen(last[0]!)).not.toContain('carry a code');
  });
});

describe('a task that is too large', () => {
  test('is split into tasks of its own, in their order', async () => {
    const part = (key: string, more = {}) => ({
      ...SPEC,
      key,
      title: `${SPEC.title}, ${key}`,
      dependsOn: [],
      ...more,
    });
    const node = await AgentNode.start({
      agents: ['claude'],
      files: PACKAGE,
      test: 'node --test',
      brain: {
        ...brain,
        engine: (request) =>
          say(
            JSON.stringify(
              seen(request).includes('"parts"')
                ? {
                    parts: [
                      part('first'),
                      part('second', { dependsOn: [{ type: 'ordering', on: 'first' }] }),
                    ],
                  }
                : { ...SPEC, estimateMinutes: 480 },
            ),
          ),
      },
    });
    const id = await node.addTask({
      title: 'Make everything better',
      type: 'refactor',
      instructions: 'Improve the whole thing somehow.',
    });
    const story = await node.until(id, 'split');
    const parts = (await node.tasks()).filter(({ title }) => title.startsWith(SPEC.title));
    expect(parts.map(({ title }) => title)).toEqual([
      `${SPEC.title}, first`,
      `${SPEC.title}, second`,
    ]);
    expect(story.headline).toContain(parts.map(({ id: partId }) => partId).join(', '));
    const second = await node.explain(parts[1]?.id ?? '');
    expect(second.dispatch.waits.map(({ task: other }) => other)).toContain(parts[0]?.id);
  });
});

function task() {
  return {
    ...SPEC,
    estimateMinutes: 20,
  };
}

function seen({ system, messages }: SeenRequest): string {
  return `${system}\n${messages.map((message) => message.text).join('\n')}`;
}

import { afterEach, describe, expect, it } from 'vitest';
import { splitSpec } from '../../../../electron/generate/specs/splitSpec.ts';
import type { Origin } from '../../../../shared/model/task.ts';
import type { ModelServer } from '../../../models/modelServer.ts';
import { draft, files, goodReply, modelSaying } from './model.ts';

let server: ModelServer | null = null;
afterEach(async () => server?.close());

const origin: Origin = {
  kind: 'gap',
  detector: 'comments',
  fingerprint: 'comments:src/upload/send.ts:retry',
  evidence: 'src/upload/send.ts:1',
  cycle: 3,
  score: 0.4,
};

const part = (key: string, file: string, dependsOn: readonly object[] = []): object => ({
  ...goodReply,
  key,
  title: `Part ${key}`,
  deliverables: [file],
  scope: [file],
  dependsOn,
});
const build = part('build', 'src/upload/retry.ts');
const use = part('use', 'src/upload/send.ts', [
  { type: 'hard', on: 'build', artifact: 'src/upload/retry.ts' },
]);
const check = part('check', 'test/send.test.ts', [{ type: 'ordering', on: 'use' }]);

async function split(...replies: readonly object[]): ReturnType<typeof splitSpec> {
  const model = await modelSaying(...replies);
  server = model.server;
  return splitSpec({
    draft,
    context: [],
    facts: [],
    effort: 'standard',
    files,
    origin,
    reason: 'it would take six hours',
    ask: model.ask,
  });
}

const lastPrompt = (): string => server?.requests.at(-1)?.messages.at(-1)?.text ?? '';

describe('a task that is split', () => {
  it('becomes parts that stand after what they depend on and keep its origin', async () => {
    const { value } = await split({ parts: [check, use, build] });
    expect(value?.map(({ key, dependsOn }) => ({ key, dependsOn }))).toEqual([
      { key: 'build', dependsOn: [] },
      {
        key: 'use',
        dependsOn: [{ type: 'hard', on: 'build', artifact: 'src/upload/retry.ts' }],
      },
      { key: 'check', dependsOn: [{ type: 'ordering', on: 'use' }] },
    ]);
    for (const spec of value ?? []) {
      expect(spec.origin).toEqual(origin);
      expect(spec.executor).toEqual({ kind: 'agent' });
    }
    expect(lastPrompt()).toContain('it would take six hours');
  });

  it.each([
    [
      'a circle',
      [
        part('a', 'src/upload/a.ts', [{ type: 'ordering', on: 'b' }]),
        part('b', 'src/upload/b.ts', [{ type: 'ordering', on: 'a' }]),
      ],
      'a, b wait for each other in a circle',
    ],
    [
      'a dependency on itself',
      [part('a', 'src/upload/a.ts', [{ type: 'ordering', on: 'a' }]), build],
      'a wait for each other',
    ],
    [
      'a dependency on nothing',
      [part('a', 'src/upload/a.ts', [{ type: 'ordering', on: 'x' }]), build],
      'depends on x, which is no part',
    ],
    [
      'an artifact that nobody makes',
      [
        build,
        part('a', 'src/upload/a.ts', [{ type: 'hard', on: 'build', artifact: 'src/other.ts' }]),
      ],
      'no deliverable of build',
    ],
    ['one key twice', [build, build], 'two parts have the same key'],
    ['a single part', [build], 'parts: '],
    [
      'a part that is too large itself',
      [{ ...build, estimateMinutes: 470 }, use],
      'build: too large',
    ],
    [
      'a part outside the project',
      [build, { ...use, scope: ['../other/**'], deliverables: [] }],
      'not a plain path or pattern inside',
    ],
  ])('is refused with %s, and asked for again', async (_, parts, problem) => {
    const { value, asked } = await split({ parts }, { parts: [build, use] });
    expect([value?.length, asked]).toEqual([2, 2]);
    expect(lastPrompt()).toContain(problem);
  });

  it('is given up with the reason when no answer can be taken', async () => {
    const { value, trouble } = await split({ parts: [] }, { parts: [] }, { parts: [] });
    expect(value).toBeNull();
    expect(trouble).toContain('after 3 tries');
  });
});

import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../shared/model/attempt.ts';
import { NodeId, taskId } from '../../../shared/model/ids.ts';
import { followUpsOf } from '../../../shared/policy/followUps.ts';
import { specOf } from '../explain/log.ts';
import { verification } from './reports.ts';

const DAY_MS = 86_400_000;
const by = { node: NodeId.parse('mac-1'), nowMs: 100 * DAY_MS, cooldownMs: 30 * DAY_MS };
const task = specOf(taskId(7));

function warned(...findings: Partial<Finding>[]) {
  return verification([
    {
      name: 'static',
      verdict: 'passed',
      detail: 'warnings',
      findings: findings.map((finding) => ({
        rule: 'detect-unsafe-regex',
        file: 'src/a.ts',
        line: 3,
        message: 'may take long',
        blocks: false,
        ...finding,
      })),
    },
  ]);
}

describe('what a check warned of in a result that merged', () => {
  it('becomes one task a rule and file, which says where and why', () => {
    const found = followUpsOf(task, warned({}, { line: 9 }, { file: 'src/b.ts' }), {}, by);
    expect(found.map(({ title }) => title)).toEqual([
      'Look into detect-unsafe-regex in src/a.ts',
      'Look into detect-unsafe-regex in src/b.ts',
    ]);
    expect(found[0]).toMatchObject({
      scope: ['src/a.ts'],
      origin: {
        kind: 'follow-up',
        of: 'T-7',
        fingerprint: 'security:detect-unsafe-regex:src/a.ts',
      },
    });
    expect(found[0]?.instructions).toContain('src/a.ts:9: may take long');
  });

  it('makes no task of what failed the check, or only informs', () => {
    expect(followUpsOf(task, warned({ blocks: true }, { rule: 'new-dependency' }), {}, by)).toEqual(
      [],
    );
  });

  it.each([
    ['is open', 'open', null, 0],
    ['was rejected lately', 'rejected', 80, 0],
    ['was rejected long ago', 'rejected', 20, 1],
    ['was mended, and is back', 'merged', 90, 1],
  ] as const)('is left alone or not where it %s', (_, state, endedDay, count) => {
    const fingerprint = 'security:detect-unsafe-regex:src/a.ts';
    const endedAtMs = endedDay === null ? null : endedDay * DAY_MS;
    const known = { [fingerprint]: { fingerprint, state, endedAtMs } };
    expect(followUpsOf(task, warned({}), known, by)).toHaveLength(count);
  });

  it('does not fill the queue', () => {
    const many = Array.from({ length: 9 }, (_, n) => ({ file: `src/${n}.ts` }));
    expect(followUpsOf(task, warned(...many), {}, by)).toHaveLength(3);
  });
});

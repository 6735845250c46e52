import { describe, expect, it } from 'vitest';
import { needsReview } from '../../../shared/policy/review.ts';
import { verification } from './reports.ts';

const spec = { review: false, risk: 'low' } as const;
const profile = { review: false, test: 'npm test' };
const good = verification([{ name: 'tests', verdict: 'passed', detail: '10 tests passed' }]);

describe('a review by a human', () => {
  it('is not needed where the tests vouch for the work', () => {
    expect(needsReview(spec, profile, good, null)).toBeNull();
  });

  it.each([
    ['the task asks for it', { ...spec, review: true }, profile, good, /task asks/],
    ['the risk is high', { ...spec, risk: 'high' } as const, profile, good, /high risk/],
    ['the project asks for it', spec, { ...profile, review: true }, good, /project asks/],
    ['there are no tests', spec, { ...profile, test: null }, good, /no test command/],
    [
      'the tests gave no answer',
      spec,
      profile,
      verification([{ name: 'tests', verdict: 'unknown', detail: 'ran out of time' }]),
      /ran out of time/,
    ],
    [
      'the security gate gave no answer',
      spec,
      profile,
      verification([
        { name: 'dependencies', verdict: 'unknown', detail: 'the registry does not audit' },
        { name: 'tests', verdict: 'passed', detail: '10 tests passed' },
      ]),
      /dependencies: the registry does not audit/,
    ],
    ['no tests ran', spec, profile, verification([]), /did not run/],
    [
      'it changes what is reserved for humans',
      spec,
      profile,
      verification([
        { name: 'oversight', verdict: 'unknown', detail: 'a person has to allow it: ci.yml' },
        { name: 'tests', verdict: 'passed', detail: '10 tests passed' },
      ]),
      /ci\.yml/,
    ],
  ])('is needed when %s', (_, task, project, result, reason) => {
    expect(needsReview(task, project, result, null)).toMatch(reason);
  });

  describe('of an agent’s result', () => {
    const open = { open: true, reason: '' };
    const approved = verification([
      { name: 'tests', verdict: 'passed', detail: '10 tests passed' },
      { name: 'review', verdict: 'passed', detail: 'approved' },
    ]);
    it('is not needed once the gate is open and another agent approved it', () => {
      expect(needsReview(spec, profile, approved, { gate: open })).toBeNull();
    });

    it.each([
      ['the gate is closed', approved, { open: false, reason: '3 of 25 reviewed' }, /3 of 25/],
      ['no other agent approved it', good, open, /no other agent has approved/],
    ])('is needed when %s', (_, result, gate, reason) => {
      expect(needsReview(spec, profile, result, { gate })).toMatch(reason);
    });
  });
});

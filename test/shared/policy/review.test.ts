import { describe, expect, it } from 'vitest';
import { needsReview } from '../../../shared/policy/review.ts';
import { verification } from './reports.ts';

const spec = { review: false, risk: 'low' } as const;
const profile = { review: false, test: 'npm test' };
const good = verification([{ name: 'tests', verdict: 'passed', detail: '10 tests passed' }]);

describe('a review by a human', () => {
  it('is not needed where the tests vouch for the work', () => {
    expect(needsReview(spec, profile, good)).toBeNull();
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
    ['no tests ran', spec, profile, verification([]), /did not run/],
  ])('is needed when %s', (_, task, project, result, reason) => {
    expect(needsReview(task, project, result)).toMatch(reason);
  });
});

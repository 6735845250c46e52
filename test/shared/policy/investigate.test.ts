import { describe, expect, it } from 'vitest';
import { investigate, type Prediction } from '../../../shared/policy/investigate.ts';

const likely: Prediction = {
  expected: { pSuccess: 0.8, durationMs: 10_000 },
  actual: { success: true, durationMs: 9_000 },
  failure: null,
  earlierAttempts: 0,
};
const unlikely = { ...likely, expected: { ...likely.expected, pSuccess: 0.3 } };
const failure = {
  class: 'external' as const,
  reason: 'installing dependencies failed',
  interrupted: false,
};

describe('a prediction', () => {
  it('that comes true is found as expected, whichever way it went', () => {
    expect(investigate(likely)).toEqual({ held: true, finding: 'as expected' });
    const failed = { ...unlikely, actual: { success: false, durationMs: 1 }, failure };
    expect(investigate(failed)).toEqual({ held: true, finding: 'as expected' });
  });

  it('that fails is investigated: what class of cause, and what happened', () => {
    const { held, finding } = investigate({
      ...likely,
      actual: { success: false, durationMs: 1 },
      failure,
    });
    expect(held).toBe(false);
    expect(finding).toBe('something outside did not answer: installing dependencies failed');
  });

  it('that was too dark is one that failed, too', () => {
    expect(investigate(unlikely)).toMatchObject({ held: false });
    expect(investigate({ ...unlikely, earlierAttempts: 1 }).finding).toContain('earlier attempts');
  });

  it('says by how much the time was off, without being judged by it', () => {
    const slow = investigate({ ...likely, actual: { success: true, durationMs: 40_000 } });
    expect(slow).toEqual({ held: true, finding: 'as expected; it took 40 s of an estimated 10 s' });
  });
});

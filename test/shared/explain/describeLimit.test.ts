import { describe, expect, it } from 'vitest';
import { describeLimit, holdsWork, needsHuman } from '../../../shared/explain/describeLimit.ts';

const budget = (limit: string) => ({ limit, subject: 'budget', value: 5.25, max: 5 });

describe('a limit in words', () => {
  it.each(['hour.hard', 'day.criticalOnly', 'day.hard', 'month.hard'])(
    'says in dollars what a cap of the budget holds back, and how to ask for more: %s',
    (limit) => {
      const text = describeLimit(budget(limit));
      expect(text).toContain('$5.25 of $5.00');
      expect(text).toContain(`\`vigil budget --set ${limit}=…\``);
      expect(holdsWork(budget(limit))).toBe(true);
    },
  );
  it.each([
    ['hour.alert', 'in the last hour'],
    ['day.soft', 'in the last 24 hours'],
    ['month.alert 500', 'this month'],
  ])('only tells of an alert: %s', (limit, period) => {
    const text = describeLimit(budget(limit));
    expect(text).toContain('$5.25 spent');
    expect(text).toContain(period);
    expect(text).toContain('`vigil budget`');
    expect(holdsWork(budget(limit))).toBe(false);
    expect(needsHuman(budget(limit))).toBe(true);
  });
  it('does not say of a task that has used half that it was given up', () => {
    const alert = { limit: 'task.alert', subject: 'T-3', value: 51_000, max: 100_000 };
    expect(describeLimit(alert)).toContain('has used half');
    expect(needsHuman(alert)).toBe(false);
    const attempts = { limit: 'attemptsPerTask', subject: 'T-3', value: 5, max: 5 };
    expect(describeLimit(attempts)).toContain('was given up after 5 of 5');
    expect(needsHuman(attempts)).toBe(true);
  });
  it('names the setting of any other limit', () => {
    const cycles = { limit: 'cyclesPerDay', subject: 'app', value: 48, max: 48 };
    expect(describeLimit(cycles)).toContain('raise it in config.yaml');
    expect(holdsWork(cycles)).toBe(true);
  });
});

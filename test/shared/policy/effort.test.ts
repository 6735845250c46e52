import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  effortFor,
  NO_SPEC_OUTCOMES,
  observeSpecOutcome,
  type Effort,
  type SpecOutcomes,
} from '../../../shared/policy/effort.ts';

const kind = 'agent fix';

function after(
  tasks: readonly { effort: Effort; attempts: number; specUsd?: number; perAttempt?: number }[],
): SpecOutcomes {
  return tasks.reduce(
    (state, { effort, attempts, specUsd = 0.05, perAttempt = 0.35 }) =>
      observeSpecOutcome(state, {
        kind,
        effort,
        merged: true,
        attempts,
        specUsd,
        attemptsUsd: attempts * perAttempt,
      }),
    NO_SPEC_OUTCOMES,
  );
}
const times = <T>(n: number, value: T): T[] => Array<T>(n).fill(value);

describe('how much a spec is worth', () => {
  it('starts from the reference: a detailed spec saves more than it costs', () => {
    const { effort, expectedUsd, reason } = effortFor(NO_SPEC_OUTCOMES, kind);
    expect(effort).toBe('detailed');
    expect(expectedUsd).toBeCloseTo(0.507, 2);
    expect(reason).toBe(
      'a detailed spec: a merged change of agent fix is expected to cost minimal $1.22 at 3.4 attempts, standard $0.68 at 1.8 attempts, detailed $0.51 at 1.2 attempts, from reference figures',
    );
  });

  it('falls to less where detail does not save rework', () => {
    const state = after(times(20, { effort: 'detailed' as const, attempts: 2.5 }));
    expect(effortFor(state, kind).effort).toBe('standard');
  });

  it('falls to less where attempts cost next to nothing', () => {
    const cheap = times(30, {
      effort: 'detailed' as const,
      attempts: 1,
      specUsd: 0.6,
      perAttempt: 0.01,
    });
    expect(effortFor(after(cheap), kind).effort).not.toBe('detailed');
  });

  it('counts what never merged against the level', () => {
    const outcome = { kind, effort: 'detailed', merged: false, attempts: 5 } as const;
    const failed = times(6, { ...outcome, specUsd: 0.08, attemptsUsd: 1.75 });
    expect(effortFor(failed.reduce(observeSpecOutcome, NO_SPEC_OUTCOMES), kind).effort).toBe(
      'standard',
    );
  });

  it('keeps the reference cost where nothing is known in USD', () => {
    const outcome = { kind, effort: 'detailed', merged: true, attempts: 1 } as const;
    const free = times(9, { ...outcome, specUsd: null, attemptsUsd: null });
    const { expectedUsd } = effortFor(free.reduce(observeSpecOutcome, NO_SPEC_OUTCOMES), kind);
    expect(expectedUsd).toBeGreaterThan(0.4);
  });

  it('names the cheapest of its own figures, whatever was recorded', () => {
    const task = fc.record({
      effort: fc.constantFrom<Effort>('minimal', 'standard', 'detailed'),
      attempts: fc.integer({ min: 1, max: 9 }),
      specUsd: fc.double({ min: 0, max: 2, noNaN: true }),
      perAttempt: fc.double({ min: 0, max: 3, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(task, { maxLength: 80 }), (tasks) => {
        const { reason, expectedUsd } = effortFor(after(tasks), kind);
        const figures = [...reason.matchAll(/\$(\d+\.\d+)/g)].map((match) => Number(match[1]));
        expect(Math.min(...figures)).toBeCloseTo(expectedUsd, 1);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_REMEDIES, observeRemedy, pRemedy } from '../../../shared/heal/memory.ts';
import { nextStep, type FailedAttempt, type Step } from '../../../shared/heal/nextStep.ts';
import { failureSignature, kindOf } from '../../../shared/heal/signature.ts';
import { AgentChoice } from '../../../shared/model/agent.ts';
import { FailureClass, type Failure } from '../../../shared/model/attempt.ts';

const start = 1_800_000_000_000;
const limits = { attempts: 5 };

function choice(provider: string): AgentChoice {
  return AgentChoice.parse({ agent: 'opencode', target: { provider, model: 'm' } });
}
const [alpha, beta, gamma] = [choice('alpha'), choice('beta'), choice('gamma')];

function failure(of: FailureClass, reason: string): Failure {
  return { class: of, reason, interrupted: false };
}

function attempt(failed: Failure, more: Partial<FailedAttempt> = {}, evidence = ''): FailedAttempt {
  return {
    rung: 'first',
    choice: alpha,
    instruction: null,
    failure: failed,
    signature: failureSignature(failed, evidence),
    ...more,
  };
}

/** What follows when the same failure comes back after every step, with the agent that the step allows. */
function stepsAfter(
  failed: Failure,
  available: readonly AgentChoice[] = [alpha, beta, gamma],
  evidence = '',
  max = 12,
): Step[] {
  const steps: Step[] = [];
  let history = [attempt(failed, {}, evidence)];
  for (;;) {
    const step = nextStep(history, available, NO_REMEDIES, { attempts: max });
    steps.push(step);
    if (step.rung === 'human' || steps.length > max) return steps;
    const allowed = available.filter((each) => !step.exclude.includes(each));
    const next = step.prefer ?? allowed[0] ?? null;
    const { rung, instruction } = step;
    history = [...history, attempt(failed, { rung, instruction, choice: next }, evidence)];
  }
}
const rungs = (steps: readonly Step[]): string[] => steps.map(({ rung }) => rung);

describe('the signature of a failure', () => {
  it.each([
    ['tests: 2 new failures', "src/a.ts(3,1): error TS2345: Argument of type 'x'", 'type-error'],
    ['lint failed', '', 'missing-context'],
    ['the command failed: memory ran out', '', 'out-of-memory'],
    ['the command failed with exit code 1', 'npm error code ERESOLVE', 'dependency-resolution'],
    ['tests: 1 failed', 'a.test.ts passed on retry', 'flaky-test'],
    ['scope: 2 files outside', '', 'scope'],
    ['deliverables: src/x.ts is missing', '', 'missing-deliverable'],
    ['tests: 1 new failure', '1 failing', 'tests'],
    ['review: the reviewer found 2 faults', '', 'review-findings'],
    ['the budget of the task is used up (task.tokens)', '', 'budget'],
    ['the agent crashed', '', 'agent-crash'],
    ['the agent failed: the model ran out of context', '', 'model-limit'],
    ['the agent was still at work after 240.0 minutes, the longest allowed', '', 'timeout'],
    ['secrets: 1 found in src/a.ts', '', 'secrets'],
  ])('names %j with %j as %s', (reason, evidence, kind) => {
    expect(kindOf(failureSignature(failure('missing-context', reason), evidence))).toBe(kind);
  });

  it('is the same when only times, numbers, ids and temporary paths differ', () => {
    const of = (reason: string): string => failureSignature(failure('external', reason), '');
    expect(of('timed out after 3.2 minutes in /tmp/a1/x at 0123abcdef')).toBe(
      of('timed out after 14 minutes in /tmp/b2/y at fedcba98765'),
    );
    expect(of('tests: parser broke')).not.toBe(of('tests: printer broke'));
  });
});

describe('the ladder', () => {
  it('climbs from feedback over another agent and a new spec to parts and a human', () => {
    expect(rungs(stepsAfter(failure('missing-context', 'tests: 1 new failure')))).toEqual([
      'retry',
      'redirect',
      'rewrite',
      'decompose',
      'human',
    ]);
  });

  it.each<[FailureClass, string]>([
    ['ambiguous-spec', 'rewrite'],
    ['missing-context', 'retry'],
    ['too-complex', 'decompose'],
    ['model-limit', 'redirect'],
    ['external', 'retry'],
    ['infrastructure', 'retry'],
  ])('begins for %s with %s', (of, rung) => {
    expect(rungs(stepsAfter(failure(of, 'something')))[0]).toBe(rung);
  });

  it('retries with the same agent and the reason, and redirects to one that has not failed so', () => {
    const steps = stepsAfter(failure('missing-context', 'tests: 1 new failure'));
    expect(steps[0]?.prefer).toEqual(alpha);
    expect(steps[0]?.instruction).toMatch(/tests: 1 new failure.*cause of the failing tests/);
    expect(steps[1]).toMatchObject({ prefer: null, exclude: [alpha] });
  });

  it('skips the redirect where there is no other agent', () => {
    const steps = stepsAfter(failure('model-limit', 'context'), [alpha]);
    expect(rungs(steps)).toEqual(['decompose', 'human']);
  });

  it('retries a flaky test three times, then has it skipped with an annotation', () => {
    const steps = stepsAfter(failure('missing-context', 'tests: 1'), undefined, 'flaky');
    expect(rungs(steps)).toEqual(['retry', 'retry', 'retry', 'rewrite', 'human']);
    expect(steps[3]?.instruction).toMatch(/skip the flaky test with an annotation/);
  });

  it.each([
    ['error TS7006', /Annotate the types/],
    ['JavaScript heap out of memory', /half as much again/],
    ['npm error ERESOLVE', /Regenerate the lockfile/],
  ])('begins with the starting rule for %j', (evidence, advice) => {
    const [first] = stepsAfter(failure('missing-context', 'tests: 1'), undefined, evidence);
    expect(first?.rung).toBe('retry');
    expect(first?.instruction).toMatch(advice);
  });

  it('hands a human the diagnosis, a fix and what was tried', () => {
    const last = stepsAfter(failure('too-complex', 'quality: 0.4')).at(-1);
    expect(last).toMatchObject({ rung: 'human', instruction: null });
    expect(last?.recommendation).toMatch(/^Recommended: split the task[\s\S]*2\. decompose by/);
  });

  it('ends at the limit of attempts, never repeats itself, and has a reason, whatever fails', () => {
    const failed = fc.record({
      class: fc.constantFrom(...FailureClass.options),
      reason: fc.constantFrom('tests: 1', 'flaky', 'out of memory', 'scope: a.ts', 'TS2345', 'x'),
      interrupted: fc.constant(false),
    });
    const remembered = fc.array(
      fc.record({
        signature: fc.constantFrom('tests:tests: n', 'flaky-test', 'scope', 'external:x'),
        rung: fc.constantFrom('retry' as const, 'redirect' as const, 'rewrite' as const),
        success: fc.boolean(),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        fc.array(failed, { minLength: 20, maxLength: 20 }),
        fc.subarray([alpha, beta, gamma]),
        remembered,
        fc.integer({ min: 1, max: 15 }),
        (failures, available, outcomes, attempts) => {
          const memory = outcomes.reduce(
            (state, outcome) => observeRemedy(state, outcome, start),
            NO_REMEDIES,
          );
          let history: FailedAttempt[] = [];
          let rung: FailedAttempt['rung'] = 'first';
          let instruction: string | null = null;
          let by: AgentChoice | null = available[0] ?? null;
          for (const each of failures) {
            history = [...history, attempt(each, { rung, instruction, choice: by })];
            const step = nextStep(history, available, memory, { attempts });
            expect(history.length).toBeLessThanOrEqual(attempts);
            expect(step.why).not.toBe('');
            if (step.rung === 'human') {
              expect(step.recommendation).toMatch(/^Recommended/);
              return;
            }
            const next = step.prefer ?? available.find((c) => !step.exclude.includes(c)) ?? null;
            const before = history.at(-2);
            if (before?.signature === history.at(-1)?.signature)
              expect([step.rung, next, step.instruction]).not.toEqual([rung, by, instruction]);
            ({ rung, instruction } = step);
            by = next;
          }
          expect.unreachable('it never ended');
        },
      ),
    );
  });
});

describe('the memory of remedies', () => {
  const signature = 'tests:tests: n new failure';
  const failed = failure('missing-context', 'tests: 1 new failure');
  const tried = (rung: 'retry' | 'redirect', outcomes: readonly boolean[], before = NO_REMEDIES) =>
    outcomes.reduce(
      (memory, success, i) => observeRemedy(memory, { signature, rung, success }, start + i),
      before,
    );

  it('starts from the measured rules', () => {
    expect(pRemedy(NO_REMEDIES, 'type-error:ts2345', 'retry', 0.5).p).toBeCloseTo(0.87);
    expect(pRemedy(NO_REMEDIES, 'out-of-memory:x', 'retry', 0.5).p).toBeCloseTo(0.92);
    expect(pRemedy(NO_REMEDIES, 'dependency-resolution:x', 'retry', 0.5).p).toBeCloseTo(0.76);
    expect(pRemedy(NO_REMEDIES, 'flaky-test:x', 'retry', 0.5).p).toBeCloseTo(0.94);
  });

  it('makes what worked the first thing to try next time', () => {
    const memory = tried('redirect', Array<boolean>(5).fill(true), tried('retry', [false, false]));
    const step = nextStep([attempt(failed)], [alpha, beta], memory, limits);
    expect(step.rung).toBe('redirect');
    expect(step.why).toMatch(/redirect helped in 5 of 5 such cases here/);
  });

  it('helps with other failures of the same kind, and less than with the same one', () => {
    const memory = tried('redirect', [true, true, true]);
    const same = pRemedy(memory, signature, 'redirect', 0.5).p;
    const like = pRemedy(memory, 'tests:other', 'redirect', 0.5).p;
    expect(like).toBeGreaterThan(0.5);
    expect(same).toBeGreaterThan(like);
  });

  it('stops trying what never helps', () => {
    const memory = tried('retry', Array<boolean>(20).fill(false));
    expect(nextStep([attempt(failed)], [alpha], memory, limits).rung).toBe('rewrite');
  });

  it('stays small', () => {
    let memory = NO_REMEDIES;
    for (let i = 0; i < 500; i += 1)
      memory = observeRemedy(memory, { signature: `x:${i}`, rung: 'retry', success: true }, start);
    expect(memory.known).toHaveLength(200);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  correctionsOf,
  gateOf,
  NO_GATES,
  observeMerged,
  observeReview,
  type Gates,
} from '../../../shared/policy/gates.ts';
import { taskId } from '../../../shared/model/ids.ts';

const start = 1_800_000_000_000;
const kind = 'agent fix';

/** Reviews of tasks from number `from` on; those approved merge. */
function reviewed(answers: readonly boolean[], from = 1, before: Gates = NO_GATES): Gates {
  return answers.reduce((state, approved, i) => {
    const task = taskId(from + i);
    const after = observeReview(state, { kind, task, approved, comment: null }, start + i);
    return approved ? observeMerged(after, kind, task) : after;
  }, before);
}
const yes = (n: number): boolean[] => Array<boolean>(n).fill(true);
const no = (n: number): boolean[] => Array<boolean>(n).fill(false);

describe('the gate of a kind of work', () => {
  it('is shut until the calibration results are reviewed, and says how many are', () => {
    expect(gateOf(reviewed(yes(17)), kind)).toEqual({
      open: false,
      reason: 'calibration: 17 of 25 calibration results reviewed',
    });
    expect(gateOf(reviewed(yes(20)), kind, { calibrationResults: 20 }).open).toBe(true);
  });

  it('opens when the lower bound of good results passes 0.7', () => {
    expect(gateOf(reviewed(yes(25)), kind)).toEqual({
      open: true,
      reason:
        '25 of the last 25 results of agent fix were good: for sure at least 0.87, and it stays open down to 0.6',
    });
    expect(gateOf(reviewed([...no(5), ...yes(20)]), kind)).toEqual({
      open: false,
      reason:
        '20 of the last 25 results of agent fix were good: for sure only 0.61, and it opens above 0.7',
    });
  });

  it('stays shut for a kind with few results, however good', () => {
    const state = observeMerged(reviewed(yes(25)), 'agent docs', taskId(99));
    const { open: isOpen, reason } = gateOf(state, 'agent docs');
    expect(isOpen).toBe(false);
    expect(reason).toMatch(/1 of the last 1 .* at least 10 results are needed/);
  });

  it('shuts again only when the bound falls below 0.6, and then opens only above 0.7', () => {
    const open = reviewed(yes(25));
    const between = reviewed(no(5), 100, open);
    expect(gateOf(between, kind).open).toBe(true);
    const shut = reviewed(no(2), 200, between);
    expect(gateOf(shut, kind).open).toBe(false);
    expect(gateOf(reviewed(yes(2), 300, shut), kind).open).toBe(false);
    expect(gateOf(reviewed(yes(30), 400, shut), kind).open).toBe(true);
  });

  it('lets research and work without an agent run freely from the start', () => {
    expect(gateOf(NO_GATES, 'agent research').open).toBe(true);
    expect(gateOf(NO_GATES, 'mechanic format').open).toBe(true);
  });

  it('is never open on a record that is worse than what closes it', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 120 }), (answers) => {
        const judged = answers.slice(-30);
        const rate = judged.filter(Boolean).length / judged.length;
        if (gateOf(reviewed(answers), kind).open) expect(rate).toBeGreaterThan(0.7);
      }),
    );
  });
});

describe('corrections', () => {
  const said = (texts: readonly string[]): Gates =>
    texts.reduce(
      (state, comment, i) =>
        observeReview(state, { kind, task: taskId(i + 1), approved: false, comment }, start + i),
      NO_GATES,
    );

  it('are what a human said with a verdict, newest first', () => {
    const state = observeReview(
      said(['No default exports']),
      { kind, task: taskId(9), approved: true, comment: 'Good, but name the unit.' },
      start + 9,
    );
    expect(correctionsOf(state)).toEqual([
      { text: 'Good, but name the unit.', kind, task: taskId(9), atMs: start + 9 },
      { text: 'No default exports', kind, task: taskId(1), atMs: start },
    ]);
  });

  it('are kept once, however often they are said, and only the newest 20', () => {
    expect(correctionsOf(said(['Use tabs.', 'x', 'use  TABS']))).toHaveLength(2);
    const many = said(Array.from({ length: 30 }, (_, i) => `rule ${i}`));
    expect(correctionsOf(many)).toHaveLength(20);
    expect(correctionsOf(many)[0]?.text).toBe('rule 29');
    expect(correctionsOf(said(['  ']))).toEqual([]);
  });
});

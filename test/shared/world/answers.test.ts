import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../../shared/model/budget.ts';
import type { EventBody, LoggedEvent } from '../../../shared/model/events.ts';
import { ApprovalId, NodeId, taskId } from '../../../shared/model/ids.ts';
import { foldSupply, newSupply, observeSupply, setBudget } from '../../../shared/world/supply.ts';
import { app } from '../explain/log.ts';

const task = taskId(1);
const approval = ApprovalId.parse('A-1');
const raised = Budget.parse({ day: { hard: 80 } });
type Answer = 'approved' | 'denied';

let pos = 0;
function event(node: string, clock: number, body: EventBody): LoggedEvent {
  pos += 1;
  return {
    ...{ node: NodeId.parse(node), seq: clock, clock, pos, atMs: 0, prev: '', hash: '' },
    body,
  };
}

/** What a person at a node says, and what follows from a yes there. */
function says(node: string, clock: number, answer: Answer): LoggedEvent[] {
  const ids = { task, project: app, approval, who: node };
  const answered = event(node, clock, { type: 'approval.answered', ...ids, answer, reason: '' });
  if (answer === 'denied') return [answered];
  return [
    answered,
    event(node, clock + 1, { type: 'budget.granted', ...ids, tokens: 1_000, calls: 5 }),
  ];
}

/** What a node lets the task use whose own answers are `own` and which hears of the others' in this order. */
function callsAfter(own: readonly LoggedEvent[], others: readonly LoggedEvent[]): number {
  const here = own.reduce(foldSupply, newSupply());
  return others.reduce(observeSupply, here).spend.grants[task]?.calls ?? 0;
}

const answer = fc.constantFrom<Answer>('approved', 'denied');
const clock = fc.integer({ min: 1, max: 4 }).map((n) => n * 2);

describe('answers to one question', () => {
  it('come to the same on every node: the first one counts, and a yes grants once', () => {
    fc.assert(
      fc.property(answer, clock, answer, clock, (one, oneAt, other, otherAt) => {
        const a = says('n-a', oneAt, one);
        const b = says('n-b', otherAt, other);
        const first = oneAt <= otherAt ? one : other;
        const calls = first === 'approved' ? 5 : 0;
        expect(callsAfter(a, b)).toBe(calls);
        expect(callsAfter(b, a)).toBe(calls);
        // A third hears of both, of either first.
        expect(callsAfter([], [...a, ...b])).toBe(calls);
        expect(callsAfter([], [...b, ...a])).toBe(calls);
      }),
    );
  });

  it('take a raised cap back when the yes came after a no', () => {
    const before = Budget.parse({});
    const supply = setBudget(newSupply(), { budget: raised, approval, before });
    expect(supply.budget).toEqual(raised);
    const ids = { task: null, project: null, approval, who: 'a', reason: '' };
    const yes = event('n-a', 4, { type: 'approval.answered', ...ids, answer: 'approved' });
    const no = event('n-b', 3, { type: 'approval.answered', ...ids, answer: 'denied' });
    const late = event('n-b', 5, { type: 'approval.answered', ...ids, answer: 'denied' });
    expect(observeSupply(observeSupply(supply, yes), late).budget).toEqual(raised);
    expect(observeSupply(observeSupply(supply, yes), no).budget).toEqual(before);
    expect(observeSupply(observeSupply(supply, no), yes).budget).toEqual(before);
  });
});

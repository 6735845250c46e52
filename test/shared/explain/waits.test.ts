import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeId, taskId } from '../../../shared/model/ids.ts';
import { describeWait, orderWaits, type Wait } from '../../../shared/explain/waits.ts';
import { MINUTE, START_MS } from './log.ts';

const T3 = taskId(3);
const inMinutes = (minutes: number) => START_MS + minutes * MINUTE;
const text = (wait: Wait) => describeWait(wait, START_MS).text;

const box = NodeId.parse('box');
const hot = { node: box, why: 'hot', text: 'is hot (97 °C)' } as const;
const drained = { node: box, why: 'draining', text: 'is drained' } as const;

const all: Wait[] = [
  { kind: 'node' },
  { kind: 'project', reason: 'it is bare', help: 'Clone it.' },
  { kind: 'paused', reason: 'lunch', untilMs: null },
  { kind: 'limit', limit: 'openInitiatives', value: 3, max: 3, untilMs: null },
  { kind: 'slot', pool: 'agent', used: 0, max: 0, ahead: 0 },
  { kind: 'unfit', nodes: [drained] },
  { kind: 'artifact', artifact: 'dist/x.js', task: T3, taskEnded: true },
  { kind: 'capability', missing: ['gpu'] },
  { kind: 'agent' },
  { kind: 'spec', detail: 'too vague to dispatch' },
  { kind: 'artifact', artifact: 'dist/x.js', task: T3, taskEnded: false },
  { kind: 'ordering', task: T3 },
  { kind: 'soft', task: T3, untilMs: inMinutes(90), fallback: 'use the old API.' },
  { kind: 'limit', limit: 'agentTasksPerHour', value: 20, max: 20, untilMs: inMinutes(40) },
  { kind: 'paused', reason: 'too many failures', untilMs: inMinutes(10) },
  { kind: 'autonomy', detail: 'it may take 2 h and only tasks up to 1 h are started' },
  { kind: 'unfit', nodes: [drained, hot] },
  { kind: 'resource', resource: 'database', holder: T3 },
  { kind: 'scope', scope: 'src/**', holder: T3 },
  { kind: 'slot', pool: 'cheap', used: 1, max: 1, ahead: 2 },
  { kind: 'baseline' },
  { kind: 'backoff', untilMs: inMinutes(5) },
];

describe('the wait that truly binds', () => {
  it('comes first, whatever the order they are found in', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(orderWaits(shuffled)).toEqual(all);
      }),
    );
  });

  it('is the limit with 40 minutes to go, not the pause that ends in 10', () => {
    const [first] = orderWaits([
      { kind: 'paused', reason: 'too many failures', untilMs: inMinutes(10) },
      { kind: 'limit', limit: 'agentTasksPerHour', value: 20, max: 20, untilMs: inMinutes(40) },
    ]);
    expect(first?.kind).toBe('limit');
  });

  it('is the artifact that nobody will make, not the task that will end by itself', () => {
    const [first] = orderWaits([
      { kind: 'ordering', task: taskId(9) },
      { kind: 'artifact', artifact: 'dist/x.js', task: T3, taskEnded: true },
    ]);
    expect(first?.kind).toBe('artifact');
  });

  it('does not change the list it is given', () => {
    const given = [...all].reverse();
    orderWaits(given);
    expect(given).toEqual([...all].reverse());
  });
});

describe('a wait in words', () => {
  it('says that the other task has ended without the artifact', () => {
    const view = describeWait(
      { kind: 'artifact', artifact: 'dist/x.js', task: T3, taskEnded: true },
      START_MS,
    );
    expect(view.text).toContain(
      'T-3 has ended but dist/x.js does not exist in the integrated tree.',
    );
    expect(view.task).toBe(T3);
  });

  it('counts the time from now', () => {
    const limit: Wait = {
      kind: 'limit',
      limit: 'agentTasksPerHour',
      value: 20,
      max: 20,
      untilMs: inMinutes(12),
    };
    expect(text(limit)).toBe(
      'Waits for the limit agentTasksPerHour: 20 of 20 are used; the next one frees in 12 min.',
    );
    expect(describeWait(limit, START_MS).untilMs).toBe(inMinutes(12));
    expect(text({ kind: 'backoff', untilMs: START_MS })).toBe(
      'Waits before the next attempt: it starts at the next decision.',
    );
  });

  it('says who goes first', () => {
    expect(text({ kind: 'slot', pool: 'cheap', used: 1, max: 1, ahead: 2 })).toBe(
      'Waits for a free cheap slot: 1 of 1 is in use, and 2 tasks go first.',
    );
    expect(text({ kind: 'slot', pool: 'agent', used: 0, max: 0, ahead: 0 })).toContain(
      'set to run no agent tasks',
    );
  });

  it('is one whole sentence or more for every kind, with what ends it', () => {
    for (const wait of all) {
      const view = describeWait(wait, START_MS);
      expect(view.text).toMatch(/^[A-Z].*[^.]\.$/);
      expect(view.until).not.toBe('');
      expect(view.kind).toBe(wait.kind);
    }
  });
});

import { expect, test } from 'vitest';
import { glance } from '../../../shared/explain/glance.ts';
import { FIT, type Fitness } from '../../../shared/model/senses.ts';

const counts = {
  ...{ open: 0, waitingForAgent: 0, running: 0, review: 0, merged: 0 },
  ...{ done: 0, failed: 0, rejected: 0, cancelled: 0 },
};
const idle = { state: 'idle', summary: 'Nothing to do.', approvals: 0, counts } as const;
const cool = { fitness: FIT };
const hot: { fitness: Fitness } = {
  fitness: { ...FIT, troubles: [{ kind: 'hot', bars: 'heavy', text: 'is hot (94 °C)' }] },
};

test('what the icon tells is the most urgent of what is so', () => {
  expect(glance(null, cool)).toMatchObject({ state: 'offline', waiting: 0 });
  expect(glance({ ...idle, state: 'stopped', approvals: 3 }, cool).state).toBe('offline');
  const asked = {
    ...idle,
    state: 'paused',
    approvals: 1,
    counts: { ...counts, review: 2 },
  } as const;
  expect(glance(asked, hot)).toMatchObject({ state: 'needs-you', waiting: 3 });
  expect(glance({ ...idle, state: 'paused' }, hot).state).toBe('paused');
  expect(glance({ ...idle, state: 'parked' }, hot).state).toBe('paused');
  expect(glance({ ...idle, state: 'working' }, hot)).toMatchObject({
    state: 'hot',
    text: 'This machine is hot (94 °C).',
  });
  expect(glance({ ...idle, state: 'working' }, cool).state).toBe('working');
  expect(glance(idle, null)).toEqual({ state: 'idle', waiting: 0, text: 'Nothing to do.' });
});

test('one question waits, and several wait', () => {
  expect(glance({ ...idle, approvals: 1 }, cool).text).toBe('1 question waits for your answer.');
  expect(glance({ ...idle, approvals: 2 }, cool).text).toBe('2 questions wait for your answer.');
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryAtRest } from '../../../electron/cli/memoryAtRest.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const SECOND_MS = 1_000;

function counted() {
  let given = 0;
  let freed = 0;
  const memory = new MemoryAtRest(
    () => (freed += 1),
    () => (given += 1),
  );
  const work = (events: number) => {
    for (let event = 0; event < events; event += 1) memory.worked();
  };
  return { work, given: () => given, freed: () => freed };
}

test('memory is given back once a node rests after work', () => {
  const { work, given, freed } = counted();
  work(1_000);
  expect(given()).toBe(0);
  vi.advanceTimersByTime(60 * SECOND_MS);
  expect([freed(), given()]).toEqual([1, 1]);
});

test('it is not while events come', () => {
  const { work, given } = counted();
  for (let second = 0; second < 120; second += 1) {
    work(20);
    vi.advanceTimersByTime(SECOND_MS);
  }
  expect(given()).toBe(0);
});

test('a node that has done little since the last time leaves it', () => {
  const { work, given } = counted();
  work(1_000);
  vi.advanceTimersByTime(60 * SECOND_MS);
  work(10);
  vi.advanceTimersByTime(600 * SECOND_MS);
  expect(given()).toBe(1);
});

test('V8 has such a collection', () => {
  const memory = new MemoryAtRest(() => undefined);
  for (let event = 0; event < 1_000; event += 1) memory.worked();
  expect(() => vi.advanceTimersByTime(60 * SECOND_MS)).not.toThrow();
});

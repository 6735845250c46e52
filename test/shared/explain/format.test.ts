import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytes,
  clock,
  count,
  dateTime,
  duration,
  inline,
  percent,
  relative,
  score,
  shortCommit,
} from '../../../shared/explain/format.ts';
import { commit, MINUTE, SECOND, START_MS } from './log.ts';

const HOUR = 60 * MINUTE;

describe('human formats', () => {
  it.each([
    [0, '0 ms'],
    [450, '450 ms'],
    [999.7, '999 ms'],
    [4_200, '4.2 s'],
    [5_000, '5 s'],
    [9_960, '10 s'],
    [75 * SECOND, '75 s'],
    [12 * MINUTE, '12 min'],
    [59.9 * MINUTE, '1 h'],
    [125 * MINUTE, '2 h 5 min'],
    [2 * HOUR, '2 h'],
    [24 * HOUR - 1, '1 d'],
    [76 * HOUR, '3 d 4 h'],
    [-5, '0 ms'],
  ])('write %d ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('never write 60 of a smaller unit or 24 hours', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 * 24 * HOUR }), (ms) => {
        expect(duration(ms)).not.toMatch(/\b60 (min|s)\b.*min|\b60 min|\b24 h/);
      }),
    );
  });

  it('write a moment seen from now', () => {
    expect(relative(START_MS + 12 * MINUTE, START_MS)).toBe('in 12 min');
    expect(relative(START_MS - 12 * MINUTE, START_MS)).toBe('12 min ago');
    expect(relative(START_MS + 500, START_MS)).toBe('now');
  });

  it('write the clock in UTC or in the zone that is asked for, and survive a broken one', () => {
    expect(clock(START_MS + 9 * SECOND)).toBe('12:00:09');
    expect(clock(START_MS, -300)).toBe('07:00:00');
    expect(dateTime(START_MS, 330)).toBe('2026-11-21 17:30');
    for (const broken of [NaN, Infinity, -1, 1e300])
      expect(clock(broken)).toMatch(/^\d\d:\d\d:\d\d$/);
  });

  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [999, '999 B'],
    [1_500, '1.5 kB'],
    [20_000_000, '20 MB'],
    [999_600, '1 MB'],
    [3e15, '3000 TB'],
  ])('write %d bytes as %s', (size, text) => {
    expect(bytes(size)).toBe(text);
  });

  it('write shares, scores, commits and counts', () => {
    expect([
      percent(0.937),
      score(0.9),
      shortCommit(commit('1a2b3c4d')),
      count(1, 'file'),
      count(0, 'file'),
    ]).toEqual(['94 %', '0.90', '1a2b3c4', '1 file', '0 files']);
    expect(inline(' two\n lines. ')).toBe('two lines');
  });
});

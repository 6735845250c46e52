import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../../shared/model/budget.ts';
import {
  idleCaps,
  parseSetting,
  settingText,
  withSettings,
} from '../../../electron/cli/budgetSettings.ts';

const budget = Budget.parse({});

describe('a cap on the command line', () => {
  it.each([
    ['hour.hard=8', 'hour.hard', 8],
    ['day.soft=$12.50', 'day.soft', 12.5],
    ['task.tokens=200k', 'task.tokens', 200_000],
    ['task.tokens=1.5M', 'task.tokens', 1_500_000],
    ['month.alerts=900, 500', 'month.alerts', [500, 900]],
    ['month.alerts=none', 'month.alerts', []],
    ['month.rollover=on', 'month.rollover', true],
  ])('is read: %s', (text, cap, value) => {
    expect(parseSetting(text)).toEqual({ cap, value });
  });
  it.each([
    'hour.hrd=8',
    'hour=8',
    'constructor=1',
    'hour.hard',
    'hour.hard=',
    'hour.hard=-1',
    'hour.hard=8k',
    'task.calls=1.5',
    'task.calls=1e3',
    'month.rollover=yes',
    'month.alerts=1,x',
  ])('is refused with what it could be: %s', (text) => {
    expect(() => parseSetting(text)).toThrow(/there is no cap|no value/);
  });
  it('changes that cap alone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (value) => {
        const next = withSettings(budget, [parseSetting(`day.hard=${value}`)]);
        expect(next).toEqual({ ...budget, day: { ...budget.day, hard: value } });
      }),
    );
  });
  it('is refused above what any cap may be', () => {
    expect(() => withSettings(budget, [parseSetting('day.hard=2000000')])).toThrow('day.hard');
  });
});

it('shows each cap in its own unit', () => {
  expect(settingText(budget, 'hour.hard')).toBe('$5.00');
  expect(settingText(budget, 'task.tokens')).toBe('100000');
  expect(settingText(budget, 'month.alerts')).toBe('$500.00, $750.00, $900.00');
  expect(settingText(budget, 'month.rollover')).toBe('off');
});

it('points out caps that a tighter one makes idle', () => {
  expect(idleCaps(budget)).toEqual([]);
  const tight = withSettings(budget, [parseSetting('day.hard=35')]);
  expect(idleCaps(tight)).toEqual([
    'day.criticalOnly ($40.00) never comes into play: day.hard ($35.00) holds first.',
  ]);
});

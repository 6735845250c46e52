import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NEVER_SHOWN, type Showing } from '../../../shared/decide/noticeFacts.ts';
import {
  coarseIdle,
  dueMs,
  FAILED_MS,
  isQuiet,
  isScreen,
  targetOf,
  type Teller,
} from '../../../shared/decide/showing.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import { NoticeChannel, NoticeLevel } from '../../../shared/model/notice.ts';

const NOW = 1_000_000_000;
const MINUTE = 60_000;
const [laptop, rack, studio] = ['laptop', 'rack', 'studio'].map((name) => NodeId.parse(name));

function machine(
  node: NodeId | undefined,
  idleMs: number | null,
  tells: Partial<Teller['tells']> = {},
): Teller {
  return {
    node: node ?? NodeId.parse('none'),
    human: idleMs === null ? null : { idleMs, locked: false },
    tells: { screen: true, away: false, ...tells },
  };
}

const node = fc.constantFrom(...['a', 'b', 'c', 'd'].map((name) => NodeId.parse(name)));
const teller: fc.Arbitrary<Teller> = fc.record({
  node,
  human: fc.option(
    fc.record({ idleMs: fc.integer({ min: 0, max: 10 * 3_600_000 }), locked: fc.boolean() }),
  ),
  tells: fc.record({ screen: fc.boolean(), away: fc.boolean(), quiet: fc.boolean() }),
});
const tellers = fc.uniqueArray(teller, { selector: (one) => one.node, maxLength: 4 });
const showing: fc.Arbitrary<Showing> = fc.record({
  node,
  channel: fc.constantFrom(...NoticeChannel.options),
  atMs: fc.integer({ min: NOW - 2 * FAILED_MS, max: NOW }),
});
const showings = fc.record({
  shown: fc.array(showing, { maxLength: 4 }),
  failed: fc.array(showing, { maxLength: 4 }),
});
const level = fc.constantFrom(...NoticeLevel.options);

test('every node finds the same machine, in whatever order it knows them', () => {
  fc.assert(
    fc.property(level, tellers, showings, (of, among, before) => {
      const found = targetOf(of, among, before, NOW);
      expect(targetOf(of, among.toReversed(), before, NOW)).toEqual(found);
    }),
  );
});

test('only a machine that can tell is chosen, and none whose channel has just failed', () => {
  fc.assert(
    fc.property(level, tellers, fc.array(showing, { maxLength: 6 }), (of, among, failed) => {
      const target = targetOf(of, among, { shown: [], failed }, NOW);
      for (const [chosen, screen] of [
        [target.screen, true],
        [target.away, false],
      ] as const) {
        if (chosen === null) continue;
        const found = among.find((one) => one.node === chosen);
        expect(screen ? found?.tells.screen : found?.tells.away).toBe(true);
        const recent = failed.some(
          (one) =>
            one.node === chosen && isScreen(one.channel) === screen && one.atMs > NOW - FAILED_MS,
        );
        expect(recent).toBe(false);
      }
    }),
  );
});

test('nobody is left untold while one screen works', () => {
  fc.assert(
    fc.property(level, tellers, (of, among) => {
      const { screen } = targetOf(of, among, NEVER_SHOWN, NOW);
      expect(screen !== null).toBe(among.some(({ tells }) => tells.screen));
    }),
  );
});

test('the machine that the human used last gets it, and after a failure the next', () => {
  const machines = [machine(laptop, 3 * 3_600_000), machine(rack, null), machine(studio, 0)];
  expect(targetOf('ask', machines, NEVER_SHOWN, NOW).screen).toBe(studio);
  const failed = [{ node: studio ?? expect.fail(), channel: 'desktop' as const, atMs: NOW - 1 }];
  expect(targetOf('ask', machines, { shown: [], failed }, NOW).screen).toBe(laptop);
  expect(targetOf('ask', machines, { shown: [], failed }, NOW + FAILED_MS).screen).toBe(studio);
});

test('what is shown stays where it is while that machine is as good, and follows a human who left', () => {
  const shown = [
    { node: studio ?? expect.fail(), channel: 'desktop' as const, atMs: NOW - MINUTE },
  ];
  const both = [machine(laptop, 0), machine(studio, MINUTE)];
  expect(targetOf('ask', both, { shown, failed: [] }, NOW).screen).toBe(studio);
  const left = [machine(laptop, 0), machine(studio, 20 * MINUTE)];
  expect(targetOf('ask', left, { shown, failed: [] }, NOW).screen).toBe(laptop);
});

test('the quiet hours of one machine hold nothing back from a human who is at another as well', () => {
  const asleep = machine(laptop, 0, { quiet: true });
  const awake = machine(studio, 2 * MINUTE, { quiet: false });
  expect(targetOf('ask', [asleep, awake], NEVER_SHOWN, NOW).screen).toBe(studio);
  expect(targetOf('critical', [asleep, awake], NEVER_SHOWN, NOW).screen).toBe(laptop);
  // Nobody is at the other: it waits for the end of the quiet hours.
  const left = machine(studio, 20 * MINUTE);
  expect(targetOf('ask', [asleep, left], NEVER_SHOWN, NOW).screen).toBe(laptop);
});

test('what is sent away is for a human at no machine, and news is no reason for it', () => {
  const sender = machine(rack, null, { screen: false, away: true });
  expect(targetOf('ask', [machine(studio, 0), sender], NEVER_SHOWN, NOW)).toEqual({
    screen: studio,
    away: null,
  });
  const gone = [machine(studio, 20 * MINUTE), sender];
  expect(targetOf('ask', gone, NEVER_SHOWN, NOW)).toEqual({ screen: studio, away: rack });
  expect(targetOf('news', gone, NEVER_SHOWN, NOW)).toEqual({ screen: studio, away: null });
  expect(targetOf('news', [sender], NEVER_SHOWN, NOW)).toEqual({ screen: null, away: rack });
  expect(targetOf('critical', [], NEVER_SHOWN, NOW)).toEqual({ screen: null, away: null });
});

test('asks and critical notices are told again after growing pauses, for ever; news once', () => {
  for (const of of ['ask', 'critical'] as const) {
    const shown: Showing[] = [];
    let before = 0;
    for (let told = 0; told < 10; told += 1) {
      const atMs = dueMs(of, shown) ?? expect.fail('it is never told again');
      const pause = atMs - (shown.at(-1)?.atMs ?? 0);
      expect(pause).toBeGreaterThanOrEqual(told < 2 ? 0 : before);
      before = pause;
      shown.push({ node: NodeId.parse('a'), channel: 'desktop', atMs: Math.max(NOW, atMs) });
    }
  }
  expect(dueMs('news', [])).toBe(0);
  expect(dueMs('news', [{ node: NodeId.parse('a'), channel: 'ntfy', atMs: NOW }])).toBe(null);
});

test('quiet hours hold over midnight, and never for what is critical', () => {
  const night = { from: '22:00', to: '07:30' };
  const at = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  expect(isQuiet('ask', night, at('21:59'))).toBe(false);
  expect(isQuiet('ask', night, at('22:00'))).toBe(true);
  expect(isQuiet('news', night, at('03:00'))).toBe(true);
  expect(isQuiet('ask', night, at('07:30'))).toBe(false);
  expect(isQuiet('critical', night, at('03:00'))).toBe(false);
  expect(isQuiet('ask', { from: '12:00', to: '13:00' }, at('12:30'))).toBe(true);
  expect(isQuiet('ask', null, at('03:00'))).toBe(false);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1439 }),
      fc.integer({ min: 0, max: 1439 }),
      fc.integer({ min: 0, max: 1439 }),
      (from, to, now) => {
        const text = (minutes: number) =>
          `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
        fc.pre(from !== to);
        const quiet = (a: number, b: number) => isQuiet('ask', { from: text(a), to: text(b) }, now);
        // Of a day cut in two, one part is quiet and the other is not.
        expect(quiet(from, to)).toBe(!quiet(to, from));
      },
    ),
  );
});

test('the idle time that is told never runs ahead of the real one, and seldom changes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 24 * 3_600_000 }), (idleMs) => {
      const told = coarseIdle(idleMs);
      expect(told).toBeLessThanOrEqual(idleMs);
      expect(idleMs - told).toBeLessThan(10 * MINUTE);
    }),
  );
  const steps = new Set(Array.from({ length: 3_600 }, (_, second) => coarseIdle(second * 1_000)));
  expect(steps.size).toBeLessThan(75);
});

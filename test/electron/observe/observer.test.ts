import { describe, expect, it, onTestFinished } from 'vitest';
import { Observer } from '../../../electron/observe/observer.ts';
import type { Reading, SenseSource } from '../../../electron/observe/reading.ts';
import { classifyGap, type Clocks, type Gap } from '../../../electron/observe/wake.ts';
import { machineSenses } from '../../../electron/observe/source.ts';
import { NO_SENSES, Senses } from '../../../shared/model/senses.ts';

const HOUR = 3_600_000;
const at = (wallMs: number, monotonicMs: number, bootMs: number | null): Clocks => ({
  wallMs,
  monotonicMs,
  bootMs,
});

describe('a gap between two looks, 15 s apart', () => {
  const EVERY = 15_000;
  const start = at(1e12, 50_000, 80_000);
  const gap = (wall: number, monotonic: number, boot: number | null, woke?: number): Gap =>
    classifyGap(
      boot === null ? { ...start, bootMs: null } : start,
      at(start.wallMs + wall, start.monotonicMs + monotonic, boot === null ? null : 80_000 + boot),
      EVERY,
      woke ?? null,
    );
  const none: Gap = { sleptMs: 0, steppedMs: 0, stalledMs: 0 };

  it('is none when all clocks agree, loosely', () => {
    expect(gap(EVERY + 900, EVERY + 900, EVERY + 910)).toEqual(none);
    expect(gap(EVERY, EVERY, null)).toEqual(none);
  });

  it('is a suspend when boottime went on and monotonic did not', () => {
    expect(gap(EVERY + HOUR, EVERY, EVERY + HOUR)).toEqual({ ...none, sleptMs: HOUR });
  });

  it('is a clock that was set when only the wall moved, either way', () => {
    expect(gap(EVERY + 2 * HOUR, EVERY, EVERY)).toEqual({ ...none, steppedMs: 2 * HOUR });
    expect(gap(EVERY - 2 * HOUR, EVERY, EVERY)).toEqual({ ...none, steppedMs: -2 * HOUR });
  });

  it('is both when the clock was set while it slept', () => {
    expect(gap(EVERY + HOUR - 2 * HOUR, EVERY, EVERY + HOUR)).toEqual({
      sleptMs: HOUR,
      steppedMs: -2 * HOUR,
      stalledMs: 0,
    });
  });

  it('is a stall when the timer was late by every clock, as after SIGSTOP', () => {
    expect(gap(EVERY + 60_000, EVERY + 60_000, EVERY + 60_000)).toEqual({
      ...none,
      stalledMs: 60_000,
    });
  });

  it('is a suspend without boottime only when the system says that it woke in between', () => {
    expect(gap(EVERY + HOUR, EVERY + HOUR, null)).toEqual({ ...none, stalledMs: HOUR });
    const woke = start.wallMs + HOUR;
    expect(gap(EVERY + HOUR, EVERY + HOUR, null, woke)).toEqual({ ...none, sleptMs: HOUR });
    expect(gap(EVERY + HOUR, EVERY + HOUR, null, start.wallMs - 1).stalledMs).toBe(HOUR);
  });
});

/** A machine whose senses and clocks a test sets, looked at every few milliseconds. */
class Machine implements SenseSource {
  reading: Reading = NO_SENSES;
  woke: number | null = null;
  working = false;
  offset: Clocks = at(0, 0, 0);
  readonly observer = new Observer({
    source: this,
    clocks: () => {
      const now = performance.now();
      const { wallMs, monotonicMs, bootMs } = this.offset;
      return at(
        1e12 + now + wallMs,
        now + monotonicMs,
        bootMs === null ? null : now + 1e6 + bootMs,
      );
    },
    working: () => this.working,
    workingMs: 2,
    idleMs: 5,
  });

  constructor() {
    onTestFinished(() => this.observer.stop());
  }

  read(): Promise<Reading> {
    return Promise.resolve(this.reading);
  }

  wokeAtMs(): Promise<number | null> {
    return Promise.resolve(this.woke);
  }

  /** The next senses for which it holds. */
  until(holds: (senses: Senses) => boolean): Promise<Senses> {
    return new Promise((resolve) => {
      const end = this.observer.onChange((senses) => {
        if (!holds(senses)) return;
        end();
        resolve(senses);
      });
    });
  }

  gap(): Promise<Gap> {
    return new Promise((resolve) => {
      const end = this.observer.onGap((gap) => {
        end();
        resolve(gap);
      });
    });
  }
}

describe('an observer', () => {
  it('knows nothing before its first sample, and then what the machine feels', async () => {
    const machine = new Machine();
    expect(machine.observer.now()).toEqual(NO_SENSES);
    machine.reading = { ...NO_SENSES, power: { source: 'ac', charge: 0.5 } };
    const sensed = machine.until(({ atMs }) => atMs !== null);
    machine.observer.start();
    expect((await sensed).power).toEqual({ source: 'ac', charge: 0.5 });
    machine.reading = { ...NO_SENSES, power: { source: 'battery', charge: 0.4 } };
    await machine.until(({ power }) => power.source === 'battery');
  });

  it('takes what it is fed over what it sampled, at once and until that expires', async () => {
    const machine = new Machine();
    machine.reading = { ...NO_SENSES, thermal: { level: null, celsius: 60, speedLimit: null } };
    machine.observer.start();
    await machine.until(({ thermal }) => thermal.celsius === 60);
    const told = machine.until(({ thermal }) => thermal.level === 'serious');
    machine.observer.feed({ thermal: { level: 'serious' } }, HOUR);
    expect((await told).thermal).toEqual({ level: 'serious', celsius: 60, speedLimit: null });
    machine.observer.feed({ thermal: { level: 'fair' }, power: { source: 'battery' } }, 2 * HOUR);
    expect(machine.observer.now().thermal.level).toBe('fair');
    machine.offset = at(0, 3 * HOUR, 3 * HOUR);
    expect(machine.observer.now()).toMatchObject({
      thermal: { level: null, celsius: 60 },
      power: { source: null },
    });
  });

  it('notices that the machine slept, and that what it was told before has come to pass', async () => {
    const machine = new Machine();
    machine.observer.start();
    await machine.until(({ atMs }) => atMs !== null);
    machine.observer.feed({ sleep: { imminent: true } }, HOUR);
    expect(machine.observer.now().sleep.imminent).toBe(true);
    const noticed = machine.gap();
    machine.offset = at(HOUR, 0, HOUR);
    expect((await noticed).sleptMs).toBeGreaterThan(HOUR - 2_000);
    const { sleep } = await machine.until(({ sleep }) => sleep.sleptMs !== null);
    expect(sleep.imminent).toBeNull();
    expect(sleep.wokeAtMs).toBeGreaterThanOrEqual(1e12 + HOUR);
  });

  it('asks the system where no clock runs through suspend', async () => {
    const machine = new Machine();
    machine.offset = at(0, 0, null);
    machine.observer.start();
    await machine.until(({ atMs }) => atMs !== null);
    const noticed = machine.gap();
    machine.woke = 1e12 + performance.now() + HOUR;
    machine.offset = at(HOUR + 60_000, HOUR + 60_000, null);
    const { sleptMs, steppedMs } = await noticed;
    expect(sleptMs).toBeGreaterThan(HOUR);
    expect(steppedMs).toBe(0);
  });

  it('tells nobody after it was stopped', async () => {
    const machine = new Machine();
    machine.observer.start();
    await machine.until(({ atMs }) => atMs !== null);
    await machine.observer.stop();
    let told = 0;
    machine.observer.onChange(() => (told += 1));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(told).toBe(0);
  });

  it('reads this machine', async () => {
    const observer = new Observer({ source: await machineSenses('/'), idleMs: 5 });
    onTestFinished(() => observer.stop());
    const sensed = await new Promise<Senses>((resolve) => {
      observer.onChange((senses) => senses.cpu.load !== null && resolve(senses));
      observer.start();
    });
    expect(Senses.parse(sensed)).toEqual(sensed);
    expect(sensed.memory.totalBytes).toBeGreaterThan(0);
    expect(sensed.memory.availableBytes).toBeLessThan(sensed.memory.totalBytes ?? 0);
    expect(sensed.disk.totalBytes).toBeGreaterThan(0);
  });
});

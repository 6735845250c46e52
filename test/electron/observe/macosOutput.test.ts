import { describe, expect, it } from 'vitest';
import {
  parseBattery,
  parseSysctl,
  parseThermal,
  parseVmStat,
} from '../../../electron/observe/macosOutput.ts';

/** Documented output of macOS's programs; none of them was run for these tests. */

describe('pmset -g therm', () => {
  it('says how fast the processor may run', () => {
    const text = `Note: No thermal warning level has been recorded
Note: No performance warning level has been recorded
2020-11-24 13:10:40 +0100 CPU Power notify
\tCPU_Scheduler_Limit \t= 100
\tCPU_Available_CPUs \t= 8
\tCPU_Speed_Limit \t= 35
`;
    expect(parseThermal(text)).toEqual({ level: null, celsius: null, speedLimit: 0.35 });
  });

  it('says nothing where nothing has been recorded, as on Apple silicon', () => {
    const text = `Note: No thermal warning level has been recorded
Note: No performance warning level has been recorded
Note: No CPU power status has been recorded
`;
    expect(parseThermal(text)).toEqual({ level: null, celsius: null, speedLimit: null });
  });
});

describe('pmset -g batt', () => {
  it.each([
    [
      "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=24576099)\t61%; discharging; 3:42 remaining present: true\n",
      { source: 'battery', charge: 0.61 },
    ],
    [
      "Now drawing from 'AC Power'\n -InternalBattery-0 (id=4653155)\t100%; charged; 0:00 remaining present: true\n",
      { source: 'ac', charge: 1 },
    ],
    ["Now drawing from 'AC Power'\n", { source: 'ac', charge: null }],
    ['', { source: null, charge: null }],
  ])('%j', (text, power) => {
    expect(parseBattery(text)).toEqual(power);
  });
});

describe('vm_stat', () => {
  it('counts pages of the size in its first line', () => {
    const text = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               10000.
Pages active:                            200000.
Pages inactive:                          100000.
Pages speculative:                         5000.
Pages throttled:                              0.
Pages wired down:                         90000.
"Translation faults":                 123456789.
Swapins:                                     20.
Swapouts:                                    30.
`;
    expect(parseVmStat(text)).toEqual({
      availableBytes: 115_000 * 16_384,
      swappedBytes: 50 * 16_384,
    });
  });

  it('says nothing when it is cut', () => {
    expect(
      parseVmStat('Mach Virtual Memory Statistics: (page size of 4096 bytes)\nPages free: 1.\n'),
    ).toEqual({ availableBytes: null, swappedBytes: null });
    expect(parseVmStat('')).toEqual({ availableBytes: null, swappedBytes: null });
  });
});

describe('sysctl', () => {
  const text = (level: number, wake: number) => `kern.memorystatus_vm_pressure_level: ${level}
vm.swapusage: total = 2048.00M  used = 1021.25M  free = 1026.75M  (encrypted)
kern.waketime: { sec = ${wake}, usec = 123456 } Sat Nov 21 14:05:09 2026
`;

  it('grades memory pressure, and says when the machine last woke', () => {
    expect(parseSysctl(text(2, 1_795_269_909))).toEqual({
      level: 'warning',
      swapUsedBytes: 1021.25 * 1024 * 1024,
      wokeAtMs: 1_795_269_909_000,
    });
    expect(parseSysctl(text(1, 0))).toMatchObject({ level: 'normal', wokeAtMs: null });
    expect(parseSysctl(text(4, 0)).level).toBe('critical');
    expect(parseSysctl(text(3, 0)).level).toBeNull();
    expect(parseSysctl('')).toEqual({ level: null, swapUsedBytes: null, wokeAtMs: null });
  });
});

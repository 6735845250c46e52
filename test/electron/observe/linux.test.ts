import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LinuxSource, parsePressure } from '../../../electron/observe/linux.ts';
import { LinuxHeat } from '../../../electron/observe/linuxHeat.ts';
import { readPower } from '../../../electron/observe/linuxPower.ts';
import { folderWith } from './folder.ts';

describe('a machine that tells nothing', () => {
  it('has no senses, rather than zeros', async () => {
    const root = folderWith();
    const { thermal, memory, cpu, power, disk } = await new LinuxSource(
      join(root, 'no'),
      root,
    ).read();
    expect(thermal).toEqual({ level: null, celsius: null, speedLimit: null });
    expect(Object.values(memory)).toEqual([null, null, null, null, null, null, null]);
    expect(cpu.load).toBeNull();
    expect(power).toEqual({ source: null, charge: null });
    expect(disk).toEqual({ freeBytes: null, totalBytes: null });
  });
});

describe('memory and processors', () => {
  const proc = (over: Record<string, string> = {}) =>
    folderWith({
      'proc/meminfo':
        'MemTotal:       16000000 kB\nMemFree:          100000 kB\nMemAvailable:    8000000 kB\nSwapTotal:       2000000 kB\nSwapFree:        1500000 kB\n',
      'proc/pressure/memory':
        'some avg10=31.40 avg60=12.00 avg300=4.00 total=123456\nfull avg10=10.00 avg60=2.00 avg300=1.00 total=12345\n',
      'proc/stat': 'cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 0 1 7 1 0 0 0 0 0\n',
      'proc/vmstat': 'pgpgin 5\npswpin 1000\npswpout 2000\n',
      ...over,
    });

  it('are read as the kernel gives them', async () => {
    const root = proc();
    const { memory, disk } = await new LinuxSource(root, root).read();
    expect(memory).toEqual({
      totalBytes: 16_000_000 * 1024,
      availableBytes: 8_000_000 * 1024,
      stalledSome: 0.314,
      stalledFull: 0.1,
      level: null,
      swapUsedBytes: 500_000 * 1024,
      swapBytesPerS: null,
    });
    expect(disk.totalBytes).toBeGreaterThan(disk.freeBytes ?? Infinity);
  });

  it('are shares and rates of the time between two samples', async () => {
    const root = proc();
    const source = new LinuxSource(root, root);
    expect((await source.read()).cpu.load).toBeNull();
    // 300 more ticks, of which 150 idle or waiting for a disk.
    writeFileSync(join(root, 'proc/stat'), 'cpu  200 0 150 800 150 0 0 0 50 0\n');
    writeFileSync(join(root, 'proc/vmstat'), 'pswpin 1500\npswpout 2500\n');
    const { cpu, memory } = await source.read();
    expect(cpu.load).toBeCloseTo(0.5, 6);
    expect(memory.swapBytesPerS).toBeGreaterThan(0);
    // Counters that began anew say nothing.
    writeFileSync(join(root, 'proc/stat'), 'cpu  1 0 1 8 1 0 0 0 5 0\n');
    writeFileSync(join(root, 'proc/vmstat'), 'pswpin 1\npswpout 2\n');
    const again = await source.read();
    expect(again.cpu.load).toBeNull();
    expect(again.memory.swapBytesPerS).toBeNull();
  });

  it('do without full pressure, which old kernels do not have', () => {
    expect(parsePressure('some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n')).toEqual({
      some: 0,
      full: null,
    });
  });
});

describe('heat', () => {
  const zone = (type: string, milli: string, trips: [string, string][] = []) =>
    Object.fromEntries([
      ['type', `${type}\n`],
      ['temp', `${milli}\n`],
      ...trips.flatMap(([kind, temp], at) => [
        [`trip_point_${at}_type`, `${kind}\n`],
        [`trip_point_${at}_temp`, `${temp}\n`],
      ]),
    ]) as Record<string, string>;
  const heatOf = (folders: Record<string, Record<string, string>>) =>
    new LinuxHeat(
      folderWith(
        Object.fromEntries(
          Object.entries(folders).flatMap(([folder, files]) =>
            Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]),
          ),
        ),
      ),
    ).read();

  it('is that of the hottest processor sensor, not of a disk or the room', () => {
    const thermal = heatOf({
      'hwmon/hwmon0': { name: 'nvme\n', temp1_input: '99000\n' },
      'hwmon/hwmon1': { name: 'coretemp\n', temp1_input: '61000\n', temp2_input: '72500\n' },
      'thermal/thermal_zone0': zone('acpitz', '27800'),
      'thermal/thermal_zone1': zone('x86_pkg_temp', '71000'),
    });
    expect(thermal).toEqual({ level: null, celsius: 72.5, speedLimit: null });
  });

  it.each([
    ['60000', 'nominal'],
    ['72000', 'fair'],
    ['80000', 'serious'],
    ['96000', 'critical'],
  ])('at %s with the kernel slowing down at 80 °C is %s', (milli, level) => {
    const trips: [string, string][] = [
      ['passive', '80000'],
      ['critical', '100000'],
    ];
    expect(heatOf({ 'thermal/thermal_zone0': zone('cpu-thermal', milli, trips) }).level).toBe(
      level,
    );
  });

  it('has no level where the trip points are placeholders, and no figure from a sensor that is off', () => {
    const trips: [string, string][] = [['passive', '0']];
    expect(
      heatOf({ 'thermal/thermal_zone0': zone('x86_pkg_temp', '90000', trips) }).level,
    ).toBeNull();
    expect(heatOf({ 'thermal/thermal_zone0': zone('x86_pkg_temp', '-273000') }).celsius).toBeNull();
    expect(
      heatOf({ 'hwmon/hwmon0': { name: 'k10temp\n', temp1_input: 'n/a\n' } }).celsius,
    ).toBeNull();
  });
});

describe('power', () => {
  const supplies = (files: Record<string, string>) => readPower(folderWith(files));
  const battery = (status: string, capacity = '80') => ({
    'BAT0/type': 'Battery\n',
    'BAT0/status': `${status}\n`,
    'BAT0/capacity': `${capacity}\n`,
  });
  const adapter = (online: string) => ({ 'AC/type': 'Mains\n', 'AC/online': `${online}\n` });

  it('comes from the mains or the battery', () => {
    expect(supplies({ ...adapter('1'), ...battery('Charging') })).toEqual({
      source: 'ac',
      charge: 0.8,
    });
    expect(supplies({ ...adapter('0'), ...battery('Discharging', '7') })).toEqual({
      source: 'battery',
      charge: 0.07,
    });
    // Plugged in by one of two sockets.
    const usb = { 'ucsi0/type': 'USB\n', 'ucsi0/online': '1\n' };
    expect(supplies({ ...adapter('0'), ...usb, ...battery('Not charging') }).source).toBe('ac');
  });

  it('is told by the battery where no adapter is known', () => {
    expect(supplies(battery('Discharging')).source).toBe('battery');
    expect(supplies(battery('Full')).source).toBe('ac');
    expect(supplies(battery('Unknown')).source).toBeNull();
  });

  it('is the mains for a machine without a battery; that of a mouse does not count', () => {
    expect(supplies({ 'x/y': '' }).source).toBe('ac');
    const mouse = {
      'hid/type': 'Battery\n',
      'hid/scope': 'Device\n',
      'hid/status': 'Discharging\n',
    };
    expect(supplies(mouse)).toEqual({ source: 'ac', charge: null });
    expect(readPower('/nowhere').source).toBeNull();
  });
});

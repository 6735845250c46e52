import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ReportView } from '../../shared/model/reportApi.ts';
import { FakeClock } from './fakeClock.ts';
import type { Roles } from './fleet.ts';
import { checkInvariants } from './invariants.ts';
import { tellOnFailure, testFleet } from './testFleet.ts';
import { until } from './until.ts';
import { append } from './work.ts';

const HOUR_MS = 3_600_000;

const fleet = testFleet();
const disk = path.join(fleet.folder, 'laptop');
const clock = new FakeClock(fleet.folder);
let roles: Roles;

mkdirSync(disk);
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk]);
afterAll(() => execFileSync('umount', ['-l', disk]));

test('a clock that jumps by two hours, both ways, neither stops the work nor mixes up its order', async () => {
  tellOnFailure(fleet);
  roles = await fleet.three('follower', (name) => (name === 'rack' ? { env: clock.env } : {}));
  const jumping = fleet.nodes.find(({ name }) => name === 'rack');
  if (!jumping) throw new Error('rack is one of three');
  const all: string[] = [];
  for (const [offset, hours] of [
    ['+2h', 2],
    ['-2h', -2],
    ['+0', 0],
  ] as const) {
    clock.set(offset);
    // The clock is looked up once a second.
    await until(`its clock is at ${offset}`, async () => {
      const { untilMs } = await jumping.call('GET', '/v1/report?hours=1', ReportView);
      return Math.abs(untilMs - Date.now() - hours * HOUR_MS) < HOUR_MS / 2;
    });
    const added = await jumping.add(
      { ...append(`there at ${offset}`), capabilities: ['rack'] },
      append(`anywhere at ${offset}`),
    );
    all.push(...added);
    await fleet.untilMerged(all);
  }
  const { events } = await checkInvariants(fleet);
  const own = events.filter(({ node }) => node === jumping.id).map(({ atMs }) => atMs);
  expect(Math.max(...own) - Math.min(...own)).toBeGreaterThan(3.9 * 3_600_000);
});

test('a node whose disk is full ends, the others do the work, and it is back once there is room', async () => {
  tellOnFailure(fleet);
  const full = fleet.nodes.find(({ name }) => name === 'laptop');
  if (!full) throw new Error('laptop is one of three');
  const others = fleet.nodes.filter((node) => node !== full && node !== roles.home);
  const balloon = path.join(disk, 'balloon');
  try {
    writeFileSync(balloon, Buffer.alloc(64 * 1024 * 1024));
  } catch {
    // That is the point: there is no room for more.
  }
  const doing = full === roles.home ? others : [...others, roles.home];
  const [id = ''] = await (doing[0] ?? full).add(append('without the full one'));
  const exit = await full.ended();
  expect(exit.code).toBe(1);
  expect(exit.stderr).toContain('disk-full');
  if (full !== roles.home) await fleet.untilMerged([id], doing);
  rmSync(balloon);
  await full.start();
  await fleet.whole();
  await fleet.untilMerged([id]);
  await checkInvariants(fleet);
});

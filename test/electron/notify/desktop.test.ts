import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Bus } from '../../../electron/notify/bus.ts';
import { Desktop, type NoticeAct } from '../../../electron/notify/desktop.ts';
import { HumanWatch } from '../../../electron/notify/human.ts';
import type { Notice } from '../../../shared/model/notice.ts';
import { PlayedDesktop, privateBus } from './desktopBus.ts';
import { playHuman } from './playedHuman.ts';

const notice = (change: Partial<Notice> = {}): Notice => ({
  id: 'n1',
  level: 'news',
  title: 'Title <b>&',
  text: 'a <b>bold</b> & <a href="x">link</a>',
  place: '/',
  answers: null,
  sinceMs: 0,
  ...change,
});

function fileFor(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-left-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'notifications.json');
}

async function connect(address: string, file = fileFor()) {
  const acts: [string, NoticeAct | 'away'][] = [];
  const changes = { count: 0, next: () => {} };
  const desktop = await Desktop.connect({
    address,
    file,
    acted: (id, act) => acts.push([id, act]),
    closed: (id, byHuman) => byHuman && acts.push([id, 'away']),
    changed: () => {
      changes.count += 1;
      changes.next();
    },
  });
  return { desktop, acts, changes };
}

test('markup of a text is shown as it was written, and never obeyed', async () => {
  const address = await privateBus();
  const played = await PlayedDesktop.start(address);
  const { desktop } = await connect(address);
  await desktop.show(notice());
  expect([...played.up.values()]).toMatchObject([
    {
      title: 'Title <b>&',
      body: 'a &lt;b&gt;bold&lt;/b&gt; &amp; &lt;a href="x"&gt;link&lt;/a&gt;',
      actions: ['default', 'Open', 'dismiss', 'Got it'],
      urgency: 0,
    },
  ]);
  await desktop.close();
  expect(played.up.size).toBe(0);
});

test('a desktop without buttons or markup gets none', async () => {
  const address = await privateBus();
  const played = await PlayedDesktop.start(address, ['body']);
  const { desktop } = await connect(address);
  await desktop.show(notice({ level: 'critical' }));
  expect([...played.up.values()]).toMatchObject([{ body: notice().text, actions: [], urgency: 2 }]);
  await desktop.close();
});

test('shown twice it is one notification, and putting it away is told', async () => {
  const address = await privateBus();
  const played = await PlayedDesktop.start(address);
  const { desktop, acts } = await connect(address);
  await desktop.show(notice());
  await desktop.show(notice({ title: 'Other' }));
  expect([...played.up.values()].map(({ title }) => title)).toEqual(['Other']);
  played.putAway([...played.up.keys()][0] ?? 0);
  await expect.poll(() => acts).toEqual([['n1', 'away']]);
  expect(desktop.shows('n1')).toBe(false);
  await desktop.close();
});

test('without a service for notifications it says so, and tries again once there is one', async () => {
  const address = await privateBus();
  const { desktop, changes } = await connect(address);
  expect(desktop.works).toBe(true);
  await expect(desktop.show(notice())).rejects.toThrow(/message bus/);
  expect(desktop.works).toBe(false);
  const come = new Promise<void>((resolve) => (changes.next = resolve));
  const played = await PlayedDesktop.start(address);
  await come;
  expect(desktop.works).toBe(true);
  await desktop.show(notice());
  const left = new Promise<void>((resolve) => (changes.next = resolve));
  played.stop();
  await left;
  // What was on the screen went with it.
  expect([desktop.works, desktop.shows('n1')]).toEqual([false, false]);
  await desktop.close();
});

test('where there is no bus, there is nothing to wait for', async () => {
  await expect(Bus.connect('unix:path=/nonexistent/bus')).rejects.toThrow(/ENOENT/);
  await expect(Bus.connect('none:')).rejects.toThrow(/address/);
  expect(await HumanWatch.connect({ session: 'none:', system: 'none:' })).toBe(null);
});

test('the human is found by what the desktop says of input, else by what logind says', async () => {
  const [session, system] = await Promise.all([privateBus(), privateBus()]);
  const NOW = 1_700_000_000_000;
  const login = await playHuman(system);
  const watch = (await HumanWatch.connect({ session, system })) ?? expect.fail('no bus');
  login.logind({ idleSinceMs: NOW - 240_000, locked: true });
  expect(await watch.look(NOW)).toEqual({ idleMs: 240_000, locked: true });
  login.logind({ idleSinceMs: null, locked: false });
  expect(await watch.look(NOW)).toEqual({ idleMs: 0, locked: false });
  const gnome = await playHuman(session);
  gnome.mutter(1_500);
  expect(await watch.look(NOW)).toEqual({ idleMs: 1_500, locked: false });
  login.logind(null);
  gnome.mutter(null);
  expect(await watch.look(NOW)).toBe(null);
  watch.close();
});

test('what a node that was killed had left is taken off by its next start, and nothing of another program', async () => {
  const [address, file] = [await privateBus(), fileFor()];
  const played = await PlayedDesktop.start(address);
  // Never closed: the file is what a killed one leaves.
  const { desktop: killed } = await connect(address, file);
  await killed.show(notice({ id: 'n1', title: 'Left' }));
  const { desktop: other } = await connect(address);
  await other.show(notice({ id: 'n1', title: 'Of another' }));
  const { desktop: next } = await connect(address, file);
  expect([...played.up.values()].map(({ title }) => title)).toEqual(['Of another']);
  expect(existsSync(file)).toBe(false);

  // A desktop that has begun anew gives the same numbers to others.
  await next.show(notice({ title: 'Before' }));
  const old = fileFor();
  copyFileSync(file, old);
  played.stop();
  const fresh = await PlayedDesktop.start(address);
  const { desktop: stranger } = await connect(address);
  for (const id of ['a', 'b', 'c']) await stranger.show(notice({ id }));
  await connect(address, old);
  expect(fresh.up.size).toBe(3);
});

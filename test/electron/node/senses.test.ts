import { readFileSync, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { NodeSenses } from '../../../electron/node/senses.ts';
import { Ledger } from '../../../electron/node/ledger.ts';
import { systemClock } from '../../../electron/node/clock.ts';
import { EventStore } from '../../../electron/store/store.ts';
import { NodeConfig } from '../../../shared/model/config.ts';
import type { BodyOf, EventBody, EventType } from '../../../shared/model/events.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import { NodesView } from '../../../shared/model/meshApi.ts';
import { SensesFed } from '../../../shared/model/senses.ts';
import { folderWith } from '../observe/folder.ts';
import { LiveNode } from './liveNode.ts';

const HOUR = 3_600_000;
const anyDisk = { leastFreeDiskBytes: 0, leastFreeDiskShare: 0 };

/** The senses of a node on a store of its own, with what its log and its engine were told. */
function node(settings: object, working = false) {
  const home = folderWith();
  const store = EventStore.open(home, null);
  const ledger = Ledger.open(store, systemClock);
  const config = NodeConfig.parse({ limits: anyDisk, heavyOnBattery: true, ...settings });
  const { concurrency, limits } = config;
  const started = { type: 'node.started', node: store.node, version: '1' } as const;
  ledger.record({ ...started, concurrency, limits, capabilities: [] });
  const woken: string[] = [];
  const senses = new NodeSenses({
    ledger,
    config,
    home,
    working: () => working,
    wake: (trigger) => woken.push(trigger),
    woke: () => woken.push('links'),
    fail: (error) => woken.push(String(error)),
  });
  onTestFinished(async () => {
    await senses.stop();
    store.close();
  });
  const bodies: EventBody[] = [];
  ledger.onEvent(({ body }) => bodies.push(body));
  const events = <T extends EventType>(type: T) =>
    bodies.filter((body): body is BodyOf<T> => body.type === type);
  return { senses, ledger, woken, events };
}

test('the log hears of fitness when it changes, and only then', async () => {
  const { senses, ledger, woken, events } = node({});
  await senses.start();
  await expect.poll(() => senses.now()).not.toBeNull();
  const before = events('node.sensed').length;
  senses.feed({ thermal: { level: 'serious' } }, HOUR);
  senses.feed({ thermal: { level: 'critical' } }, HOUR);
  expect(events('node.sensed')).toHaveLength(before + 1);
  expect(events('node.sensed').at(-1)).toMatchObject({
    fitness: { any: true, heavy: false },
    senses: expect.stringContaining('serious') as unknown,
  });
  expect(senses.fitness().troubles[0]?.text).toBe('is hot (serious thermal pressure)');
  expect(ledger.world.nodes.get(ledger.store.node)?.fitness?.heavy).toBe(false);
  expect(woken).toContain('node.sensed');
});

test('a node finds out what its machine can do, once', async () => {
  const { senses, ledger, woken, events } = node({});
  await senses.start();
  await expect.poll(() => woken).toContain('capabilities.found');
  const { detected } = ledger.world.nodes.get(ledger.store.node) ?? {};
  expect(detected).toContain(process.arch);
  expect(events('capabilities.found')).toHaveLength(1);
});

test('while tasks run the machine is held awake, and let go with the node', async () => {
  const folder = folderWith(
    {
      'systemd-inhibit':
        '#!/bin/sh\necho held >> "$(dirname "$0")/log"\ncat\necho ended >> "$(dirname "$0")/log"\n',
      caffeinate:
        '#!/bin/sh\necho held >> "$(dirname "$0")/log"\ncat\necho ended >> "$(dirname "$0")/log"\n',
    },
    0o755,
  );
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const log = () => {
    const file = join(folder, 'log');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };
  const idle = node({ keepAwake: 'always' });
  await idle.senses.start();
  await expect.poll(() => idle.senses.now()).not.toBeNull();
  expect(log()).toEqual([]);
  const busy = node({ keepAwake: 'always' }, true);
  await busy.senses.start();
  await expect.poll(log).toEqual(['held']);
  expect(busy.senses.notes()).toEqual([]);
  await busy.senses.stop();
  expect(busy.senses.notes()).toEqual([]);
});

test('a node whose disk is too full takes nothing, and says what would help', async () => {
  const live = await LiveNode.start({
    config: { limits: { cyclesPerDay: 0, leastFreeDiskBytes: Number.MAX_SAFE_INTEGER } },
  });
  await live.until(() => live.of('node.sensed').length > 0);
  const [task] = await live.add({ title: 'one', run: 'true' });
  await live.idle();
  expect(live.of('attempt.started')).toEqual([]);
  const { dispatch } = await live.explain(task?.id ?? '');
  const id = NodeId.parse((await live.status()).node);
  expect(dispatch.waits[0]).toMatchObject({
    kind: 'unfit',
    text: expect.stringContaining(`${id} has a full disk (`) as unknown,
    until: `someone frees space on the disk of ${id}`,
  });
});

test('what the app feels of the machine is shown by its node until it is not said again', async () => {
  const live = await LiveNode.start({ config: { limits: { cyclesPerDay: 0 } } });
  const feed = (ttlMs: number, senses: object = { thermal: { level: 'serious' } }) =>
    live.call('POST', '/v1/senses', SensesFed, { senses, ttlMs });
  const level = async () => {
    const { nodes } = await live.call('GET', '/v1/nodes', NodesView);
    return nodes.find(({ self }) => self)?.senses?.thermal.level;
  };
  const own = await level();
  expect(await feed(HOUR / 60)).toEqual({ keepAwake: false });
  await expect.poll(level).toBe('serious');
  await expect(feed(0)).rejects.toThrow('/v1/senses: 400');
  await expect(feed(HOUR, { thermal: { level: 'boiling' } })).rejects.toThrow('/v1/senses: 400');
  await expect(feed(1_000, { mood: 'good' })).rejects.toThrow('/v1/senses: 400');
  expect(await level()).toBe('serious');

  const other = await LiveNode.start({ config: { limits: { cyclesPerDay: 0 } } });
  const readings = { senses: { thermal: { level: 'critical' } }, ttlMs: 1_500 };
  await other.call('POST', '/v1/senses', SensesFed, readings);
  const otherLevel = async () =>
    (await other.call('GET', '/v1/nodes', NodesView)).nodes[0]?.senses?.thermal.level;
  await expect.poll(otherLevel).toBe('critical');
  await expect.poll(otherLevel, { timeout: 30_000 }).toBe(own);
}, 60_000);

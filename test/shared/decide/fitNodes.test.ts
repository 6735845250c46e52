import { describe, expect, test } from 'vitest';
import { fitnessOf, NO_TROUBLE, senseFitness } from '../../../shared/decide/fitness.ts';
import { nextChangeMs } from '../../../shared/decide/nextChange.ts';
import { waitsOf } from '../../../shared/decide/waiting.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import type { Senses } from '../../../shared/model/senses.ts';
import { World } from '../../../shared/world/world.ts';
import type { WorldData } from '../../../shared/world/worldData.ts';
import { GIB, senses, settings } from './senses.ts';
import { app, mac, MINUTE, Site, T } from './site.ts';

const box = NodeId.parse('box');
const HOT = senses({ thermal: { level: 'serious' } });
const ON_BATTERY = senses({ power: { source: 'battery', charge: 0.4 } });
const FULL = senses({ disk: { freeBytes: GIB, totalBytes: 100 * GIB } });
const COOL = senses();
const LONG = { estimateMs: 30 * MINUTE };

/** Two nodes that can do the same. */
function two(): Site {
  return Site.with({ cheap: 2 }).node(box, { cheap: 2 });
}

function feels(site: Site, node: NodeId, sensed: Senses): Site {
  const fitness = fitnessOf(senseFitness(NO_TROUBLE, sensed, 0, settings));
  return site.add({ type: 'node.sensed', node, fitness, senses: '' });
}

function drain(site: Site, node: NodeId, on = true): Site {
  return site.add({ type: 'node.drained', node, who: 'alex', drain: on });
}

const nodesOf = (site: Site) =>
  Object.fromEntries(site.decide().dispatches.map(({ task, node }) => [task, node]));

describe('where work may start', () => {
  test('heavy work goes where it is cool, light work anywhere', () => {
    const site = feels(two(), mac, HOT).task(1, LONG).task(2, LONG).task(3).task(4).task(5, LONG);
    const where = nodesOf(site);
    expect([where[T(1)], where[T(2)]]).toEqual([box, box]);
    expect([where[T(3)], where[T(4)]]).toEqual([mac, mac]);
    expect(where[T(5)]).toBeUndefined();
  });

  test('a hot machine gets no heavy work however well it does it', () => {
    const site = two().task(1).task(2);
    expect(Object.values(nodesOf(site))).toEqual([box, box]);
    site.start();
    site
      .failed(1)
      .failed(2)
      .wait(10 * MINUTE);
    for (const task of [T(1), T(2)])
      site.add({ type: 'task.cancelled', task, project: app, who: 'alex', reason: '' });
    expect(nodesOf(site.task(3, LONG))).toEqual({ [T(3)]: mac });
    expect(nodesOf(feels(site, mac, HOT))).toEqual({ [T(3)]: box });
  });

  test('an agent task waits for the machine to be plugged in, and says so', () => {
    const site = feels(Site.with({ capabilities: ['agent'] }), mac, ON_BATTERY);
    site.task(1, { executor: { kind: 'agent' } }).task(2);
    expect(nodesOf(site)).toEqual({ [T(2)]: mac });
    const [wait] = waitsOf(site.world, site.world.tasks.get(T(1))!, site.nowMs);
    expect(wait).toMatchObject({
      kind: 'unfit',
      text: 'Waits for a machine that can take it: mac-1 is on battery (40 %).',
      until: 'mac-1 is plugged in',
    });
    feels(site, mac, COOL);
    expect(Object.keys(nodesOf(site))).toEqual([T(1), T(2)]);
  });

  test('a full disk takes nothing', () => {
    const site = feels(two(), mac, FULL).task(1).task(2).task(3);
    expect(nodesOf(site)).toEqual({ [T(1)]: box, [T(2)]: box });
  });

  test('a drained node finishes what runs and takes nothing new, also after a restart', () => {
    const site = two().task(1).task(2);
    drain(site, mac);
    expect(site.decide().decision.freeSlots).toBe(2);
    site.node(mac, { cheap: 2 });
    expect(nodesOf(site)).toEqual({ [T(1)]: box, [T(2)]: box });
    drain(site, box);
    expect(site.start()).toEqual([]);
    expect(site.decide().generate).toEqual([]);
    const [wait] = waitsOf(site.world, site.world.tasks.get(T(1))!, site.nowMs);
    expect(wait).toMatchObject({
      kind: 'unfit',
      until: 'someone runs vigil undrain mac-1, or someone runs vigil undrain box',
    });
    drain(site, mac, false);
    expect(nodesOf(site)).toEqual({ [T(1)]: mac, [T(2)]: mac });
  });

  test('a task for a label that only a hot machine has waits for that machine', () => {
    const site = two().add({ type: 'capabilities.found', node: mac, capabilities: ['xcode'] });
    feels(site, mac, HOT).task(1, { ...LONG, capabilities: ['xcode'] });
    expect(site.start()).toEqual([]);
    const [wait] = waitsOf(site.world, site.world.tasks.get(T(1))!, site.nowMs);
    expect(wait?.text).toBe(
      'Waits for a machine that can take it: mac-1 is hot (serious thermal pressure).',
    );
  });

  test('what a node felt before its restart is forgotten', () => {
    const site = feels(Site.with(), mac, FULL).task(1);
    expect(site.decide().dispatches).toEqual([]);
    site.node(mac);
    expect(nodesOf(site)).toEqual({ [T(1)]: mac });
  });
});

describe('long work prefers machines that do not sleep', () => {
  const SLEPT = senses({ sleep: { wokeAtMs: 0, sleptMs: 8 * 60 * MINUTE } });

  test('of equal nodes the steady one gets it, and the candidate says why', () => {
    const site = feels(two(), box, SLEPT).task(1, LONG);
    // box comes first by its id.
    expect(nodesOf(two().task(1, LONG))).toEqual({ [T(1)]: box });
    expect(nodesOf(site)).toEqual({ [T(1)]: mac });
    const other = site
      .decide()
      .decision.candidates.find(({ action }) => action.kind === 'dispatch' && action.node === box);
    expect(other?.reason).toBe('mac-1 scores higher: this is long work, and box slept for 8 h');
  });

  test('short work does not care', () => {
    expect(nodesOf(feels(two(), box, SLEPT).task(1))).toEqual({ [T(1)]: box });
  });
});

describe('heavy work moves off a machine that stays unfit', () => {
  /** A long task at work on box, which has become hot; mac has a free slot. */
  function running(): Site {
    const site = two().task(1, LONG);
    expect(site.start()).toEqual([T(1)]);
    return feels(site, box, HOT);
  }
  const movesOf = (site: Site) => site.decide().moves;

  test('only after a while, to a node that can take it, with the reason', () => {
    const site = running();
    expect(movesOf(site)).toEqual([]);
    expect(nextChangeMs(site.world, site.nowMs)).toBe(site.nowMs + 2 * MINUTE);
    site.wait(2 * MINUTE);
    const { moves, decision } = site.decide();
    const reason = 'box is hot (serious thermal pressure), and mac-1 can go on with it';
    expect(moves).toEqual([{ task: T(1), attempt: 1, from: box, to: mac, reason }]);
    expect(decision.candidates[0]).toMatchObject({
      action: { kind: 'move', task: T(1), from: box, to: mac },
      selected: true,
      reason,
    });
  });

  test('the time counts from when it became unfit, whatever else it feels since', () => {
    const site = running().wait(MINUTE);
    feels(site, box, ON_BATTERY).wait(MINUTE);
    expect(movesOf(site)).toHaveLength(1);
    feels(site, box, COOL);
    expect(movesOf(site)).toEqual([]);
  });

  test('not when no other node is fit or free, or the work is light', () => {
    expect(movesOf(feels(running().wait(2 * MINUTE), mac, HOT))).toEqual([]);
    expect(movesOf(drain(running().wait(2 * MINUTE), mac))).toEqual([]);
    const full = running().task(2).task(3);
    expect(full.start()).toHaveLength(2);
    full.task(4).task(5);
    full.start();
    expect(movesOf(full.wait(2 * MINUTE))).toEqual([]);
    const light = two().task(1);
    light.start();
    expect(movesOf(feels(light, box, HOT).wait(5 * MINUTE))).toEqual([]);
  });

  test('once per task for a good while, also after a snapshot', () => {
    const site = running().wait(2 * MINUTE);
    const { decision } = site.decide();
    site.add({ type: 'decision.made', decision: { ...decision, latencyUs: 1 } });
    expect(movesOf(site)).toEqual([]);
    const copy = World.from(JSON.parse(JSON.stringify(site.world)) as WorldData);
    expect(copy.moved.get(T(1))).toBe(decision.atMs);
    expect(nextChangeMs(site.world, site.nowMs)).toBe(site.nowMs + 20 * MINUTE);
    expect(movesOf(site.wait(20 * MINUTE))).toHaveLength(1);
  });

  test('given back, it goes on elsewhere', () => {
    const site = running().wait(2 * MINUTE);
    expect(movesOf(site)).toHaveLength(1);
    expect(nodesOf(site.failed(1, true))).toEqual({ [T(1)]: mac });
  });
});

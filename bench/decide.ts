import { decide } from '../shared/decide/decide.ts';
import { taskId } from '../shared/model/ids.ts';
import { isMain, median, percentile, printLines, timed, type Line } from './lib.ts';
import { Fleet } from './fleet.ts';

const NODES = 30;
const SMALL = 1_000;
const LARGE = 10_000;
/** Few enough tasks of one kind that the order is planned ahead. */
const PLANNED = 350;
/** Decisions thrown away while the code warms up. */
const WARM_UP = 30;
const SAMPLES = 300;
const US_PER_MS = 1_000;

/** How long a decision takes, and what one task's end costs. Every sample follows a change of the world. */
export function run(): Promise<Line[]> {
  return Promise.resolve([
    ...decisions('every slot free', SMALL, 10),
    ...decisions('every slot free', LARGE, 100),
    ...decisions('one slot free', SMALL, 10),
    ...decisions('one slot free', LARGE, 100),
    ...decisions('planned ahead', PLANNED, 10),
    ...finishing(),
  ]);
}

type Situation = 'every slot free' | 'one slot free' | 'planned ahead';

function decisions(situation: Situation, tasks: number, targetMs: number): Line[] {
  const fleet = new Fleet({ nodes: NODES, tasks, agents: situation !== 'planned ahead' });
  if (situation === 'one slot free') fleet.dispatchAll();
  const times: Time[] = [];
  for (let sample = -WARM_UP; sample < SAMPLES; sample += 1) {
    if (situation === 'one slot free') fleet.finishOldest();
    else fleet.cancelReady();
    fleet.addTask();
    let dispatched = 0;
    const time = measure(() => {
      fleet.world.graph.advance(fleet.nowMs);
      dispatched = decide(fleet.world, fleet.nowMs, 'bench').dispatches.length;
    });
    if (dispatched === 0) throw new Error(`${situation}: nothing was dispatched`);
    if (sample >= 0) times.push(time);
    if (situation === 'one slot free') fleet.dispatchAll();
  }
  return lines(`decision, ${tasks} tasks × ${NODES} nodes, ${situation}`, times, targetMs);
}

/** The event of a task's end taken in, and the next task known: the incremental part of a decision. */
function finishing(): Line[] {
  const fleet = new Fleet({ nodes: NODES, tasks: LARGE, agents: true });
  fleet.dispatchAll();
  const times: Time[] = [];
  for (let sample = -WARM_UP; sample < SAMPLES; sample += 1) {
    times.push(
      measure(() => {
        fleet.finishOldest();
        fleet.world.graph.priority(
          fleet.world.graph.ready().next().value ?? taskId(1),
          fleet.nowMs,
        );
      }),
    );
    fleet.addTask();
    fleet.dispatchAll();
  }
  return lines(`one task finishing, ${LARGE} tasks`, times.slice(WARM_UP), 1);
}

/** `cpuMs` is what it takes where nothing else wants the processor. */
interface Time {
  readonly ms: number;
  readonly cpuMs: number;
}

function measure(act: () => void): Time {
  const before = process.cpuUsage();
  const ms = timed(act);
  const { user, system } = process.cpuUsage(before);
  return { ms, cpuMs: (user + system) / US_PER_MS };
}

function lines(name: string, times: readonly Time[], targetMs: number): Line[] {
  const wall = times.map(({ ms }) => ms);
  const cpu = times.map(({ cpuMs }) => cpuMs);
  const p99 = percentile(wall, 0.99);
  return [
    { name: `${name}: p50`, value: median(wall), unit: 'ms', target: null, ok: null },
    { name: `${name}: p99`, value: p99, unit: 'ms', target: `≤ ${targetMs}`, ok: p99 <= targetMs },
    {
      name: `${name}: p99 of processor time`,
      value: percentile(cpu, 0.99),
      unit: 'ms',
      target: null,
      ok: null,
    },
  ];
}

if (isMain(import.meta.url)) printLines('Decisions', await run());

import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile, printLines, type Line } from './lib.ts';
import {
  cpuSeconds,
  endAll,
  makeMesh,
  noop,
  residentMb,
  until,
  type Member,
  type NodesView,
  type TasksView,
} from './meshOfProcesses.ts';

/** Three nodes as processes, joined over TLS on loopback: what losing a leader costs, how fast they work, what they use idle. */

interface Events {
  readonly events: { type: string; node: string; atMs: number; body: Record<string, unknown> }[];
}

const ROUNDS = 5;
const TASKS = 60;
const IDLE_MS = 20_000;
const CRASH_TARGET_MS = 3_000;
const SILENCE_TARGET_MS = 8_000;
const SPEED_UP_TARGET = 2.5;
const IDLE_CORE_TARGET = 0.01;
const IDLE_BYTES_TARGET = 2_000;
/** What TLS 1.3 (22) and WebSocket (2 to 8) put around a message, bytes. */
const FRAMING_BYTES = 28;

/** From the end of the leader to the first dispatch by another, of a task that is there already. */
async function failover(signal: 'SIGKILL' | 'SIGSTOP'): Promise<number> {
  const members = await makeMesh(3);
  try {
    const [first] = members;
    const { nodes } = await (first as Member).node.get<NodesView>('/v1/nodes');
    const leaderId = nodes.find(({ leads }) => leads)?.id;
    let leader: Member | undefined;
    for (const member of members) {
      const seen = await member.node.get<NodesView>('/v1/nodes');
      if (seen.nodes.find(({ self }) => self)?.id === leaderId) leader = member;
    }
    const others = members.filter((member) => member !== leader);
    const [other] = others;
    if (!leader || !other) throw new Error('no leader');
    // Both slots of every node are taken, so that there is always a task to dispatch.
    const long = Array.from({ length: 40 }, (_, at) => noop(at, 'sleep 2'));
    await other.node.post('/v1/tasks', { tasks: long });
    await until('work is under way', async () => {
      const { tasks } = await other.node.get<TasksView>('/v1/tasks');
      return tasks.some(({ status }) => status === 'running');
    });
    const killedMs = Date.now();
    process.kill(leader.node.pid, signal);
    let dispatchedMs = 0;
    await until('another dispatches', async () => {
      const { events } = await other.node.get<Events>('/v1/events?type=task.dispatched&limit=200');
      const after = events.filter(({ node, atMs }) => node !== leaderId && atMs >= killedMs);
      dispatchedMs = Math.min(...after.map(({ atMs }) => atMs));
      return after.length > 0;
    });
    if (signal === 'SIGSTOP') process.kill(leader.node.pid, 'SIGCONT');
    return dispatchedMs - killedMs;
  } finally {
    await endAll(members);
  }
}

/** What no-op commands cost, on so many nodes. */
interface Work {
  readonly tasksPerS: number;
  /** Processor seconds a task: of the node processes themselves. */
  readonly ownS: number;
  /** Of all that they started and waited for, by program. */
  readonly children: readonly { name: string; perTask: number; cpuS: number }[];
  /** Cores that all of it kept busy. */
  readonly cores: number;
  /** Tasks a second at which it would keep all cores of the machine busy. */
  readonly ceiling: number;
}

/** Commands that do nothing, from adding to the end of the last. */
async function work(count: number): Promise<Work> {
  const members = await makeMesh(count, { tapped: true });
  try {
    const node = (members[0] as Member).node;
    const before = await Promise.all(members.map(costs));
    const begun = performance.now();
    await node.post('/v1/tasks', { tasks: Array.from({ length: TASKS }, (_, at) => noop(at)) });
    await until(
      'all is done',
      async () => (await node.get<TasksView>('/v1/tasks')).tasks.length === 0,
      // Looking is work of the node too.
      250,
    );
    const seconds = (performance.now() - begun) / 1_000;
    const after = await Promise.all(members.map(costs));
    const own = after.reduce((sum, cost, at) => sum + cost.own - (before[at]?.own ?? 0), 0);
    const names = new Set(after.flatMap(({ children }) => Object.keys(children)));
    const children = [...names].map((name) => {
      let [ended, cpuS] = [0, 0];
      for (const [at, cost] of after.entries()) {
        const earlier = before[at]?.children[name];
        ended += (cost.children[name]?.ended ?? 0) - (earlier?.ended ?? 0);
        cpuS += (cost.children[name]?.cpuS ?? 0) - (earlier?.cpuS ?? 0);
      }
      return { name, perTask: ended / TASKS, cpuS: cpuS / TASKS };
    });
    const whole = own / TASKS + children.reduce((sum, child) => sum + child.cpuS, 0);
    return {
      tasksPerS: TASKS / seconds,
      ownS: own / TASKS,
      children: children.toSorted((a, b) => b.cpuS - a.cpuS),
      cores: (whole * TASKS) / seconds,
      ceiling: availableParallelism() / whole,
    };
  } finally {
    await endAll(members);
  }
}

async function costs({ node }: Member) {
  return { own: cpuSeconds(node.pid), children: (await node.tapped()).children };
}

function workLines(what: string, { tasksPerS, ownS, children, cores, ceiling }: Work): Line[] {
  return [
    told(`no-op commands, ${what}`, tasksPerS, 'tasks/s'),
    told('cores kept busy by them', cores, ''),
    told(`at most, with all ${availableParallelism()} cores`, ceiling, 'tasks/s'),
    told('processor time of the node processes, a task', ownS * 1_000, 'ms'),
    ...children
      .filter(({ perTask }) => perTask > 0)
      .map(({ name, perTask, cpuS }) =>
        told(`of ${perTask.toFixed(1)} × ${name}, a task`, cpuS * 1_000, 'ms'),
      ),
  ];
}

/** What three idle nodes use. */
async function idle(): Promise<Line[]> {
  const members = await makeMesh(3, { tapped: true });
  try {
    await sleep(5_000);
    const before = await Promise.all(members.map(traffic));
    await sleep(IDLE_MS);
    const after = await Promise.all(members.map(traffic));
    const used = after.reduce((sum, { cpuS }, at) => sum + cpuS - (before[at]?.cpuS ?? 0), 0);
    const bytes = after.reduce((sum, each, at) => sum + each.bytes - (before[at]?.bytes ?? 0), 0);
    const share = used / (IDLE_MS / 1_000);
    const links = (members.length * (members.length - 1)) / 2;
    const perLink = bytes / links / (IDLE_MS / 1_000);
    return [
      {
        ...told('idle mesh of three: processor, all together', share * 100, '% of a core'),
        target: `< ${IDLE_CORE_TARGET * 100}`,
        ok: share < IDLE_CORE_TARGET,
      },
      {
        ...told('over a link, both directions, with TLS', perLink, 'B/s'),
        target: `< ${IDLE_BYTES_TARGET}`,
        ok: perLink < IDLE_BYTES_TARGET,
      },
      ...members.map(({ node }, at) =>
        told(`memory of node ${at + 1}`, residentMb(node.pid), 'MB'),
      ),
    ];
  } finally {
    await endAll(members);
  }
}

async function traffic({ node }: Member): Promise<{ cpuS: number; bytes: number }> {
  const { messages, bytes } = await node.tapped();
  const all = (counts: Record<string, number>) =>
    Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { cpuS: cpuSeconds(node.pid), bytes: all(bytes) + FRAMING_BYTES * all(messages) };
}

function told(name: string, value: number, unit: string): Line {
  return { name, value, unit, target: null, ok: null };
}

async function failovers(): Promise<Line[]> {
  const lines: Line[] = [];
  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) times.push(await failover(signal));
    const [name, targetMs] =
      signal === 'SIGKILL' ? ['crash', CRASH_TARGET_MS] : ['silence', SILENCE_TARGET_MS];
    const worst = percentile(times, 1);
    lines.push(
      told(`leader lost by ${name} → next dispatch by another: p50`, median(times), 'ms'),
      {
        ...told(`worst of ${ROUNDS}`, worst, 'ms'),
        target: `≤ ${targetMs}`,
        ok: worst <= targetMs,
      },
    );
  }
  return lines;
}

async function rates(): Promise<Line[]> {
  const one = await work(1);
  const three = await work(3);
  const ratio = three.tasksPerS / one.tasksPerS;
  return [
    ...workLines('one node', one),
    ...workLines('three nodes', three),
    {
      ...told('three nodes over one', ratio, '×'),
      target: `≥ ${SPEED_UP_TARGET}, with cores for them`,
      ok: null,
    },
  ];
}

const PARTS = { failovers, rates, idle };
const wanted = Object.entries(PARTS).filter(
  ([name]) => process.argv.length <= 2 || process.argv.includes(name),
);
for (const [name, part] of wanted) printLines(`Three processes: ${name}`, await part());

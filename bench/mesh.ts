import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile } from './lib.ts';
import { startProcess, type NodeProcess } from './nodeProcess.ts';
import { makePlace, type BenchTask, type Place } from './realNode.ts';

/** Three nodes as processes, joined over TLS on loopback: what losing a leader costs, how fast they work, what they use idle. */

interface Nodes {
  readonly nodes: { id: string; leads: boolean; up: boolean; self: boolean }[];
}
interface Tasks {
  readonly tasks: { id: string; status: string }[];
}
interface Events {
  readonly events: { type: string; node: string; atMs: number; body: Record<string, unknown> }[];
}
interface Member {
  readonly place: Place;
  node: NodeProcess;
}

const ROUNDS = 5;
const TASKS = 60;
const IDLE_MS = 20_000;
const LOOK_MS = 20;
const NO_LIMITS = {
  leastFreeDiskBytes: 0,
  leastFreeDiskShare: 0,
  cyclesPerDay: 0,
  cheapTasksPerHour: 1_000_000,
};

async function start(): Promise<Member> {
  const place = makePlace({
    concurrency: { cheap: 2 },
    limits: NO_LIMITS,
    mesh: { listen: '127.0.0.1', mdns: false, tailscale: false, port: 0 },
  });
  return { place, node: await startProcess(place.home) };
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const begun = performance.now();
  while (!(await holds().catch(() => false))) {
    if (performance.now() - begun > 60_000) throw new Error(`waited in vain until ${what}`);
    await sleep(LOOK_MS);
  }
}

async function makeMesh(count: number): Promise<Member[]> {
  const members: Member[] = [];
  for (let at = 0; at < count; at++) members.push(await start());
  const [first, ...others] = members;
  if (!first) throw new Error('a mesh has a node');
  await first.node.post('/v1/projects', { path: first.place.repository });
  for (const { node } of others) {
    const { line } = await first.node.post<{ line: string }>('/v1/mesh/invitations', {});
    await node.post('/v1/mesh/join', { line });
  }
  for (const { node } of members) {
    await until('all see all', async () => {
      const { nodes } = await node.get<Nodes>('/v1/nodes');
      const settled = nodes.length === count && nodes.every(({ up }) => up);
      return settled && (count === 1 || nodes.some(({ leads }) => leads));
    });
    await until('the project is there', async () => {
      const { projects } = await node.get<{ projects: unknown[] }>('/v1/projects');
      return projects.length === 1;
    });
  }
  return members;
}

async function end(members: readonly Member[]): Promise<void> {
  await Promise.all(members.map(({ node }) => node.end('SIGKILL')));
  for (const { place } of members) place.remove();
}

function noop(at: number, run = 'true'): BenchTask {
  return { title: `No-op ${at}`, type: 'command', run, scope: [`none-${at}.txt`] };
}

/** From the end of the leader to the first dispatch by another, of a task that is there already. */
async function failover(signal: 'SIGKILL' | 'SIGSTOP'): Promise<number> {
  const members = await makeMesh(3);
  try {
    const [first] = members;
    const { nodes } = await (first as Member).node.get<Nodes>('/v1/nodes');
    const leaderId = nodes.find(({ leads }) => leads)?.id;
    let leader: Member | undefined;
    for (const member of members) {
      const seen = await member.node.get<Nodes>('/v1/nodes');
      if (seen.nodes.find(({ self }) => self)?.id === leaderId) leader = member;
    }
    const others = members.filter((member) => member !== leader);
    const [other] = others;
    if (!leader || !other) throw new Error('no leader');
    // Both slots of every node are taken, so that there is always a task to dispatch.
    const long = Array.from({ length: 40 }, (_, at) => noop(at, 'sleep 2'));
    await other.node.post('/v1/tasks', { tasks: long });
    await until('work is under way', async () => {
      const { tasks } = await other.node.get<Tasks>('/v1/tasks');
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
    await end(members);
  }
}

/** Commands that do nothing, from adding to the end of the last, tasks a second. */
async function rate(count: number): Promise<number> {
  const members = await makeMesh(count);
  try {
    const node = (members[0] as Member).node;
    const begun = performance.now();
    await node.post('/v1/tasks', { tasks: Array.from({ length: TASKS }, (_, at) => noop(at)) });
    await until('all is done', async () => (await node.get<Tasks>('/v1/tasks')).tasks.length === 0);
    return TASKS / ((performance.now() - begun) / 1000);
  } finally {
    await end(members);
  }
}

/** Share of a core that three idle nodes use together, and resident memory of each, MB. */
async function idle(): Promise<{ share: number; residentMb: number[] }> {
  const members = await makeMesh(3);
  try {
    await sleep(5_000);
    const before = members.map(({ node }) => cpuSeconds(node.pid));
    await sleep(IDLE_MS);
    const used = members.reduce(
      (sum, { node }, at) => sum + cpuSeconds(node.pid) - (before[at] ?? 0),
      0,
    );
    const residentMb = members.map(({ node }) => residentMbOf(node.pid));
    return { share: used / (IDLE_MS / 1000), residentMb };
  } finally {
    await end(members);
  }
}

/** Processor time of a process, s; the kernel counts hundredths. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function residentMbOf(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(line?.[1] ?? 0) / 1024);
}

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await failover(signal));
  const name = signal === 'SIGKILL' ? 'crash' : 'silence';
  console.log(
    `leader lost by ${name} → next dispatch by another, ms: p50 ${median(times)}, worst ${percentile(times, 1)} of ${ROUNDS}`,
  );
}
const one = await rate(1);
const three = await rate(3);
console.log(
  `no-op commands, tasks/s: one node ${one.toFixed(1)}, three nodes ${three.toFixed(1)}, ratio ${(three / one).toFixed(2)}`,
);
const { share, residentMb } = await idle();
console.log(
  `idle mesh of three: ${(share * 100).toFixed(2)} % of a core together, resident ${residentMb.join(', ')} MB`,
);

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess, type NodeProcess, type ProcessOptions } from './nodeProcess.ts';
import { makePlace, type BenchTask, type Place, type PlaceOptions } from './realNode.ts';

/** A mesh as a user has it: `vigil` processes on loopback, joined by invitation, with their own mutual TLS. */

export interface NodesView {
  readonly nodes: { id: string; leads: boolean; up: boolean; self: boolean }[];
}
export interface TasksView {
  readonly tasks: { id: string; status: string }[];
}
export interface Member {
  readonly place: Place;
  node: NodeProcess;
}

const LOOK_MS = 20;
const WAIT_LIMIT_MS = 600_000;
/** Nothing but the tasks is to happen, and nothing is to hold them. */
const LIMITS: NonNullable<PlaceOptions['limits']> = {
  leastFreeDiskBytes: 0,
  leastFreeDiskShare: 0,
  cyclesPerDay: 0,
  cheapTasksPerHour: 10_000_000,
};
const CHEAP_SLOTS = 2;

/** Starts a node that knows nobody. */
export async function startMember(options: ProcessOptions = {}): Promise<Member> {
  const place = makePlace({
    concurrency: { cheap: CHEAP_SLOTS },
    limits: LIMITS,
    mesh: { listen: '127.0.0.1', mdns: false, tailscale: false, port: 0 },
  });
  return { place, node: await startProcess(place.home, options) };
}

/** Lets a node into the mesh of another. */
export async function join(node: NodeProcess, inviter: NodeProcess): Promise<void> {
  const { line } = await inviter.post<{ line: string }>('/v1/mesh/invitations', {});
  await node.post('/v1/mesh/join', { line });
}

/** So many nodes that all see each other; the first has a project, which the others know. */
export async function makeMesh(count: number, options: ProcessOptions = {}): Promise<Member[]> {
  const members: Member[] = [];
  for (let at = 0; at < count; at++) members.push(await startMember(options));
  const [first, ...others] = members;
  if (!first) throw new Error('a mesh has a node');
  await first.node.post('/v1/projects', { path: first.place.repository });
  for (const { node } of others) await join(node, first.node);
  for (const { node } of members) {
    await until('all see all', async () => {
      const { nodes } = await node.get<NodesView>('/v1/nodes');
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

/** Ends the processes at once and removes what they left. */
export async function endAll(members: readonly Member[]): Promise<void> {
  await Promise.all(members.map(({ node }) => node.end('SIGKILL')));
  for (const { place } of members) place.remove();
}

/** Waits until it holds; an answer that is an error counts as no. */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  lookMs = LOOK_MS,
): Promise<void> {
  const begun = performance.now();
  while (!(await holds().catch(() => false))) {
    if (performance.now() - begun > WAIT_LIMIT_MS) throw new Error(`waited in vain until ${what}`);
    await sleep(lookMs);
  }
}

/** A command that does nothing, alone in its scope. */
export function noop(at: number, run = 'true'): BenchTask {
  return { title: `No-op ${at}`, type: 'command', run, scope: [`none-${at}.txt`] };
}

/** Processor time of a process, s; the kernel counts hundredths. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Memory that a process holds, MB. */
export function residentMb(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}

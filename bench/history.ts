import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { RegisterDocument } from '../electron/mesh/document/registerDocument.ts';
import { EventStore } from '../electron/store/store.ts';
import { NodeId } from '../shared/model/ids.ts';
import { isMain, printLines, type Line } from './lib.ts';
import {
  endAll,
  join,
  makeMesh,
  residentMb,
  startMember,
  until,
  type Member,
  type TasksView,
} from './meshOfProcesses.ts';
import type { NodeProcess } from './nodeProcess.ts';

/** What a history of 20,000 finished tasks costs three `vigil` processes, and one more that joins them. */

const NODES = 3;
const FEW_TASKS = 200;
const MANY_TASKS = Number(process.env.VIGIL_BENCH_TASKS ?? 20_000);
/** Added at once, when no more than half as many are open. */
const BATCH = 500;
/** How often the list of tasks is asked for, ms: it is long, and nobody reads it fifty times a second. */
const LOOK_MS = 500;
/** V8 gives back what it no longer needs when nothing happens, ms. */
const REST_MS = 30_000;
const MEMORY_GROWTH = 1.2;
const DOCUMENT_BYTES = 500_000;
const JOIN_TARGET_S = 10;

export async function run(): Promise<Line[]> {
  const members = await makeMesh(NODES);
  try {
    const [first] = members;
    if (!first) throw new Error('no node');
    const ids = await finish(members, 0, FEW_TASKS);
    const few = await memory(members);
    const begunMs = performance.now();
    ids.push(...(await finish(members, FEW_TASKS, MANY_TASKS)));
    const workS = (performance.now() - begunMs) / 1_000;
    const many = await memory(members);
    const growth = members.map((_, at) => (many[at] ?? NaN) / (few[at] ?? NaN));
    const document = Math.max(...members.map(documentBytes));
    const events = countEvents(first);
    const stranger = await startMember();
    members.push(stranger);
    const joined = await joining(stranger, first.node, ids, events);
    return [
      told('no-op tasks finished by the three', MANY_TASKS, ''),
      told('in', workS, 's'),
      told('events in the three logs', events, ''),
      {
        ...told('live document, the largest of the three', document / 1_000, 'kB'),
        target: `≤ ${DOCUMENT_BYTES / 1_000}`,
        ok: document <= DOCUMENT_BYTES,
      },
      ...few.map((megabytes, at) =>
        told(`memory of node ${at + 1} after ${FEW_TASKS}`, megabytes, 'MB'),
      ),
      ...many.map((megabytes, at) =>
        told(`memory of node ${at + 1} after ${MANY_TASKS}`, megabytes, 'MB'),
      ),
      {
        ...told('growth, the largest', Math.max(...growth), '×'),
        target: `≤ ${MEMORY_GROWTH}`,
        ok: Math.max(...growth) <= MEMORY_GROWTH,
      },
      ...joined,
    ];
  } finally {
    await endAll(members);
  }
}

/** Works through tasks `from` to `to` with all nodes. */
async function finish(members: readonly Member[], from: number, to: number): Promise<string[]> {
  const [first] = members;
  const ids: string[] = [];
  const open = async (node: NodeProcess) => (await node.get<TasksView>('/v1/tasks')).tasks.length;
  for (let done = from; done < to; done += BATCH) {
    const tasks = Array.from({ length: Math.min(BATCH, to - done) }, (_, at) => ({
      title: `No-op ${done + at}`,
      type: 'milestone',
    }));
    const added = await first?.node.post<TasksView>('/v1/tasks', { tasks });
    ids.push(...(added?.tasks ?? []).map(({ id }) => id));
    await until(
      'most of them are done',
      async () => first !== undefined && (await open(first.node)) <= BATCH / 2,
      LOOK_MS,
    );
  }
  for (const { node } of members)
    await until('all are done everywhere', async () => (await open(node)) === 0, LOOK_MS);
  return ids;
}

async function memory(members: readonly Member[]): Promise<number[]> {
  await sleep(REST_MS);
  return members.map(({ node }) => residentMb(node.pid));
}

/** The document as a peer would get it. */
function documentBytes({ place }: Member): number {
  const store = EventStore.open(place.home, null, { readOnly: true });
  const updates = store.loadDocument();
  const { byteLength } = new RegisterDocument({ node: NodeId.parse('n-bench'), updates }).encode();
  store.close();
  return byteLength;
}

/** Whether two nodes tell the same, but for who tells it and the order in which its events arrived there. */
function areAlike(story: unknown, other: unknown): boolean {
  const [one, two] = [story, other].map((told): unknown =>
    JSON.parse(
      JSON.stringify(told, (key, value: unknown) =>
        key === 'pos' || key === 'toldBy' ? null : value,
      ),
    ),
  );
  return isDeepStrictEqual(one, two);
}

/** Events of all logs on a node. */
function countEvents({ place }: Member): number {
  const store = EventStore.open(place.home, null, { readOnly: true });
  const { pos } = store;
  store.close();
  return pos;
}

/** From the wish to join until the new node has explained the first, the middle and the last task; and has it all. */
async function joining(
  stranger: Member,
  inviter: NodeProcess,
  tasks: readonly string[],
  events: number,
): Promise<Line[]> {
  const { node } = stranger;
  const begunMs = performance.now();
  const sinceS = () => (performance.now() - begunMs) / 1_000;
  await join(node, inviter);
  const joinedS = sinceS();
  const ids = [0, 0.5, 1].flatMap((share) => tasks[Math.floor(share * (tasks.length - 1))] ?? []);
  const stories = await Promise.all(ids.map((id) => inviter.get(`/v1/tasks/${id}/explain`)));
  /** Until it tells the same of all of them, asked by itself (`alone`) or in any way. */
  const explains = async (alone: boolean): Promise<number> => {
    for (const [at, id] of ids.entries())
      await until(`${id} is explained as everywhere`, async () => {
        const here = await node.get<{ toldBy: string | null }>(`/v1/tasks/${id}/explain`);
        if (alone && here.toldBy !== null) return false;
        return areAlike(here, stories[at]);
      });
    return sinceS();
  };
  const explainedS = await explains(false);
  const aloneS = await explains(true);
  await until('all events are there', () => Promise.resolve(countEvents(stranger) >= events));
  return [
    told('a new node has joined', joinedS, 's'),
    {
      ...told(
        'joined → explains the first, the middle and the last task as the others do',
        explainedS,
        's',
      ),
      target: `≤ ${JOIN_TARGET_S}`,
      ok: explainedS <= JOIN_TARGET_S,
    },
    told('until it tells the same from its own copies', aloneS, 's'),
    told('until it has all events', sinceS(), 's'),
  ];
}

function told(name: string, value: number, unit: string): Line {
  return { name, value, unit, target: null, ok: null };
}

if (isMain(import.meta.url)) printLines('A long history among three processes', await run());

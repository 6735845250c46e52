import { setTimeout as sleep } from 'node:timers/promises';
import { RegisterDocument } from '../electron/mesh/document/registerDocument.ts';
import { EventStore } from '../electron/store/store.ts';
import { NodeId } from '../shared/model/ids.ts';
import { countEvents, joining } from './joining.ts';
import { isMain, printLines, type Line } from './lib.ts';
import {
  endAll,
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
/** Added at once, when no more than half as many are open: as many as at first, so that only the history differs. */
const BATCH = FEW_TASKS;
/** How often the list of tasks is asked for, ms: it is long, and nobody reads it fifty times a second. */
const LOOK_MS = 500;
/** V8 gives back what it no longer needs when nothing happens, ms. */
const REST_MS = 30_000;
const MEMORY_GROWTH = 1.2;
const DOCUMENT_BYTES = 500_000;

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

function told(name: string, value: number, unit: string): Line {
  return { name, value, unit, target: null, ok: null };
}

if (isMain(import.meta.url)) printLines('A long history among three processes', await run());

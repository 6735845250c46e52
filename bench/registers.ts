import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { isMain, median, percentile, printLines, type Line } from './lib.ts';
import { endAll, makeMesh, until, type Member, type TasksView } from './meshOfProcesses.ts';
import type { NodeProcess } from './nodeProcess.ts';

/** Three `vigil` processes with their own links: a register is written through the API of one, and read by the two others. */

const NODES = 3;
const OPEN_TASKS = 5_000;
const ADDED_AT_ONCE = 1_000;
const UPDATES = 300;
/** The first ones are compiled. */
const WARM_UP = 50;
/** Between two updates, ms: each is alone. */
const PACE_MS = 10;
const P50_TARGET_MS = 2;
const P99_TARGET_MS = 20;
/** Each update sets the spending at which humans are told to another number: that needs nobody's yes. */
const STEP_USD = 0.001;

interface BudgetOf {
  readonly budget: { readonly hour: { readonly alert: number } };
}

export async function run(): Promise<Line[]> {
  const members = await makeMesh(NODES, { tapped: true });
  try {
    // What asks and listens here is no part of a mesh, and is not to have a core that a node could have.
    setPriority(constants.priority.PRIORITY_LOW);
    const doors = await Promise.all(members.map(({ node }) => Door.open(node)));
    const [first] = members;
    if (!first) throw new Error('no node');
    // Open tasks stay open.
    await first.node.post('/v1/pause', { reason: 'the bench fills the queue' });
    const none = await latencies(members, doors, 0);
    for (let at = 0; at < OPEN_TASKS; at += ADDED_AT_ONCE) {
      const tasks = Array.from({ length: ADDED_AT_ONCE }, (_, index) => ({
        title: `A task of the bench ${at + index}`,
        type: 'milestone',
      }));
      await first.node.post('/v1/tasks', { tasks });
    }
    for (const { node } of members)
      await until('all tasks are everywhere', async () => {
        const { tasks } = await node.get<TasksView>('/v1/tasks');
        return tasks.length === OPEN_TASKS;
      });
    const full = await latencies(members, doors, WARM_UP + UPDATES);
    for (const door of doors) door.close();
    return [
      ...lines('no open tasks', none),
      ...lines(`${OPEN_TASKS.toLocaleString('en')} open tasks`, full),
    ];
  } finally {
    await endAll(members);
  }
}

/** A node's API and its stream of events. */
class Door {
  readonly node: NodeProcess;
  readonly #stream: WebSocket;
  readonly #heard = new Map<number, () => void>();

  static async open(node: NodeProcess): Promise<Door> {
    const stream = new WebSocket(`${node.url.replace('http', 'ws')}/v1/stream`, [], {
      headers: { authorization: `Bearer ${node.token}` },
    });
    await once(stream, 'open');
    return new Door(node, stream);
  }

  private constructor(node: NodeProcess, stream: WebSocket) {
    this.node = node;
    this.#stream = stream;
    stream.on('message', (text: Buffer) => {
      const { type, body } = JSON.parse(text.toString()) as {
        type: string;
        body: Partial<BudgetOf>;
      };
      const alert = body.budget?.hour.alert;
      if (type === 'budget.set' && alert !== undefined) this.#heard.get(alert)?.();
    });
  }

  async write(alert: number): Promise<void> {
    const { set } = await this.node.put<{ set: boolean }>('/v1/budget', { hour: { alert } });
    if (!set) throw new Error('the budget was not set');
  }

  async read(): Promise<number> {
    return (await this.node.get<BudgetOf>('/v1/budget')).budget.hour.alert;
  }

  /** Resolves when the event comes over the stream: it is on disk at this node then. */
  async hears(alert: number): Promise<void> {
    await new Promise<void>((resolve) => this.#heard.set(alert, resolve));
    this.#heard.delete(alert);
  }

  close(): void {
    this.#stream.terminate();
  }
}

interface Latencies {
  /** From the put, when the writer's commit began, until both others had taken the register. */
  readonly visible: number[];
  /** Of that, until the writer had it on disk and sent it to the first of them. */
  readonly sent: number[];
  /** And until the first of the two had taken it: three processes share two cores here, and the other one waits. */
  readonly first: number[];
  /** The same from the arrival of the request at the writer's API. */
  readonly asked: number[];
  /** From the request at the bench until its answer: on disk at the writer. */
  readonly answered: number[];
  /** From the request at the bench until both others have the event on disk, and have told it. */
  readonly durable: number[];
  /** Messages of all nodes that carry it, for one update. */
  readonly messages: number;
}

async function latencies(
  members: readonly Member[],
  doors: readonly Door[],
  done: number,
): Promise<Latencies> {
  const answered: number[] = [];
  const durable: number[] = [];
  const before = await edges(members);
  for (let at = 1; at <= WARM_UP + UPDATES; at += 1) {
    const alert = (done + at) * STEP_USD;
    const writer = doors[at % doors.length];
    const readers = doors.filter((door) => door !== writer);
    const begunMs = performance.now();
    const sinceMs = () => performance.now() - begunMs;
    const heard = Promise.all(readers.map((door) => door.hears(alert))).then(sinceMs);
    await writer?.write(alert);
    answered.push(sinceMs());
    durable.push(await heard);
    for (const door of readers)
      if ((await door.read()) !== alert) throw new Error('it was told, and can not be read');
    await sleep(PACE_MS);
  }
  const after = await edges(members);
  const asked = newOf('askedMs');
  const commits = newOf('commitMs');
  const sent = newOf('sentMs');
  const taken = newOf('takenMs');
  const times = asked.map((askedMs, at) => {
    const untilMs = asked[at + 1] ?? Infinity;
    // The last of those that carried it.
    const own = taken.filter((takenMs) => takenMs > askedMs && takenMs < untilMs);
    const takenMs = own[members.length - 2] ?? NaN;
    const putMs = commits.find((commitMs) => commitMs > askedMs) ?? NaN;
    const sentMs = sent.find((time) => time > putMs) ?? NaN;
    const first = (own[0] ?? NaN) - putMs;
    return { asked: takenMs - askedMs, visible: takenMs - putMs, sent: sentMs - putMs, first };
  });
  const changes = after.map((edge, at) => edge.changes - (before[at]?.changes ?? 0));
  return {
    visible: times.slice(WARM_UP).map(({ visible }) => visible),
    sent: times.slice(WARM_UP).map((time) => time.sent),
    first: times.slice(WARM_UP).map((time) => time.first),
    asked: times.slice(WARM_UP).map((time) => time.asked),
    answered: answered.slice(WARM_UP),
    durable: durable.slice(WARM_UP),
    messages: changes.reduce((sum, count) => sum + count, 0) / asked.length,
  };

  function newOf(key: 'askedMs' | 'commitMs' | 'sentMs' | 'takenMs'): number[] {
    const ofAll = after.flatMap((edge, at) => edge[key].slice(before[at]?.[key].length ?? 0));
    return ofAll.sort((a, b) => a - b);
  }
}

async function edges(members: readonly Member[]) {
  return Promise.all(members.map(({ node }) => node.tapped()));
}

function lines(
  what: string,
  { visible, sent, first, asked, answered, durable, messages }: Latencies,
): Line[] {
  const p50 = median(visible);
  const p99 = percentile(visible, 0.99);
  return [
    {
      ...told(`register put → readable at both others, ${what}: p50`, p50, 'ms'),
      target: `≤ ${P50_TARGET_MS}`,
      ok: p50 <= P50_TARGET_MS,
    },
    { ...told('p99', p99, 'ms'), target: `≤ ${P99_TARGET_MS}`, ok: p99 <= P99_TARGET_MS },
    told('of it, until the writer has it on disk and begins to send: p50', median(sent), 'ms'),
    told('of it, until the first of the two can read it: p50', median(first), 'ms'),
    told('from the request at the writer on: p50', median(asked), 'ms'),
    told('the request, over HTTP, until it is answered: p50', median(answered), 'ms'),
    told('until both others have the event on disk and have told it: p50', median(durable), 'ms'),
    {
      ...told('messages for one update, mean', messages, ''),
      target: `≤ ${NODES - 1}`,
      ok: messages <= NODES - 1,
    },
  ];
}

function told(name: string, value: number, unit: string): Line {
  return { name, value, unit, target: null, ok: null };
}

if (isMain(import.meta.url)) printLines('A register among three processes', await run());

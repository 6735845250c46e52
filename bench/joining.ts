import { isDeepStrictEqual } from 'node:util';
import { EventStore } from '../electron/store/store.ts';
import type { Line } from './lib.ts';
import { join, until, type Member } from './meshOfProcesses.ts';
import type { NodeProcess } from './nodeProcess.ts';

const JOIN_TARGET_S = 10;

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
export function countEvents({ place }: Member): number {
  const store = EventStore.open(place.home, null, { readOnly: true });
  const { pos } = store;
  store.close();
  return pos;
}

/** From the wish to join until the new node has explained the first, the middle and the last task; and has it all. */
export async function joining(
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

import { createSample } from '../../electron/node/sample/createSample.ts';
import type { Fleet, FleetNode, NodeOptions, Place } from './fleet.ts';
import { until } from './until.ts';

/** What pulls cables; where there is none, a node is put to sleep instead. */
export interface Cables {
  machine(name: string): Place;
  cable(name: string, state: 'up' | 'down'): void;
}

/** Tasks that the mechanic finds and does in the sample. */
export const LEAST_MERGED = 10;
/** Seen from the others, a task is given up after 15 s and done again: twice that, and some. */
const REDONE_MS = 150_000;

/** What was done to the fleet, and when. */
export interface Act {
  readonly atMs: number;
  readonly text: string;
}

/**
 * The main job under faults: three nodes look for work in the sample project, do and merge it, while the leader
 * is killed in the middle of a task and another node is cut off in the middle of one. Both come back. Ends when
 * all that takes no agent has merged; the invariants are for the caller to check. What is done is put into `acts`.
 */
export async function mainJob(
  fleet: Fleet,
  cables: Cables | null,
  acts: Act[] = [],
): Promise<void> {
  const act = (text: string): void => void acts.push({ atMs: Date.now(), text });
  await createSample(fleet.user);
  const { leader, home, worker } = await fleet.three('follower', (name) => optionsOf(name, cables));
  act(`three nodes are up; ${leader.name} leads, ${home.name} has the repository`);

  await until('the leader is at work, and something has merged', async () => {
    const all = await home.tasks();
    return all.some(({ status }) => status === 'merged') && (await taskOn(leader)) !== null;
  });
  const lost = await taskOn(leader);
  await leader.crash();
  act(`${leader.name} is killed (SIGKILL) while it does ${lost ?? 'nothing'}`);

  const left = await until('the other is at work', () => taskOn(worker));
  if (cables) cables.cable(worker.name, 'down');
  else worker.pause();
  act(
    `${worker.name} is ${cables ? 'cut off (its link goes down)' : 'put to sleep (SIGSTOP)'} while it does ${left}`,
  );
  await until(
    'what the lost ones had begun is done by the one that is left',
    async () => {
      const merged = fleet.merged();
      const isGone = (await home.sees(worker))?.up === false;
      return isGone && [lost, left].every((task) => task === null || merged.includes(task));
    },
    REDONE_MS,
  );

  await leader.start();
  act(`${leader.name} is started again`);
  if (cables) cables.cable(worker.name, 'up');
  else worker.resume();
  act(`${worker.name} is ${cables ? 'linked again (its link comes up)' : 'awake again (SIGCONT)'}`);
  await fleet.whole();
  act('all three see each other and agree on who leads');
  await until(
    'everything that takes no agent has merged',
    async () => {
      const tasks = (await home.tasks()).filter(({ executor }) => executor !== 'agent');
      return tasks.length >= LEAST_MERGED && tasks.every(({ status }) => status === 'merged');
    },
    REDONE_MS,
  );
  act('everything that takes no agent has merged');
}

function optionsOf(name: string, cables: Cables | null): NodeOptions {
  const config = {
    limits: { leastFreeDiskBytes: 0, leastFreeDiskShare: 0 },
    concurrency: { cheap: 1 },
    sandbox: 'always',
  };
  return cables ? { config, place: cables.machine(name) } : { config };
}

/** The task that a node does now, by its own word. */
async function taskOn(node: FleetNode): Promise<string | null> {
  const { nodes } = await node.nodes();
  return nodes.find(({ id }) => id === node.id)?.running.at(-1) ?? null;
}

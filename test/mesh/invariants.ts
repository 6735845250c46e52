import assert from 'node:assert/strict';
import { EventStore } from '../../electron/store/store.ts';
import type { Concurrency } from '../../shared/model/config.ts';
import type { LoggedEvent } from '../../shared/model/events.ts';
import type { Pool } from '../../shared/world/node.ts';
import { userGit } from '../userGit.ts';
import type { Fleet, FleetNode } from './fleet.ts';
import { until } from './until.ts';

/** What one node holds of all logs: `node seq` → hash, in the order of history. */
export interface Logs {
  readonly hashes: ReadonlyMap<string, string>;
  readonly events: readonly LoggedEvent[];
  /** What is wrong with the chain of a log, if anything. */
  readonly problems: readonly string[];
}

/** Reads every log that a node has, while it runs or after. */
export function logsOf({ home }: FleetNode): Logs {
  const store = EventStore.open(home, null, { readOnly: true });
  try {
    const events = [...store.iterate()].sort(
      (a, b) => a.clock - b.clock || (a.node < b.node ? -1 : 1) || a.seq - b.seq,
    );
    const problems = [...store.heads().keys()].flatMap((log) => {
      const { problem } = store.verify(1, log);
      return problem ? [`${log} ${problem.seq}: ${problem.what}`] : [];
    });
    const forks = [...store.forks].map(([log, { seq }]) => `${log} is forked at ${seq}`);
    const hashes = new Map(events.map(({ node, seq, hash }) => [`${node} ${seq}`, hash]));
    return { hashes, events, problems: [...problems, ...forks] };
  } finally {
    store.close();
  }
}

/** Waits until the logs of all these nodes are the same, then checks what must hold of them and of git. */
export async function checkInvariants(
  fleet: Fleet,
  nodes: readonly FleetNode[] = fleet.nodes,
): Promise<Logs> {
  const [logs] = await until('all logs are the same on all nodes', () => {
    const read = nodes.map(logsOf);
    const texts = read.map(({ hashes }) => JSON.stringify([...hashes]));
    return new Set(texts).size === 1 ? read : null;
  });
  if (!logs) throw new Error('a fleet has nodes');
  for (const node of nodes) assert.deepEqual(logsOf(node).problems, [], node.name);
  checkTermsGrow(logs.events);
  checkMergedOnce(fleet, logs.events);
  await checkSameTasks(nodes);
  checkConcurrency(logs.events);
  userGit(fleet.user, 'fsck', '--strict', '--connectivity-only');
  return logs;
}

/** Each task is in the integrated tree once, and once in the logs, by the same commit. */
function checkMergedOnce(fleet: Fleet, events: readonly LoggedEvent[]): void {
  const trailers = fleet.merged();
  assert.equal(
    trailers.length,
    new Set(trailers).size,
    `each task is in git once: ${trailers.join(' ')}`,
  );
  const merges = events.flatMap(({ body }) => (body.type === 'merge.done' ? [body.task] : []));
  assert.deepEqual(merges.toSorted(), trailers.toSorted(), 'each merge is in one log');
}

/** No node ever goes back to an older term. */
function checkTermsGrow(events: readonly LoggedEvent[]): void {
  const terms = new Map<string, number>();
  for (const { node, body } of events) {
    if (body.type !== 'leader.changed') continue;
    assert.ok(body.term >= (terms.get(node) ?? 0), `${node} went back to term ${body.term}`);
    terms.set(node, body.term);
  }
}

/** No node ran more at once than it said it could, as its own log tells. */
function checkConcurrency(events: readonly LoggedEvent[]): void {
  const running = new Map<string, { most: Concurrency; pools: Map<string, Pool> }>();
  for (const { node, body } of events) {
    if (body.type === 'node.started')
      running.set(node, { most: body.concurrency, pools: new Map() });
    const here = running.get(node);
    if (!here) continue;
    const { most, pools } = here;
    if (body.type === 'attempt.started')
      pools.set(`${body.task} ${body.attempt}`, body.executor === 'agent' ? 'agent' : 'cheap');
    if (body.type === 'attempt.failed' || body.type === 'attempt.passed')
      pools.delete(`${body.task} ${body.attempt}`);
    for (const pool of ['agent', 'cheap'] as const) {
      const busy = [...pools.values()].filter((other) => other === pool).length;
      assert.ok(busy <= most[pool], `${node} ran ${busy} ${pool} attempts at once`);
    }
  }
}

/** Every node tells the same of every task. */
async function checkSameTasks(nodes: readonly FleetNode[]): Promise<void> {
  await until('all nodes tell the same of all tasks', async () => {
    const all = await Promise.all(nodes.map((node) => node.tasks()));
    const told = all.map((tasks) =>
      JSON.stringify(tasks.toSorted((a, b) => (a.id < b.id ? -1 : 1))),
    );
    return new Set(told).size === 1;
  });
}

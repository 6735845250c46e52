import { execFileSync } from 'node:child_process';
import { cpus, release, type as system } from 'node:os';
import type { LoggedEvent } from '../../shared/model/events.ts';
import { canMakeNetworks } from '../systemPackages.ts';
import { Fleet } from './fleet.ts';
import { checkInvariants, logsOf } from './invariants.ts';
import { LEAST_MERGED, mainJob, type Act } from './mainJob.ts';
import { Network } from './network.ts';
import { timeline } from './timeline.ts';

/**
 * `npm run fleet`: three real nodes finish the sample project, one is killed and one cut off on the way. Prints
 * what happened, from the nodes' own logs, and ends with 0 only if all that was promised of it holds.
 */
const fleet = new Fleet(null);
const network = canMakeNetworks ? new Network(fleet.folder) : null;
const acts: Act[] = [];
let failed = false;
console.log(`${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`);
console.log(`${system()} ${release()}, ${cpus().length} processors, Node ${process.versions.node}`);
console.log(
  `Vigil at ${commit()}; ${network ? 'three network namespaces on one bridge' : 'loopback'}\n`,
);
try {
  await mainJob(fleet, network, acts);
  const { events } = await checkInvariants(fleet);
  tell(events);
  console.log('');
  for (const line of outcome(events)) console.log(line);
} catch (error) {
  failed = true;
  for (const node of fleet.nodes.slice(0, 1)) tell(logsOf(node).events);
  console.error(error);
} finally {
  await fleet.end();
  network?.remove();
}
process.exit(failed ? 1 : 0);

function tell(events: readonly LoggedEvent[]): void {
  const names = new Map(fleet.nodes.map(({ id, name }) => [id, name]));
  for (const line of timeline(events, acts, names)) console.log(line);
}

/** What holds at the end; throws where it does not. */
function outcome(events: readonly LoggedEvent[]): string[] {
  const of = (type: LoggedEvent['body']['type']) => events.filter(({ body }) => body.type === type);
  const found = of('task.added').flatMap(({ body }) =>
    body.type === 'task.added' && body.spec.executor.kind === 'mechanic' ? [body.task] : [],
  );
  const merged = fleet.merged();
  if (merged.length < LEAST_MERGED || merged.toSorted().join() !== found.toSorted().join())
    throw new Error(`found ${found.join(' ')}, merged ${merged.join(' ')}`);
  const passed = of('attempt.passed').length;
  const [first, last] = [acts[0], acts.at(-1)];
  const seconds = ((last?.atMs ?? 0) - (first?.atMs ?? 0)) / 1000;
  return [
    `${merged.length} of ${found.length} tasks that take no agent merged, each once, in ${seconds.toFixed(0)} s.`,
    `${of('attempt.started').length} attempts: ${passed} passed (${passed - merged.length} of them done twice, merged once), ${of('attempt.abandoned').length} given up with their node.`,
    `${events.length} events in three logs, alike on all nodes, every hash right; terms only grew; no node ran more than it may; git is sound.`,
  ];
}

function commit(): string {
  return execFileSync('git', ['describe', '--always', '--dirty'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  }).trim();
}

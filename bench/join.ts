import { writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { taskId } from '../shared/model/ids.ts';
import { countEvents, joining } from './joining.ts';
import { isMain, printLines, type Line } from './lib.ts';
import { build } from './longLog.ts';
import { endAll, startMember, type Member } from './meshOfProcesses.ts';
import { startProcess } from './nodeProcess.ts';
import { makePlace } from './realNode.ts';

/** What more than 20,000 tasks leave behind. */
const EVENTS = 300_000;
/** Of its tasks; those after it may still be open. */
const TASKS = 20_000;

/** A new node joins one with a long log, made by the real ledger, and is asked for the stories of its tasks. */
export async function run(): Promise<Line[]> {
  const place = makePlace({});
  const home = joinPath(place.home, 'long');
  await build(home, EVENTS);
  const mesh = { listen: '127.0.0.1', mdns: false, tailscale: false, port: 0 };
  const limits = { cheapTasksPerHour: 0, cyclesPerDay: 0 };
  // JSON is YAML.
  writeFileSync(joinPath(home, 'config.yaml'), JSON.stringify({ limits, mesh }));
  const members: Member[] = [{ place: { ...place, home }, node: await startProcess(home) }];
  try {
    const [first] = members;
    if (!first) throw new Error('no node');
    const stranger = await startMember();
    members.push(stranger);
    const tasks = Array.from({ length: TASKS }, (_, at) => taskId(at + 1));
    const events = countEvents(first);
    return [
      { name: 'events of the log', value: events, unit: '', target: null, ok: null },
      ...(await joining(stranger, first.node, tasks, events)),
    ];
  } finally {
    await endAll(members);
  }
}

if (isMain(import.meta.url)) printLines('A new node joins a long history', await run());

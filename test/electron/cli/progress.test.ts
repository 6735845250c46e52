import pc from 'picocolors';
import { expect, test } from 'vitest';
import { follow, Progress, renderProgress } from '../../../electron/cli/render/progress.ts';
import type { Look } from '../../../electron/cli/render/look.ts';
import { toEventView } from '../../../electron/node/eventView.ts';
import type { LoggedEvent } from '../../../shared/model/events.ts';
import { NodeId, taskId } from '../../../shared/model/ids.ts';
import { Log, START_MS } from '../../shared/explain/log.ts';

const look: Look = {
  width: Infinity,
  colours: pc.createColors(false),
  nowMs: START_MS,
  command: 'vigil',
};
const studio = NodeId.parse('n-studio');

function watched(events: readonly LoggedEvent[]): { progress: Progress; lines: string[] } {
  const progress = new Progress();
  const lines = events.map((event) => follow(progress, toEventView(event), look));
  return { progress, lines: lines.filter((line) => line !== null) };
}

test('a finished task is told by its title, and then forgotten', () => {
  const log = new Log();
  for (let number = 1; number <= 500; number += 1)
    log.added(number).dispatched(number).started(number).passed(number, 1, 1_000).merged(number);
  const { progress, lines } = watched(log.events);
  expect(lines.at(-1)).toBe('✓ T-500 Remove src/old.js is merged as 1a2b3c4');
  expect(progress.titles.size).toBe(0);
  expect(renderProgress(progress, look)).toBeNull();
});

test('what a leader gives to another node is under way once that one starts it, until its home has merged it', () => {
  const { events } = new Log().added(1).dispatched(1).started(1).passed(1, 1, 1_000).merged(1);
  const [added, dispatched, ...others] = events.map((event): LoggedEvent => {
    const { body } = event;
    if (body.type !== 'task.dispatched') return event;
    return { ...event, body: { ...body, assignment: { ...body.assignment, node: studio } } };
  });
  if (!added || !dispatched) expect.fail('the log is empty');
  const { progress } = watched([added, dispatched]);
  expect(renderProgress(progress, look)).toBeNull();
  const doings = others.map((event) => {
    follow(progress, toEventView({ ...event, node: studio }), look);
    return renderProgress(progress, look);
  });
  expect(doings).toEqual([
    `  working on ${taskId(1)} Remove src/old.js 1 s`,
    `  merging on ${taskId(1)} Remove src/old.js 1 s`,
    null,
  ]);
});

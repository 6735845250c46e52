import { count, inline, shortCommit } from '../../shared/explain/format.ts';
import type { LoggedEvent } from '../../shared/model/events.ts';
import type { NodeId, TaskId } from '../../shared/model/ids.ts';
import type { Act } from './mainJob.ts';

/** Long lines are cut here. */
const WIDTH = 110;

/** What happened, one line each: what was done to the fleet, and what its nodes tell in their own logs. */
export function timeline(
  events: readonly LoggedEvent[],
  acts: readonly Act[],
  names: ReadonlyMap<NodeId, string>,
): string[] {
  const titles = new Map(
    events.flatMap(({ body }) =>
      body.type === 'task.added' ? [[body.task, body.spec.title] as const] : [],
    ),
  );
  const told = events.flatMap(({ node, atMs, body }) => {
    const text = lineOf(body, titles);
    return text === null ? [] : [{ atMs, who: names.get(node) ?? node, text }];
  });
  const done = acts.map(({ atMs, text }) => ({ atMs, who: '***', text }));
  // The machines of a fleet share one clock.
  const all = [...told, ...done].sort((a, b) => a.atMs - b.atMs);
  const startMs = all[0]?.atMs ?? 0;
  return all.map(({ atMs, who, text }) => {
    const named = [...names].reduce((line, [id, name]) => line.replaceAll(id, name), text);
    const line = `${((atMs - startMs) / 1000).toFixed(1).padStart(6)}  ${who.padEnd(7)} ${named}`;
    return line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line;
  });
}

function lineOf(body: LoggedEvent['body'], titles: ReadonlyMap<TaskId, string>): string | null {
  switch (body.type) {
    case 'node.started':
      return 'starts';
    case 'leader.changed':
      return body.leader === null ? null : `sees ${body.leader} lead in term ${body.term}`;
    case 'peer.lost':
      return `misses ${body.peer}: ${inline(body.reason)}`;
    case 'cycle.finished':
      return `has looked for work: ${count(body.proposed.length, 'new task')}`;
    case 'task.dispatched':
      return `gives ${body.task} to ${body.assignment.node}, attempt ${body.assignment.attempt}`;
    case 'attempt.started':
      return `begins ${body.task}, attempt ${body.attempt}: ${titles.get(body.task) ?? ''}`;
    case 'attempt.passed':
      return `has done ${body.task}, attempt ${body.attempt}`;
    case 'attempt.abandoned':
      return `gives up ${body.task} on ${body.node}: ${inline(body.reason)}`;
    case 'attempt.failed':
      return `ends ${body.task}, attempt ${body.attempt}: ${inline(body.failure.reason)}`;
    case 'merge.done':
      return `merges ${body.task} as ${shortCommit(body.commit)}`;
    default:
      return null;
  }
}

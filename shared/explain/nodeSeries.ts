import type { NodeSeriesView } from '../model/insightApi.ts';
import type { EventType, LoggedEvent } from '../model/events.ts';
import type { NodeId } from '../model/ids.ts';
import type { Fitness } from '../model/senses.ts';

/** What a series is told from. */
export const SERIES_EVENTS = [
  'node.started',
  'node.stopped',
  'node.sensed',
  'peer.changed',
  'attempt.started',
  'attempt.passed',
  'attempt.failed',
  'attempt.abandoned',
  'task.cancelled',
] as const satisfies readonly EventType[];

type Takes = NodeSeriesView['fitness'][number]['takes'];

/**
 * What a node took and how many attempts ran there from `sinceMs` to `untilMs`. `events` begin as early as is
 * known; what holds when the period begins is its first point.
 */
export function nodeSeries(
  events: Iterable<LoggedEvent>,
  node: NodeId,
  { sinceMs, untilMs }: { readonly sinceMs: number; readonly untilMs: number },
): Omit<NodeSeriesView, 'felt'> {
  const fitness: NodeSeriesView['fitness'] = [];
  const running: NodeSeriesView['running'] = [];
  const attempts = new Set<string>();
  const felt = (atMs: number, of: Fitness, senses: string) => {
    const point = { atMs, takes: takesOf(of), why: of.troubles.map(({ text }) => text), senses };
    put(fitness, point, sinceMs);
  };
  for (const { atMs, body } of events) {
    if (atMs > untilMs) continue;
    switch (body.type) {
      case 'node.sensed':
        if (body.node === node) felt(atMs, body.fitness, body.senses);
        break;
      case 'peer.changed':
        if (body.peer === node && body.fitness) felt(atMs, body.fitness, '');
        break;
      case 'attempt.started':
        if (body.node === node) attempts.add(`${body.task}/${body.attempt}`);
        break;
      case 'attempt.passed':
      case 'attempt.failed':
      case 'attempt.abandoned':
        attempts.delete(`${body.task}/${body.attempt}`);
        break;
      case 'task.cancelled':
        for (const key of attempts) if (key.startsWith(`${body.task}/`)) attempts.delete(key);
        break;
      case 'node.started':
      case 'node.stopped':
        // Nothing outlives its node.
        if (body.node === node) attempts.clear();
        break;
      default:
        break;
    }
    if ((running.at(-1)?.count ?? 0) !== attempts.size)
      put(running, { atMs, count: attempts.size }, sinceMs);
  }
  return { node, sinceMs, untilMs, fitness, running };
}

/** What came before the period only counts as how it began. */
function put<Point extends { atMs: number }>(points: Point[], point: Point, sinceMs: number): void {
  const last = points.at(-1);
  if (point.atMs <= sinceMs && last) points.pop();
  points.push({ ...point, atMs: Math.max(point.atMs, sinceMs) });
}

function takesOf({ any, heavy, steady }: Fitness): Takes {
  if (!any) return 'nothing';
  if (!heavy) return 'light';
  return steady ? 'all' : 'short';
}

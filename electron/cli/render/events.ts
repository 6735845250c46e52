import { moment } from './moment.ts';
import type { EventView } from '../../../shared/model/eventApi.ts';
import type { Look } from './look.ts';
import { clean, cut } from './text.ts';

/** Wide enough for the longest type, `integration.promoted`. */
const TYPE_WIDTH = 20;

/** Events, one line each: position, time, type, what happened. */
export function renderEvents(events: readonly EventView[], look: Look): string[] {
  return events.map((event) => {
    const start = `${String(event.pos).padStart(6)}  ${moment(event.atMs, look.nowMs)}  `;
    const type = clean(event.type).padEnd(TYPE_WIDTH);
    const text = cut(clean(event.text), Math.max(8, look.width - start.length - type.length - 2));
    return cutPlain(look, start, type, text);
  });
}

function cutPlain(look: Look, start: string, type: string, text: string): string {
  const { dim, cyan } = look.colours;
  const room = look.width - start.length - type.length - 2;
  // Too narrow for all columns: the sentence says the type as well.
  if (room < 8) return cut(`${start}${text}`, look.width);
  return `${dim(start)}${cyan(type)}  ${text}`;
}

import { describeEvent } from '../../shared/explain/describe.ts';
import type { EventView } from '../../shared/model/eventApi.ts';
import type { LoggedEvent } from '../../shared/model/events.ts';

/** An event as the API shows it. */
export function toEventView(event: LoggedEvent): EventView {
  const { node, seq, clock, pos, atMs, hash, body } = event;
  return {
    node,
    seq,
    clock,
    pos,
    atMs,
    hash,
    type: body.type,
    text: describeEvent(body),
    body: body as unknown as EventView['body'],
  };
}

import type { EventBody } from '../model/events.ts';
import { describeAgentEvent, isAgentEvent } from './describeAgents.ts';
import { describeEngineEvent } from './describeEngine.ts';
import { describeTaskEvent } from './describeTask.ts';

/** An event in one plain line, for `vigil events`, the page and `explain`. */
export function describeEvent(body: EventBody): string {
  if (isAgentEvent(body)) return describeAgentEvent(body);
  return 'task' in body ? describeTaskEvent(body) : describeEngineEvent(body);
}

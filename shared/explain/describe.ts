import type { EventBody } from '../model/events.ts';
import { describeEngineEvent } from './describe-engine.ts';
import { describeTaskEvent } from './describe-task.ts';

/** An event in one plain line, for `vigil events`, the page and `explain`. */
export function describeEvent(body: EventBody): string {
  return 'task' in body ? describeTaskEvent(body) : describeEngineEvent(body);
}

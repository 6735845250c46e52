import type { EventBody } from '../model/events.ts';

/** Who the engine signs as where an act could also be a person's. */
const ENGINE = 'engine';

/** Whether a person did this by hand: the interventions of a report. */
export function isHumanAct(body: EventBody): boolean {
  switch (body.type) {
    case 'approval.answered':
    case 'review.answered':
    case 'task.retried':
    case 'integration.promoted':
    case 'project.added':
    case 'project.removed':
      return true;
    case 'task.cancelled':
      return body.who !== ENGINE;
    case 'task.added':
      return body.spec.origin.kind === 'human';
    case 'builds.paused':
    case 'builds.resumed':
      return body.by === 'human';
    default:
      return false;
  }
}

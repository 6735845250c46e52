import type { LoggedEvent } from '../model/events.ts';

/** Work is paused by a human, or by the engine until a time. */
export interface Pause {
  readonly by: 'human' | 'engine';
  readonly who: string;
  readonly reason: string;
  readonly untilMs: number | null;
}

/** The pause after an event; null while work goes on. */
export function foldPause(pause: Pause | null, { body }: LoggedEvent): Pause | null {
  switch (body.type) {
    case 'builds.paused':
      return { by: body.by, who: body.who, reason: body.reason, untilMs: body.untilMs };
    case 'builds.resumed':
      return null;
    default:
      return pause;
  }
}

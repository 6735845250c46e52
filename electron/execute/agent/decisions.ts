import { messageOf } from '../../../shared/model/errors.ts';
import type { PermissionDecision, PermissionRequest } from '../../../shared/policy/permission.ts';
import type { RequestSource } from './agentClient.ts';
import type { SessionOptions } from './sessionOptions.ts';
import type { Transcript } from './transcript.ts';
import type { Turn } from './turn.ts';

/** Answers what an agent asks for, and keeps what was asked and why it was answered so. */
export class Decisions {
  readonly #by: SessionOptions['decide'];
  readonly #transcript: Transcript | null;
  readonly #cancelled: AbortSignal;
  #pending = 0;

  /** @param cancelled aborted once the work is stopped: what is still asked then is answered with no */
  constructor(by: SessionOptions['decide'], transcript: Transcript | null, cancelled: AbortSignal) {
    this.#by = by;
    this.#transcript = transcript;
    this.#cancelled = cancelled;
  }

  /** Whether a human may be thinking about a request: waiting for that is no stall. */
  get pending(): boolean {
    return this.#pending > 0;
  }

  async decide(
    source: RequestSource,
    request: PermissionRequest,
    turn: Turn,
  ): Promise<PermissionDecision> {
    this.#pending += 1;
    const decided = await Promise.race([
      // A rule that can't be read allows nothing.
      Promise.resolve(request)
        .then(this.#by)
        .catch((error: unknown) => deny(`the rules could not be read: ${messageOf(error)}`)),
      aborted(this.#cancelled).then(() => null),
    ]);
    this.#pending -= 1;
    const decision = decided ?? deny('the work was stopped');
    turn.flush();
    this.#transcript?.write({
      kind: 'permission',
      source,
      answer: decided === null ? 'cancelled' : decision.answer,
      reason: decision.reason,
      title: request.title,
      tool: request.kind,
      paths: [...request.paths],
      command: request.command,
    });
    if (decided !== null && decided.answer !== 'allow')
      turn.deny({ ...request, answer: decided.answer, reason: decided.reason });
    return decision;
  }
}

function deny(reason: string): PermissionDecision {
  return { answer: 'deny', reason };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

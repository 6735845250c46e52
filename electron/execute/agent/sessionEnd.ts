import { methods, type ClientConnection } from '@agentclientprotocol/sdk';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentEnd } from './agentEnd.ts';
import type { WrappedProcess } from './wrappedProcess.ts';

/** How a session ends before its time: the first reason counts. */
export class SessionEnd {
  readonly #connection: () => ClientConnection;
  readonly #graceMs: number;
  #reason: AgentEnd | null = null;
  readonly #cancelled = new AbortController();

  /** @param graceMs how long an agent has to stop by itself once it is told to */
  constructor(connection: () => ClientConnection, graceMs: number) {
    this.#connection = connection;
    this.#graceMs = graceMs;
  }

  /** Why the session is to end, once that is so. */
  get reason(): AgentEnd | null {
    return this.#reason;
  }

  /** Aborted once that is so: nothing that the agent asks for is waited for any more. */
  get cancelled(): AbortSignal {
    return this.#cancelled.signal;
  }

  /** Tells the agent to stop, and ends it when it does not. Before there is a session it is ended at once. */
  cancel(end: AgentEnd, sessionId: string | null): void {
    if (this.#reason !== null) return;
    if (sessionId === null) return this.stop(end);
    this.#reason = end;
    this.#cancelled.abort();
    const connection = this.#connection();
    connection.agent
      .notify(methods.agent.session.cancel, { sessionId })
      // The connection is gone: so is what was to be cancelled.
      .catch(() => undefined);
    void sleep(this.#graceMs, undefined, { ref: false, signal: connection.signal }).then(
      () => {
        this.#reason = new AgentEnd(
          end.outcome,
          `${end.message}, did not stop within ${seconds(this.#graceMs)} and was ended`,
        );
        connection.close(this.#reason);
      },
      // It stopped in time.
      () => undefined,
    );
  }

  /** Ends the connection: whatever waits for an answer of the agent gets this instead. */
  stop(end: AgentEnd): void {
    this.#reason ??= end;
    this.#cancelled.abort();
    this.#connection().close(this.#reason);
  }
}

/** Resolves when the agent's process is gone, with its last words. */
export async function crashOf(process: WrappedProcess): Promise<AgentEnd> {
  const { exitCode, signal } = await process.exited;
  const how = signal === null ? `it ended with exit code ${exitCode}` : `${signal} ended it`;
  const { lastWords } = process;
  return new AgentEnd('crashed', lastWords === '' ? how : `${how}: ${lastWords}`);
}

/** Why an agent that runs past its time is ended. */
export function overdueEnd(
  verdict: 'stalled' | 'ceiling',
  { stallMs, maxMs }: { readonly stallMs: number; readonly maxMs: number },
): AgentEnd {
  return verdict === 'stalled'
    ? new AgentEnd('stalled', `past its time it showed no progress for ${seconds(stallMs)}`)
    : new AgentEnd('ceiling', `it reached the limit of ${seconds(maxMs)}`);
}

/** Why there is no session yet after so long. */
export function startEnd(timeoutMs: number): AgentEnd {
  return new AgentEnd('stalled', `it did not answer within ${seconds(timeoutMs)} of its start`);
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}

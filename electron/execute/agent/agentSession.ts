import { methods, type ClientConnection, type ClientContext } from '@agentclientprotocol/sdk';
import type { z } from 'zod';
import type { PermissionDecision, PermissionRequest } from '../../../shared/policy/permission.ts';
import { redact } from '../../../shared/policy/redact.ts';
import { unwrapped } from '../../tools/wrapCommand.ts';
import { watchProgress } from '../command/watchProgress.ts';
import { Answer, endOf } from './agentAnswers.ts';
import { agentClient, type RequestSource } from './agentClient.ts';
import { AgentEnd, outcomeOf, type AgentOutcome } from './agentEnd.ts';
import { agentStream } from './agentStream.ts';
import { readClaim } from './claimedUsage.ts';
import { Decisions } from './decisions.ts';
import { openSession, type OpenedSession } from './openSession.ts';
import { crashOf, overdueEnd, SessionEnd, startEnd } from './sessionEnd.ts';
import type { AgentResult, SessionOptions } from './sessionOptions.ts';
import type { SessionUpdate } from './sessionUpdate.ts';
import { Terminals } from './terminals.ts';
import { openTranscript, type Transcript } from './transcript.ts';
import { reasons, Turn } from './turn.ts';
import { WrappedProcess } from './wrappedProcess.ts';

/** A cold start of the slowest agent known takes 4 s on a slow machine. */
const START_TIMEOUT_MS = 60_000;
/** How long an agent has to stop by itself once it is told to. */
const CANCEL_GRACE_MS = 3000;
/** How often in one prompt an agent that stopped at a no is told why and asked to go on. */
const MAX_REASONS_TOLD = 3;

/** A conversation with an agent that runs in a process group of its own. Close it, whatever happened. */
export class AgentSession {
  readonly #options: SessionOptions;
  readonly #process: WrappedProcess;
  readonly #connection: ClientConnection;
  readonly #terminals: Terminals;
  readonly #transcript: Transcript | null;
  readonly #startedAt: number;
  #turn: Turn;
  #opened: (OpenedSession & { readonly startMs: number }) | null = null;
  /** Past messages that an agent repeats when it loads a session are not news. */
  #loading = false;
  #lastProgressAt = performance.now();
  readonly #decisions: Decisions;
  readonly #end: SessionEnd;
  #closed: Promise<void> | null = null;

  private constructor(options: SessionOptions, process: WrappedProcess, startedAt: number) {
    this.#options = options;
    this.#process = process;
    this.#startedAt = startedAt;
    this.#transcript = openTranscript(options);
    this.#turn = new Turn(this.#transcript);
    const { cancelGraceMs = CANCEL_GRACE_MS } = options;
    this.#end = new SessionEnd(() => this.#connection, cancelGraceMs);
    this.#decisions = new Decisions(options.decide, this.#transcript, this.#end.cancelled);
    this.#terminals = new Terminals({
      worktree: options.command.cwd,
      env: options.terminalEnv ?? {},
      ask: (request) => this.#decide('terminal', request),
      wrap: options.wrap ?? unwrapped,
      onSpawn: (record) => options.onSpawn?.(record),
      onOutput: () => this.#progress(),
    });
    const ended = crashOf(process);
    this.#connection = this.#connect(ended);
    void ended.then((end) => this.#end.stop(end));
    options.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /**
   * Starts an agent and opens a session in its command's folder.
   * @throws AgentEnd when that does not succeed; nothing of it runs any more then
   */
  static async start(options: SessionOptions): Promise<AgentSession> {
    const startedAt = performance.now();
    const process = await WrappedProcess.start(options);
    const session = new AgentSession(options, process, startedAt);
    try {
      await session.#open();
      return session;
    } catch (error) {
      const { outcome, message } = session.#endOf(error);
      const end = new AgentEnd(outcome, session.#clean(message), { cause: error });
      session.#transcript?.write({ kind: 'end', outcome: end.outcome, detail: end.message });
      await session.close();
      throw end;
    }
  }

  get id(): string | null {
    return this.#opened?.id ?? null;
  }

  /** What the agent says that it is, e.g. `OpenCode 1.18.33`. */
  get version(): string | null {
    return this.#opened?.version ?? null;
  }

  /** Whether it goes on with the session that was asked for. */
  get resumed(): boolean {
    return this.#opened?.resumed ?? false;
  }

  get startMs(): number | null {
    return this.#opened?.startMs ?? null;
  }

  /**
   * Gives the agent a prompt and waits for the end of its turn. An agent that stops at a denied request
   * is told the reason and asked to go on. Never throws for what the agent does.
   */
  async prompt(text: string): Promise<AgentResult> {
    const startedAt = performance.now();
    const turn = new Turn(this.#transcript);
    this.#turn = turn;
    this.#progress();
    const { timeoutMs, stallMs, maxMs, command, onOverdue } = this.#options;
    const watch = new AbortController();
    const overdue = watchProgress(
      {
        timeoutMs,
        stallMs,
        maxMs: Math.max(0, this.#startedAt + maxMs - startedAt),
        progressDir: command.cwd,
        ...(onOverdue !== undefined && { onOverdue }),
      },
      startedAt,
      () => (this.#decisions.pending ? performance.now() : this.#lastProgressAt),
      watch.signal,
    ).then((verdict) => {
      if (verdict !== null) this.#cancel(overdueEnd(verdict, this.#options));
    });
    let stopReason: string | null = null;
    let end: { outcome: AgentOutcome; message: string };
    try {
      let answer = await this.#ask(turn, text);
      for (let told = 0; told < MAX_REASONS_TOLD && answer.stopReason === 'end_turn'; told++) {
        const untold = turn.takeUntold();
        if (untold.length === 0 || this.#end.reason !== null) break;
        answer = await this.#ask(turn, reasons(untold));
      }
      stopReason = answer.stopReason;
      // Told to stop, it says `cancelled` whatever the reason for telling it was.
      end = this.#end.reason ?? {
        outcome: outcomeOf(answer.stopReason),
        message: `it ended its turn (${answer.stopReason})`,
      };
    } catch (error) {
      end = this.#endOf(error);
    }
    watch.abort();
    await overdue;
    turn.flush();
    const detail = this.#clean(end.message);
    this.#transcript?.write({ kind: 'end', outcome: end.outcome, detail });
    if (this.#end.reason !== null || this.#connection.signal.aborted) await this.close();
    return {
      outcome: end.outcome,
      detail,
      stopReason,
      sessionId: this.id,
      ...turn.result((said) => this.#clean(said)),
      durationMs: performance.now() - startedAt,
      startMs: this.startMs,
    };
  }

  /** Ends the agent with everything that it started, and resolves when all of it is gone. */
  close(): Promise<void> {
    return (this.#closed ??= this.#closeNow());
  }

  async #closeNow(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#end.stop(new AgentEnd('cancelled', 'the session was closed'));
    await Promise.all([this.#terminals.closeAll(), this.#process.end()]);
    this.#turn.flush();
    const { lastWords } = this.#process;
    if (lastWords !== '') this.#transcript?.write({ kind: 'noise', text: lastWords });
    this.#transcript?.close();
  }

  #connect(ended: Promise<AgentEnd>): ClientConnection {
    const stream = agentStream(this.#process.stdin, this.#process.stdout, {
      onMessage: () => this.#progress(),
      onUpdate: (update) => this.#hear(update),
      onRubbish: (text) => this.#transcript?.write({ kind: 'noise', text }),
      ended,
    });
    return agentClient({
      worktree: this.#options.command.cwd,
      terminals: this.#terminals,
      knownCall: (id) => this.#turn.call(id),
      decide: (source, request) => this.#decide(source, request),
      cancelled: this.#end.cancelled,
    }).connect(stream);
  }

  async #open(): Promise<void> {
    const { startTimeoutMs = START_TIMEOUT_MS, signal, command } = this.#options;
    const { sessionMode: mode = null, sessionId: id = null } = this.#options;
    if (signal?.aborted === true) this.#abort();
    const timer = setTimeout(() => this.#end.stop(startEnd(startTimeoutMs)), startTimeoutMs);
    try {
      const onLoading = (loading: boolean): void => {
        this.#loading = loading;
      };
      const wish = { cwd: command.cwd, mode, id, onLoading };
      const opened = await openSession((method, params) => this.#request(method, params), wish);
      this.#opened = { ...opened, startMs: performance.now() - this.#startedAt };
      this.#transcript?.write({
        kind: 'start',
        agent: opened.version ?? command.file,
        sessionId: opened.id,
        resumed: opened.resumed,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(turn: Turn, text: string): Promise<z.infer<typeof Answer>> {
    if (this.#end.reason !== null) throw this.#end.reason;
    turn.flush();
    this.#transcript?.write({ kind: 'prompt', text });
    const response = await this.#request(methods.agent.session.prompt, {
      sessionId: this.id,
      prompt: [{ type: 'text', text }],
    });
    const answer = Answer.parse(response);
    turn.claim(readClaim(response));
    return answer;
  }

  /** Answers are read by schemas of our own: the library passes them on as they came. */
  #request(method: string, params: object): Promise<unknown> {
    const agent: ClientContext = this.#connection.agent;
    return agent.request<unknown, object>(method, params);
  }

  #hear(update: SessionUpdate): void {
    if (!this.#loading) this.#turn.apply(update);
  }

  /** What goes into events and reports holds no key that the agent happened to say. */
  #clean(text: string): string {
    return redact(text, this.#options.secrets ?? []);
  }

  #progress(): void {
    this.#lastProgressAt = performance.now();
  }

  async #decide(source: RequestSource, request: PermissionRequest): Promise<PermissionDecision> {
    const decision = await this.#decisions.decide(source, request, this.#turn);
    this.#progress();
    return decision;
  }

  readonly #abort = (): void => {
    this.#cancel(new AgentEnd('cancelled', 'it was told to stop'));
  };

  #cancel(end: AgentEnd): void {
    this.#end.cancel(end, this.id);
  }

  #endOf(error: unknown): AgentEnd {
    return this.#end.reason ?? endOf(error);
  }
}

import {
  methods,
  PROTOCOL_VERSION,
  RequestError,
  type ClientConnection,
  type ClientContext,
} from '@agentclientprotocol/sdk';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { messageOf } from '../../../shared/model/errors.ts';
import type { PermissionDecision, PermissionRequest } from '../../../shared/policy/permission.ts';
import { redact } from '../../../shared/policy/redact.ts';
import type { ProcessRecord } from '../command/processGroup.ts';
import { watchProgress } from '../command/runCommand.ts';
import { Answer, endOf, Initialized, Modes, NewSession } from './agentAnswers.ts';
import { agentClient, type RequestSource } from './agentClient.ts';
import { unwrapped, type Program, type WrapCommand } from '../../tools/wrapCommand.ts';
import { AgentEnd, outcomeOf, type AgentOutcome } from './agentEnd.ts';
import { agentStream } from './agentStream.ts';
import { laterClaim, readClaim, type ClaimedUsage } from './claimedUsage.ts';
import type { PlanEntry, SessionUpdate } from './sessionUpdate.ts';
import { Terminals } from './terminals.ts';
import { Transcript } from './transcript.ts';
import { reasons, Turn, type DeniedRequest } from './turn.ts';
import { WrappedProcess } from './wrappedProcess.ts';

/** A cold start of the slowest agent known takes 4 s on a slow machine. */
const START_TIMEOUT_MS = 60_000;
/** How long an agent has to stop by itself once it is told to. */
const CANCEL_GRACE_MS = 3000;
/** How often in one prompt an agent that stopped at a no is told why and asked to go on. */
const MAX_REASONS_TOLD = 3;

export interface SessionOptions {
  /** Its `cwd` is the worktree. */
  readonly command: Program;
  /** Answers what the agent asks for; also asked when it has a file touched or a command run by us. */
  readonly decide: (request: PermissionRequest) => PermissionDecision | Promise<PermissionDecision>;
  /** When a prompt is ended, unless it shows progress. */
  readonly timeoutMs: number;
  /** Past `timeoutMs`, silence of this length ends the prompt. */
  readonly stallMs: number;
  /** The session is ended so long after its start, whatever it does. */
  readonly maxMs: number;
  readonly startTimeoutMs?: number;
  readonly cancelGraceMs?: number;
  /** Default: none, which is for checks by hand only. */
  readonly wrap?: WrapCommand;
  /** The mode of the session that asks before it acts, where the agent has it. */
  readonly sessionMode?: string | null;
  /** A session to go on with, where the agent can. */
  readonly sessionId?: string | null;
  readonly transcriptFile?: string;
  readonly transcriptBytes?: number;
  /** Kept out of transcript and results, e.g. the gateway's token. */
  readonly secrets?: readonly string[];
  /** Added to the environment of the commands that the agent has run by us. */
  readonly terminalEnv?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Called for every process group that is started. */
  readonly onSpawn?: (record: ProcessRecord) => void;
  /** Called once per prompt that is past `timeoutMs` and goes on because it makes progress. */
  readonly onOverdue?: () => void;
}

export interface AgentResult {
  readonly outcome: AgentOutcome;
  /** For the user: why it ended so. */
  readonly detail: string;
  /** As the agent said it; null when it did not answer the prompt. */
  readonly stopReason: string | null;
  readonly sessionId: string | null;
  /** The last message. */
  readonly text: string;
  readonly plan: readonly PlanEntry[];
  readonly toolCalls: number;
  readonly usage: ClaimedUsage;
  readonly denied: readonly DeniedRequest[];
  readonly durationMs: number;
  /** From the start of the process to the session; null when there never was one. */
  readonly startMs: number | null;
}

/** A conversation with an agent that runs in a process group of its own. Close it, whatever happened. */
export class AgentSession {
  readonly #options: SessionOptions;
  readonly #process: WrappedProcess;
  readonly #connection: ClientConnection;
  readonly #terminals: Terminals;
  readonly #transcript: Transcript | null;
  readonly #startedAt: number;
  #turn: Turn;
  #id: string | null = null;
  #startMs: number | null = null;
  #version: string | null = null;
  #resumed = false;
  /** Past messages that an agent repeats when it loads a session are not news. */
  #loading = false;
  #lastProgressAt = performance.now();
  /** Requests that a human may be thinking about: waiting for them is no stall. */
  #deciding = 0;
  /** Why the session is to end, once that is so. */
  #end: AgentEnd | null = null;
  readonly #cancelled = new AbortController();
  #closed: Promise<void> | null = null;

  private constructor(options: SessionOptions, process: WrappedProcess, startedAt: number) {
    this.#options = options;
    this.#process = process;
    this.#startedAt = startedAt;
    const { transcriptFile, transcriptBytes, secrets = [] } = options;
    this.#transcript =
      transcriptFile === undefined
        ? null
        : new Transcript({
            file: transcriptFile,
            secrets,
            ...(transcriptBytes !== undefined && { maxBytes: transcriptBytes }),
          });
    this.#turn = new Turn(this.#transcript);
    this.#terminals = new Terminals({
      worktree: options.command.cwd,
      env: options.terminalEnv ?? {},
      ask: (request) => this.#decide('terminal', request),
      wrap: options.wrap ?? unwrapped,
      onSpawn: (record) => options.onSpawn?.(record),
      onOutput: () => this.#progress(),
    });
    const ended = process.exited.then(({ exitCode, signal }) => {
      const how = signal === null ? `it ended with exit code ${exitCode}` : `${signal} ended it`;
      const { lastWords } = process;
      return new AgentEnd('crashed', lastWords === '' ? how : `${how}: ${lastWords}`);
    });
    this.#connection = this.#connect(ended);
    void ended.then((end) => this.#stop(end));
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
    return this.#id;
  }

  /** What the agent says that it is, e.g. `OpenCode 1.18.33`. */
  get version(): string | null {
    return this.#version;
  }

  /** Whether it goes on with the session that was asked for. */
  get resumed(): boolean {
    return this.#resumed;
  }

  get startMs(): number | null {
    return this.#startMs;
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
      () => (this.#deciding > 0 ? performance.now() : this.#lastProgressAt),
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
        if (untold.length === 0 || this.#end !== null) break;
        answer = await this.#ask(turn, reasons(untold));
      }
      stopReason = answer.stopReason;
      // Told to stop, it says `cancelled` whatever the reason for telling it was.
      end = this.#end ?? {
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
    if (this.#end !== null || this.#connection.signal.aborted) await this.close();
    return {
      outcome: end.outcome,
      detail,
      stopReason,
      sessionId: this.#id,
      text: this.#clean(turn.text),
      plan: turn.plan,
      toolCalls: turn.toolCalls,
      usage: turn.claim,
      denied: turn.denied.map((request) => ({
        ...request,
        title: this.#clean(request.title),
        command: request.command === null ? null : this.#clean(request.command),
      })),
      durationMs: performance.now() - startedAt,
      startMs: this.#startMs,
    };
  }

  /** Ends the agent with everything that it started, and resolves when all of it is gone. */
  close(): Promise<void> {
    return (this.#closed ??= this.#closeNow());
  }

  async #closeNow(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#stop(new AgentEnd('cancelled', 'the session was closed'));
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
      cancelled: this.#cancelled.signal,
    }).connect(stream);
  }

  async #open(): Promise<void> {
    const { startTimeoutMs = START_TIMEOUT_MS, signal, sessionMode, command } = this.#options;
    if (signal?.aborted === true) this.#abort();
    const timer = setTimeout(() => {
      this.#stop(
        new AgentEnd('stalled', `it did not answer within ${seconds(startTimeoutMs)} of its start`),
      );
    }, startTimeoutMs);
    try {
      const initialized = Initialized.parse(
        await this.#request(methods.agent.initialize, {
          protocolVersion: PROTOCOL_VERSION,
          clientCapabilities: { fs: { readTextFile: true, writeTextFile: true }, terminal: true },
          clientInfo: { name: 'vigil', title: 'Vigil', version: '0.1.0' },
        }),
      );
      if (initialized.protocolVersion !== PROTOCOL_VERSION)
        throw new AgentEnd(
          'protocol-error',
          `it speaks version ${String(initialized.protocolVersion)} of the Agent Client Protocol, and Vigil speaks version ${PROTOCOL_VERSION}`,
        );
      const info = initialized.agentInfo;
      this.#version = info ? `${info.name} ${info.version}` : null;
      const modes = await this.#openSession(initialized.agentCapabilities);
      if (
        sessionMode &&
        modes &&
        modes.currentModeId !== sessionMode &&
        modes.availableModes.some(({ id }) => id === sessionMode)
      )
        await this.#request(methods.agent.session.setMode, {
          sessionId: this.#id,
          modeId: sessionMode,
        });
      this.#startMs = performance.now() - this.#startedAt;
      this.#transcript?.write({
        kind: 'start',
        agent: this.#version ?? command.file,
        sessionId: this.#id ?? '',
        resumed: this.#resumed,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Opens a new session, or goes on with an old one by whichever way the agent has. */
  async #openSession(
    capabilities: z.infer<typeof Initialized>['agentCapabilities'],
  ): Promise<z.infer<typeof Modes>['modes']> {
    const cwd = this.#options.command.cwd;
    const { sessionId } = this.#options;
    const canResume = Boolean(capabilities?.sessionCapabilities?.resume);
    if (sessionId && (canResume || capabilities?.loadSession === true)) {
      const method = canResume ? methods.agent.session.resume : methods.agent.session.load;
      this.#loading = true;
      try {
        const old = await this.#request(method, { sessionId, cwd, mcpServers: [] });
        this.#id = sessionId;
        this.#resumed = true;
        return Modes.parse(old ?? {}).modes;
      } catch (error) {
        // One that it no longer knows: the work starts with a new one. What ends the agent ends this.
        if (!(error instanceof RequestError)) throw error;
      } finally {
        this.#loading = false;
      }
    }
    const opened = NewSession.parse(
      await this.#request(methods.agent.session.new, { cwd, mcpServers: [] }),
    );
    this.#id = opened.sessionId;
    return opened.modes;
  }

  async #ask(turn: Turn, text: string): Promise<z.infer<typeof Answer>> {
    if (this.#end !== null) throw this.#end;
    turn.flush();
    this.#transcript?.write({ kind: 'prompt', text });
    const response = await this.#request(methods.agent.session.prompt, {
      sessionId: this.#id,
      prompt: [{ type: 'text', text }],
    });
    const answer = Answer.parse(response);
    turn.claim = laterClaim(turn.claim, readClaim(response));
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
    const turn = this.#turn;
    this.#deciding += 1;
    const decided = await Promise.race([
      // A rule that can't be read allows nothing.
      Promise.resolve(request)
        .then(this.#options.decide)
        .catch((error: unknown) => deny(`the rules could not be read: ${messageOf(error)}`)),
      aborted(this.#cancelled.signal).then(() => null),
    ]);
    this.#deciding -= 1;
    this.#progress();
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

  readonly #abort = (): void => {
    this.#cancel(new AgentEnd('cancelled', 'it was told to stop'));
  };

  /** Tells the agent to stop, and ends it when it does not. */
  #cancel(end: AgentEnd): void {
    if (this.#end !== null) return;
    if (this.#id === null || this.#startMs === null) return this.#stop(end);
    this.#end = end;
    this.#cancelled.abort();
    const { cancelGraceMs = CANCEL_GRACE_MS } = this.#options;
    this.#connection.agent
      .notify(methods.agent.session.cancel, { sessionId: this.#id })
      // The connection is gone: so is what was to be cancelled.
      .catch(() => undefined);
    void sleep(cancelGraceMs, undefined, { ref: false, signal: this.#connection.signal }).then(
      () => {
        this.#end = new AgentEnd(
          end.outcome,
          `${end.message}, did not stop within ${seconds(cancelGraceMs)} and was ended`,
        );
        this.#connection.close(this.#end);
      },
      // It stopped in time.
      () => undefined,
    );
  }

  /** Ends the connection: whatever waits for an answer of the agent gets this instead. */
  #stop(end: AgentEnd): void {
    this.#end ??= end;
    this.#cancelled.abort();
    this.#connection.close(this.#end);
  }

  #endOf(error: unknown): AgentEnd {
    return this.#end ?? endOf(error);
  }
}

function overdueEnd(
  verdict: 'stalled' | 'ceiling',
  { stallMs, maxMs }: Pick<SessionOptions, 'stallMs' | 'maxMs'>,
): AgentEnd {
  return verdict === 'stalled'
    ? new AgentEnd('stalled', `past its time it showed no progress for ${seconds(stallMs)}`)
    : new AgentEnd('ceiling', `it reached the limit of ${seconds(maxMs)}`);
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

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}

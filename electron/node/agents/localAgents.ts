import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  AgentRole,
  AgentState,
  CallPurpose,
  ModelTarget,
} from '../../../shared/model/agent.ts';
import type { CapReached } from '../../../shared/model/budget.ts';
import type { NodeConfig } from '../../../shared/model/config.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { hasEnded } from '../../../shared/model/registers.ts';
import type { BodyOf } from '../../../shared/model/events.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { AgentSession } from '../../execute/agent/agentSession.ts';
import type { AgentResult } from '../../execute/agent/sessionOptions.ts';
import { AgentEnd } from '../../execute/agent/agentEnd.ts';
import { findAgents, type FoundAgent } from '../../execute/agent/findAgents.ts';
import { prepareAgent } from '../../execute/agent/prepareAgent.ts';
import { checkSandbox, innerGatewayUrl, sandboxed } from '../../execute/sandbox/sandbox.ts';
import { projectPolicy } from '../../execute/sandbox/projectPolicy.ts';
import { programFolders } from '../../execute/sandbox/toolFolders.ts';
import type { GrantedToken } from '../../gateway/grants.ts';
import { AttemptFailure } from '../attemptFailure.ts';
import { transcriptPath } from '../layout.ts';
import type { Ledger } from '../ledger.ts';
import type { AgentHost, AgentRequest } from './agentHost.ts';
import type { ModelGateway } from './modelGateway.ts';
import { permissionsFor } from './permissions.ts';

/** Tokens that a model is taken to have where neither the table nor the user says. */
const CONTEXT_TOKENS = 128_000;
const OUTPUT_TOKENS = 16_000;

/** The agents of this machine, each run with a token, a home and a sandbox of its own. */
export class LocalAgents implements AgentHost {
  private readonly ledger: Ledger;
  private readonly home: string;
  private readonly config: NodeConfig['agents'];
  private readonly gateway: ModelGateway;
  private found: readonly FoundAgent[] = [];
  private looking = 0;
  /** Attempts at work, by task and attempt, and how to pause each. */
  private readonly running = new Map<string, (reached: CapReached) => void>();

  constructor(options: {
    ledger: Ledger;
    home: string;
    config: NodeConfig['agents'];
    gateway: ModelGateway;
  }) {
    this.ledger = options.ledger;
    this.home = options.home;
    this.config = options.config;
    this.gateway = options.gateway;
    this.ledger.onEvent((_event, change) => {
      if (change && hasEnded(change.status)) void this.forget(change.task.spec.id);
    });
  }

  /** Whether it is still looking for agents. */
  get busy(): boolean {
    return this.looking > 0;
  }

  /** The homes of its agents go with a task; what can't be deleted now holds nothing but settings. */
  private forget(task: TaskId): Promise<void> {
    return rm(join(this.home, 'agents', task), {
      recursive: true,
      force: true,
      maxRetries: 3,
    }).catch(() => undefined);
  }

  /** Looks for agents on this machine and logs what changed since it looked last. Starts none of them. */
  async look(): Promise<readonly FoundAgent[]> {
    this.looking += 1;
    try {
      return await this.lookNow();
    } finally {
      this.looking -= 1;
    }
  }

  private async lookNow(): Promise<readonly FoundAgent[]> {
    this.found = await ready(await findAgents(this.config));
    const agents = this.found.map(({ state }) => state);
    const { store, world } = this.ledger;
    const known: readonly AgentState[] = world.supply.agents[store.node] ?? [];
    if (JSON.stringify(agents) !== JSON.stringify(known))
      await this.ledger.commit({ type: 'agents.found', node: store.node, agents });
    return this.found;
  }

  refused(task: string, attempt: number, reached: CapReached): void {
    this.running.get(`${task}/${attempt}`)?.(reached);
  }

  async run(request: AgentRequest): Promise<AgentResult> {
    const { context, role, choice, fallbacks, category } = request;
    const { task, project, attempt } = context.order;
    const isIt = ({ state }: FoundAgent): boolean => state.id === choice.agent && state.ready;
    // Installed since the node looked: it looks again.
    const agent = this.found.find(isIt) ?? (await this.look()).find(isIt);
    if (!agent)
      throw AttemptFailure.ofAgent(choice.agent, 'failed', 'it is no longer installed here');
    const purpose: CallPurpose = { category, task, project, attempt, role, agent: choice.agent };
    const targets = [choice.target, ...fallbacks.map(({ target }) => target)];
    const grant = await this.gateway.grant(purpose, targets);
    const temp = await mkdtemp(join(tmpdir(), 'vigil-agent-'));
    const pause = new AbortController();
    const key = `${task}/${attempt}`;
    let reached: CapReached | null = null;
    this.running.set(key, (cap) => {
      reached = cap;
      pause.abort(new Error('a cap was reached'));
    });
    try {
      return await this.runGranted(request, agent, grant, temp, pause.signal);
    } catch (error) {
      if (reached !== null) throw AttemptFailure.ofBudget(reached);
      throw error;
    } finally {
      this.running.delete(key);
      grant.revoke();
      await rm(temp, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  private async runGranted(
    { context, role, choice, prompt }: AgentRequest,
    agent: FoundAgent,
    grant: GrantedToken,
    temp: string,
    paused: AbortSignal,
  ): Promise<AgentResult> {
    const { order, task, workspace, watch, signal } = context;
    const { limits } = this.ledger;
    const home = this.agentHome(task.spec.id, choice.agent, role);
    await mkdir(home, { recursive: true, mode: 0o700 });
    const gatewayPort = await this.gateway.port();
    const { sessionMode, ...command } = await prepareAgent(agent, {
      home,
      gatewayUrl: innerGatewayUrl(gatewayPort),
      token: grant.token,
      mode: 'sandboxed',
      ...this.modelOf(choice.target),
    });
    const transcript = transcriptPath(this.home, order.task, order.attempt, role);
    const run = {
      task: order.task,
      project: order.project,
      attempt: order.attempt,
      role,
      choice,
    };
    const startedMs = this.ledger.nowMs();
    let result: AgentResult;
    let session: AgentSession | null = null;
    try {
      // Loaded with the first agent: a node without one does not carry the protocol.
      const { AgentSession: Session } = await import('../../execute/agent/agentSession.ts');
      session = await Session.start({
        command: { ...command, cwd: workspace.path },
        wrap: sandboxed(
          projectPolicy(context.runtime.ground(workspace.path), {
            tempDir: temp,
            homeDir: home,
            programs: agent.file === null ? [] : programFolders(agent.file),
            gatewayPort,
            // Its dependencies are a copy of its own.
            writesDependencies: true,
          }),
        ),
        decide: permissionsFor(this.ledger, task.spec, role),
        timeoutMs: order.timeoutMs,
        stallMs: limits.stallMs,
        maxMs: limits.maxAttemptMs,
        sessionMode,
        sessionId: this.earlierSession(order.task, order.attempt, role, choice.agent),
        transcriptFile: transcript,
        transcriptBytes: limits.logBytes,
        secrets: [grant.token],
        signal: AbortSignal.any([signal, paused]),
        onSpawn: watch.onSpawn,
        onOverdue: () =>
          this.ledger.record({
            type: 'attempt.overdue',
            task: order.task,
            project: order.project,
            attempt: order.attempt,
            timeoutMs: order.timeoutMs,
            runningMs: this.ledger.nowMs() - startedMs,
          }),
      });
      this.ledger.record({
        type: 'agent.started',
        ...run,
        version: session.version,
        session: session.id ?? '',
        transcript,
        startMs: session.startMs ?? 0,
      });
      result = await session.prompt(prompt);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AgentEnd)) throw error;
      throw this.failureOf(run, error.outcome, error.message);
    } finally {
      await session?.close();
    }
    this.ledger.record({
      type: 'agent.ended',
      ...run,
      outcome: result.outcome,
      detail: result.detail,
      toolCalls: result.toolCalls,
      denied: result.denied.map(({ title, reason }) => `${title}: ${reason}`).slice(0, MAX_DENIED),
      summary: result.text.slice(0, MAX_SUMMARY),
      durationMs: result.durationMs,
    });
    signal.throwIfAborted();
    if (result.outcome !== 'ended' || paused.aborted)
      throw this.failureOf(run, result.outcome, result.detail);
    return result;
  }

  /** Why an agent did not end well: what its model's provider said counts more than what it made of it. */
  private failureOf(
    {
      task,
      attempt,
      role,
      choice,
    }: Pick<BodyOf<'agent.started'>, 'task' | 'attempt' | 'role' | 'choice'>,
    outcome: string,
    detail: string,
  ): AttemptFailure {
    const last = this.ledger.store
      .read({ task, types: ['call.settled'], order: 'desc', limit: 5 })
      .map(({ body }) => body)
      .find(
        (body) => body.type === 'call.settled' && body.attempt === attempt && body.role === role,
      );
    const said =
      last?.type === 'call.settled' && last.outcome !== 'ok' && last.detail !== ''
        ? ` (its model: ${last.detail})`
        : '';
    return AttemptFailure.ofAgent(choice.agent, outcome, `${detail}${said}`);
  }

  /** The session of the last attempt when that was interrupted: the agent goes on with it where it can. */
  private earlierSession(
    task: TaskId,
    attempt: number,
    role: AgentRole,
    agent: string,
  ): string | null {
    const last = this.ledger.world.tasks.get(task)?.attempts.find((a) => a.number === attempt - 1);
    if (last?.state.state !== 'failed' || !last.state.failure.interrupted) return null;
    const started = this.ledger.store
      .read({ task, types: ['agent.started'], order: 'desc', limit: 20 })
      .map(({ body }) => body)
      .find(
        (body) =>
          body.type === 'agent.started' &&
          body.attempt === attempt - 1 &&
          body.role === role &&
          body.choice.agent === agent,
      );
    return started?.type === 'agent.started' ? started.session : null;
  }

  /** An agent's own home, kept while its task is open so that a session can be gone on with. */
  private agentHome(task: TaskId, agent: string, role: AgentRole): string {
    return join(this.home, 'agents', task, `${agent}-${role}`);
  }

  private modelOf({ provider, model }: ModelTarget): {
    model: string;
    contextTokens: number;
    outputTokens: number;
  } {
    const config = this.ledger.world.supply.providers[provider]?.models.find(
      ({ name }) => name === model,
    );
    if (!config)
      throw new VigilError(
        'not-found',
        `the provider ${provider} no longer has the model ${model}`,
        'See `vigil providers list`.',
      );
    return {
      model,
      contextTokens: config.contextTokens ?? CONTEXT_TOKENS,
      outputTokens: config.outputTokens ?? OUTPUT_TOKENS,
    };
  }
}

/** Agents only work where they can be held. */
export async function ready(found: readonly FoundAgent[]): Promise<readonly FoundAgent[]> {
  if (!found.some(({ state }) => state.ready)) return found;
  const { ok, detail, help } = await checkSandbox();
  if (ok) return found;
  const why = `can't be held in a sandbox: ${detail}. ${help ?? ''}`.trim();
  return found.map((agent) =>
    agent.state.ready ? { ...agent, state: { ...agent.state, ready: false, detail: why } } : agent,
  );
}

const MAX_DENIED = 20;
const MAX_SUMMARY = 2_000;

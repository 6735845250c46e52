import { isCritical } from '../../shared/decide/holds.ts';
import type { TokenUsage } from '../../shared/model/agent.ts';
import type { CapReached } from '../../shared/model/budget.ts';
import type { BodyOf, EventBody } from '../../shared/model/events.ts';
import { ProjectId, TaskId } from '../../shared/model/ids.ts';
import { admit } from '../../shared/policy/budget.ts';
import type { CallEnd, CallStart, Meter } from '../gateway/meter.ts';
import type { Ledger } from './ledger.ts';

/** Told of a call that a cap refused. */
export type Refused = (call: CallStart, reached: CapReached) => void;

/**
 * Counts every model call in the log: reserved at its worst before it is sent, settled by the provider's
 * word after it. The caps of C1 are enforced here, on the wire.
 */
export class LedgerMeter implements Meter {
  private readonly ledger: Ledger;
  private readonly refused: Refused;

  constructor(ledger: Ledger, refused: Refused) {
    this.ledger = ledger;
    this.refused = refused;
  }

  /** Null when the call may be sent; its reservation is durable then. */
  async reserve(call: CallStart): Promise<CapReached | null> {
    const { world } = this.ledger;
    const { supply } = world;
    const { target, maxTokens, maxCostUsd, billing } = call;
    const purpose = purposeOf(call);
    const spec = purpose.task === null ? undefined : world.tasks.get(purpose.task)?.spec;
    const critical = spec !== undefined && isCritical(spec);
    const tokens = likelyTokens(maxTokens);
    const wanted = { task: purpose.task, maxTokens: tokens, maxCostUsd, critical };
    const reached = admit(supply.spend, supply.budget, wanted, this.ledger.nowMs());
    if (reached === null) {
      await this.ledger.commit({
        type: 'call.reserved',
        ...purpose,
        target,
        billing,
        maxTokens: tokens,
        maxCostUsd,
      });
      return null;
    }
    await this.ledger.commit(
      { type: 'call.refused', ...purpose, target, reached, maxTokens: tokens, maxCostUsd },
      ...this.question(purpose, reached),
    );
    this.refused(call, reached);
    return reached;
  }

  /** Counts what a call cost in place of what was reserved. */
  async settle(call: CallEnd): Promise<void> {
    const purpose = purposeOf(call);
    const before = this.shareOfTask(purpose.task);
    const { target, billing, outcome, usage, costUsd, estimated, detail } = call;
    const { latencyMs, firstByteMs, retries } = call;
    this.ledger.record({
      type: 'call.settled',
      ...purpose,
      target,
      billing,
      outcome,
      usage,
      costUsd,
      estimated,
      detail,
      latencyMs,
      firstByteMs,
      retries,
    });
    const after = this.shareOfTask(purpose.task);
    if (purpose.task !== null && before < 0.5 && after >= 0.5)
      this.ledger.record(this.halfUsed(purpose.task));
    await this.ledger.durable();
  }

  /**
   * Counts the calls that an earlier run of the node left open at the most they can have cost: their
   * answers are lost, and their price is not known.
   */
  settleLost(): void {
    const { supply } = this.ledger.world;
    for (const { call } of supply.spend.reserved) {
      const [event] = this.ledger.store
        .read({ node: this.ledger.store.node, types: ['call.reserved'], order: 'desc' })
        .filter(({ body }) => body.type === 'call.reserved' && body.call === call);
      if (event?.body.type === 'call.reserved') this.ledger.record(lost(event.body));
    }
  }

  /** A task that has used up its own cap can only go on by a human's word: asked once. */
  private question(purpose: Purpose, reached: CapReached): EventBody[] {
    const { supply } = this.ledger.world;
    const { task, project } = purpose;
    if (task === null || !reached.cap.startsWith('task.')) return [];
    const asked = supply.approvals.some(
      (approval) => approval.task === task && approval.subject.kind === 'task-budget',
    );
    if (asked) return [];
    const { tokens, calls } = supply.budget.task;
    return [
      {
        type: 'approval.asked',
        approval: this.ledger.world.freshApprovalId(),
        task,
        project,
        subject: { kind: 'task-budget', reached, tokens, calls },
        reason: `it has used what a task may use (${reached.cap})`,
      },
    ];
  }

  /** How much of its own caps a task has used, 0–1 and above. */
  private shareOfTask(task: TaskId | null): number {
    const { spend, budget } = this.ledger.world.supply;
    const used = task === null ? undefined : spend.tasks[task];
    if (task === null || used === undefined) return 0;
    const grant = spend.grants[task] ?? { tokens: 0, calls: 0 };
    return Math.max(
      used.tokens / Math.max(1, budget.task.tokens + grant.tokens),
      used.calls / Math.max(1, budget.task.calls + grant.calls),
    );
  }

  private halfUsed(task: TaskId): EventBody {
    const { spend, budget } = this.ledger.world.supply;
    const used = spend.tasks[task]?.tokens ?? 0;
    return {
      type: 'limit.reached',
      limit: 'task.alert',
      subject: task,
      value: used,
      max: budget.task.tokens,
      untilMs: null,
    };
  }
}

type Purpose = Pick<
  BodyOf<'call.reserved'>,
  'call' | 'task' | 'project' | 'attempt' | 'category' | 'role'
>;

function purposeOf({ id, purpose }: CallStart | CallEnd): Purpose {
  const { task, project, attempt, category, role } = purpose;
  return {
    call: id,
    task: task === null ? null : TaskId.parse(task),
    project: project === null ? null : ProjectId.parse(project),
    attempt,
    category,
    role,
  };
}

/**
 * What a call is likely to count against its task. The bound in dollars is safe for any text; code and
 * prose come to two thirds of it, and by the bound one long prompt would lock a task out of what is left.
 */
function likelyTokens(max: TokenUsage): number {
  return Math.ceil((max.input + max.cacheWrite) / BOUND_OVER_TEXT) + max.output;
}

/** The input bound over the real count of code, as measured against four tokenizers. */
const BOUND_OVER_TEXT = 1.5;

function lost(body: BodyOf<'call.reserved'>): EventBody {
  const { call, task, project, attempt, category, role, target, billing } = body;
  // All as output, the dearest kind, and counted in full against the task.
  const usage: TokenUsage = { input: 0, output: body.maxTokens, cacheRead: 0, cacheWrite: 0 };
  return {
    type: 'call.settled',
    call,
    task,
    project,
    attempt,
    category,
    role,
    target,
    billing,
    outcome: 'cut',
    usage,
    costUsd: body.maxCostUsd,
    estimated: true,
    detail: 'the node ended before the answer was counted',
    latencyMs: 0,
    firstByteMs: null,
    retries: 0,
  };
}

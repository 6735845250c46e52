import { decide, type Dispatch, type Plan } from '../../shared/decide/decide.ts';
import { nextChangeMs } from '../../shared/decide/nextChange.ts';
import type { EventBody, EventType } from '../../shared/model/events.ts';
import type { NodeId, ProjectId, TaskId } from '../../shared/model/ids.ts';
import type { Move } from '../../shared/decide/moves.ts';
import type { World } from '../../shared/world/world.ts';
import type { Ledger } from './ledger.ts';
import type { Clock } from './clock.ts';

/** What a decision sets in motion. Both return at once; what comes of it comes back as events. */
export interface Effects {
  /** Carries out what was assigned to this node; another node sees its own by itself. */
  dispatch(task: TaskId): void;
  generate(project: ProjectId): void;
  /** Once per safety tick: look at what no event tells (branches that the user moved). */
  observe(): void;
  /** All that could be decided now has been. */
  rested(): void;
}

/** Events that may let a task start. */
export const PROMPTS: ReadonlySet<EventType> = new Set([
  'task.added',
  'attempt.passed',
  'merge.done',
  'agents.found',
  'node.drained',
  'provider.set',
  'budget.set',
  'budget.granted',
  'approval.answered',
]);

/** Decisions about milestones alone that may be made before the disk has the first of them: some ms of work. */
const MOST_AHEAD = 32;

/**
 * The loop: observe → decide → record → act (D1). It runs when something happened and at the latest
 * every tick; acting never blocks deciding (D3).
 */
export class Engine {
  private readonly ledger: Ledger;
  private readonly clock: Clock;
  private readonly effects: Effects;
  private readonly fail: (error: unknown) => void;
  private trigger: string | null = null;
  private busy = false;
  private stopped = true;
  private timer: { cancel(): void } | null = null;
  private lastTickMs = 0;
  /** Decisions recorded since the disk was last waited for. */
  private ahead = 0;

  constructor(options: {
    ledger: Ledger;
    clock: Clock;
    effects: Effects;
    fail: (error: unknown) => void;
  }) {
    this.ledger = options.ledger;
    this.clock = options.clock;
    this.effects = options.effects;
    this.fail = options.fail;
  }

  start(): void {
    this.stopped = false;
    this.lastTickMs = this.clock.nowMs();
    this.wake('start');
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  /** Something happened: decide soon. Many wakes before the next decision make one. */
  wake(trigger: string): void {
    if (this.stopped || this.trigger !== null) return;
    this.trigger = trigger;
    if (!this.busy) setImmediate(() => void this.run());
  }

  private async run(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.trigger !== null && !this.stopped) {
        const trigger = this.trigger;
        this.trigger = null;
        await this.decideAndAct(trigger);
      }
    } catch (error) {
      // Without a durable log nothing may go on: the owner of the engine ends the node.
      this.stop();
      this.fail(error);
    } finally {
      this.busy = false;
      // A wake between the loop's last look and here found `busy` set and scheduled nothing.
      if (this.trigger !== null && !this.stopped) setImmediate(() => void this.run());
      else this.sleep();
    }
  }

  private async decideAndAct(trigger: string): Promise<void> {
    const { world } = this.ledger;
    const nowMs = this.clock.nowMs();
    const started = process.hrtime.bigint();
    world.graph.advance(nowMs);
    const plan = decide(world, nowMs, trigger);
    const latencyUs = Number((process.hrtime.bigint() - started) / 1000n);
    const events = this.toEvents(plan, nowMs, latencyUs);
    this.ledger.record(...events);
    // A milestone touches nothing but the log, and the log keeps its order: only what reaches out waits for the disk.
    const outside = plan.dispatches.filter((dispatch) => !this.isMilestone(dispatch));
    for (const dispatch of plan.dispatches)
      if (this.isMilestone(dispatch)) this.effects.dispatch(dispatch.task);
    if (events.length > 0) this.ahead += 1;
    const acts =
      outside.length +
      plan.generate.length +
      plan.abandon.length +
      plan.moves.length +
      (plan.pause ? 1 : 0);
    if (acts > 0 || this.trigger === null || this.ahead >= MOST_AHEAD) {
      this.ahead = 0;
      await this.ledger.durable();
    }
    for (const { task } of outside) this.effects.dispatch(task);
    for (const project of plan.generate) this.effects.generate(project);
    if (plan.pause) this.wake(plan.pause.kind);
    if (plan.abandon.length + plan.moves.length > 0) this.wake('attempt.abandoned');
  }

  private isMilestone({ task }: Dispatch): boolean {
    return this.ledger.world.tasks.get(task)?.spec.executor.kind === 'milestone';
  }

  /** Only a decision that changes something is an event: an idle node's log does not grow. */
  private toEvents(plan: Plan, nowMs: number, latencyUs: number): EventBody[] {
    const { store, world } = this.ledger;
    const term = world.leadership?.term ?? 0;
    const rails = railChanges(plan, this.ledger);
    const { dispatches, generate, abandon, moves, pause } = plan;
    const acts =
      dispatches.length + generate.length + abandon.length + moves.length + (pause ? 1 : 0);
    if (acts + rails.length === 0) return [];
    return [
      { type: 'decision.made', decision: { ...plan.decision, latencyUs } },
      ...rails,
      ...(plan.pause ? [pauseEvent(plan.pause)] : []),
      ...abandon.map((lost): EventBody => ({ type: 'attempt.abandoned', ...lost, term })),
      ...moves.flatMap((move) => moveEvent(world, move, term)),
      ...plan.dispatches.map((dispatch) => dispatchEvent(dispatch, nowMs, store.node, term)),
      ...plan.generate.map((project): EventBody => {
        const cycle = (world.projects.get(project)?.cycle ?? 0) + 1;
        return { type: 'cycle.started', project, cycle, trigger: plan.decision.trigger };
      }),
    ];
  }

  /** Until the next time at which the world changes by itself, at most one tick. */
  private sleep(): void {
    this.timer?.cancel();
    if (this.stopped) return;
    this.effects.rested();
    const nowMs = this.clock.nowMs();
    // A wall clock that was set back must not put the next tick off by as much.
    this.lastTickMs = Math.min(this.lastTickMs, nowMs);
    const tickAtMs = this.lastTickMs + this.ledger.world.autonomy(nowMs).tickMs;
    const nextMs = Math.min(tickAtMs, nextChangeMs(this.ledger.world, nowMs) ?? Infinity);
    this.timer = this.clock.after(Math.max(1, nextMs - nowMs), () => {
      if (this.clock.nowMs() >= tickAtMs) {
        this.lastTickMs = this.clock.nowMs();
        this.effects.observe();
      }
      this.wake('tick');
    });
  }
}

function dispatchEvent(dispatch: Dispatch, nowMs: number, self: NodeId, term: number): EventBody {
  const { task, project, attempt, node, worth, reason, priority, route } = dispatch;
  return {
    type: 'task.dispatched',
    task,
    project,
    assignment: {
      attempt,
      node,
      term,
      by: self,
      atMs: nowMs,
      timeoutMs: dispatch.timeoutMs,
      fallbacks: [...dispatch.fallbacks],
      expected: { pSuccess: worth.pSuccess, durationMs: dispatch.estimateMs },
      ...(route ? { route } : {}),
    },
    score: worth.score,
    reason,
    priority,
    alternatives: [...dispatch.alternatives],
  };
}

/** Its node gives the task back with its last checkpoint, and the next decision sends it on. */
function moveEvent(world: World, { task, attempt, from, reason }: Move, term: number): EventBody[] {
  const project = world.tasks.get(task)?.spec.project;
  if (project === undefined) return [];
  return [{ type: 'attempt.abandoned', task, project, attempt, node: from, term, reason }];
}

function pauseEvent(pause: NonNullable<Plan['pause']>): EventBody {
  const { reason, untilMs } = pause;
  return pause.kind === 'pause'
    ? { type: 'builds.paused', by: 'engine', who: 'engine', reason, untilMs }
    : { type: 'builds.resumed', by: 'engine', who: 'engine', reason };
}

/** Rails that began or ceased to bind. A rail of one task (its attempts) is settled where it ends. */
function railChanges(plan: Plan, { world }: Ledger): EventBody[] {
  const changes: EventBody[] = [];
  const binding = new Set(plan.rails.map((rail) => `${rail.limit} ${rail.subject}`));
  for (const rail of plan.rails) {
    if (!world.limits.get(`${rail.limit} ${rail.subject}`)?.reached)
      changes.push({ type: 'limit.reached', ...rail });
  }
  for (const [key, limit] of world.limits) {
    if (limit.reached && !binding.has(key) && !limit.subject.startsWith('T-')) {
      changes.push({ type: 'limit.cleared', limit: limit.limit, subject: limit.subject });
    }
  }
  return changes;
}

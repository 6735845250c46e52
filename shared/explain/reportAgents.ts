import type { ReportView } from '../model/reportApi.ts';
import type { EventBody } from '../model/events.ts';
import type { TaskId } from '../model/ids.ts';
import { Rung } from '../model/route.ts';

/** A task that agents work on, until it ends. */
interface AgentTask {
  /** Of the attempt under way, and of the one that passed and waits for its merge. */
  rung: Rung;
  /** Whether that attempt answers a failure. Only an attempt of which that is false is a first one. */
  heals: boolean;
  /** A tester wrote tests before the first attempt ended. */
  testsFirst: boolean;
  failedOnce: boolean;
  /** How the attempt under way was counted when it passed, should its merge fail. */
  passed: Success | null;
}

interface Success {
  tasks: number;
  successes: number;
}

/** What agents' attempts came to in the window. Updated in place, as the report that it is a part of. */
export interface AgentTally {
  readonly open: Map<TaskId, AgentTask>;
  readonly withTests: Success;
  readonly withoutTests: Success;
  readonly heals: Map<Rung, Success>;
  /** Tasks that failed at least once and have ended. */
  readonly healed: Success;
  /** Parts of a split task that have not ended, with the task. */
  readonly parts: Map<TaskId, TaskId>;
}

const none = (): Success => ({ tasks: 0, successes: 0 });

export function emptyAgents(): AgentTally {
  return {
    open: new Map(),
    withTests: none(),
    withoutTests: none(),
    heals: new Map(),
    healed: none(),
    parts: new Map(),
  };
}

/** Takes in an event; those that have nothing to do with agents' attempts change nothing. */
export function foldAgents(tally: AgentTally, body: EventBody): void {
  switch (body.type) {
    case 'task.dispatched': {
      const { route } = body.assignment;
      if (!route) return;
      const known = tally.open.get(body.task);
      const heals = route.signature !== null;
      tally.open.set(body.task, {
        rung: route.rung,
        heals,
        testsFirst: known?.testsFirst ?? false,
        failedOnce: known?.failedOnce === true || heals,
        passed: null,
      });
      return;
    }
    case 'agent.started': {
      const task = tally.open.get(body.task);
      if (task && body.role === 'tester' && !task.heals) task.testsFirst = true;
      return;
    }
    case 'attempt.passed': {
      const task = tally.open.get(body.task);
      if (!task) return;
      task.passed = countOf(tally, task);
      task.passed.tasks += 1;
      task.passed.successes += 1;
      if (body.commit === null) ended(tally, body.task, true);
      return;
    }
    case 'attempt.failed': {
      const task = tally.open.get(body.task);
      if (!task) return;
      // It passed and then could not be merged: no success after all.
      if (task.passed) task.passed.successes -= 1;
      else if (!body.failure.interrupted) countOf(tally, task).tasks += 1;
      else return;
      task.passed = null;
      task.failedOnce = true;
      return;
    }
    case 'task.split': {
      const task = tally.open.get(body.task);
      tally.open.delete(body.task);
      if (task?.heals === true) for (const part of body.into) tally.parts.set(part, body.task);
      return;
    }
    case 'merge.done':
      return ended(tally, body.task, true);
    case 'task.failed':
      return ended(tally, body.task, false);
    case 'review.answered':
      if (body.answer === 'rejected') ended(tally, body.task, false);
      return;
    case 'task.cancelled':
      // What a human or the world took back says nothing about agents.
      tally.open.delete(body.task);
      forgetSplit(tally, body.task);
      return;
    default:
      return;
  }
}

export function viewAgents(tally: AgentTally): ReportView['agents'] {
  const { withTests, withoutTests, heals, healed } = tally;
  const shown = ({ tasks, successes }: Success) => ({
    tasks,
    firstAttemptSuccess: share({ tasks, successes }),
  });
  return {
    ...shown({
      tasks: withTests.tasks + withoutTests.tasks,
      successes: withTests.successes + withoutTests.successes,
    }),
    withTestsFirst: shown(withTests),
    withoutTestsFirst: shown(withoutTests),
    afterHealing: share(healed),
    heals: Rung.options.flatMap((rung) => {
      const count = heals.get(rung);
      return count ? [{ rung, tried: count.tasks, worked: count.successes }] : [];
    }),
  };
}

function countOf(tally: AgentTally, task: AgentTask): Success {
  if (task.heals) return healsBy(tally, task.rung);
  return task.testsFirst ? tally.withTests : tally.withoutTests;
}

function healsBy(tally: AgentTally, rung: Rung): Success {
  const count = tally.heals.get(rung) ?? none();
  tally.heals.set(rung, count);
  return count;
}

function ended(tally: AgentTally, id: TaskId, well: boolean): void {
  const task = tally.open.get(id);
  tally.open.delete(id);
  if (task?.failedOnce === true) {
    tally.healed.tasks += 1;
    if (well) tally.healed.successes += 1;
  }
  partEnded(tally, id, well);
}

/** A task that was split is healed when all its parts have ended well, and not when one did not. */
function partEnded(tally: AgentTally, part: TaskId, well: boolean): void {
  const whole = tally.parts.get(part);
  if (whole === undefined) return;
  tally.parts.delete(part);
  if (well && [...tally.parts.values()].includes(whole)) return;
  forgetParts(tally, whole);
  for (const count of [healsBy(tally, 'decompose'), tally.healed]) {
    count.tasks += 1;
    if (well) count.successes += 1;
  }
}

function forgetSplit(tally: AgentTally, part: TaskId): void {
  const whole = tally.parts.get(part);
  if (whole !== undefined) forgetParts(tally, whole);
}

function forgetParts(tally: AgentTally, whole: TaskId): void {
  for (const [part, of] of tally.parts) if (of === whole) tally.parts.delete(part);
}

/** Null where nothing is known. */
function share({ tasks, successes }: Success): number | null {
  return tasks === 0 ? null : successes / tasks;
}

import type { BudgetSetting } from '../model/budget.ts';
import { Budget } from '../model/budget.ts';
import type { LoggedEvent } from '../model/events.ts';
import type { ApprovalId, TaskId } from '../model/ids.ts';

/** Answers that are remembered: of a question, its answers come within one absence of a machine. */
const KEPT = 200;

type Answered = Extract<LoggedEvent['body'], { type: 'approval.answered' }>;
type Granted = Extract<LoggedEvent['body'], { type: 'budget.granted' }>;

/** The first answer to a question, by Lamport clock and then by node: the same one on every node. */
interface FirstAnswer {
  readonly answer: Answered['answer'];
  readonly clock: number;
  readonly node: string;
}

interface Grant {
  readonly task: TaskId;
  readonly tokens: number;
  readonly calls: number;
}

/**
 * What hangs on answers. Two people who are cut off from each other may answer one question: each
 * side goes by the answer that it knows, and once they meet, what a yes did that came second to a no
 * is taken back.
 */
export interface Answers {
  readonly first: Readonly<Record<ApprovalId, FirstAnswer>>;
  /** By question, so that two who say yes grant once. */
  readonly grants: Readonly<Record<string, Grant>>;
  readonly budget: BudgetSetting;
}

export function noAnswers(): Answers {
  const budget = Budget.parse({});
  return { first: {}, grants: {}, budget: { budget, approval: null, before: budget } };
}

/** Takes in an answer, its own or another node's, in whatever order they come. */
export function observeAnswer(answers: Answers, body: Answered, event: LoggedEvent): Answers {
  const { clock, node } = event;
  const known = answers.first[body.approval];
  if (known && (known.clock - clock || (known.node < node ? -1 : 1)) <= 0) return answers;
  const { [body.approval]: _, ...others } = answers.first;
  const kept = Object.entries(others).slice(1 - KEPT);
  const first = {
    ...Object.fromEntries(kept),
    [body.approval]: { answer: body.answer, clock, node },
  };
  return { ...answers, first };
}

/** Takes in what a yes granted to a task. */
export function observeGrant(answers: Answers, body: Granted, event: LoggedEvent): Answers {
  const { task, tokens, calls } = body;
  const key = body.approval ?? `${event.node}/${event.seq}`;
  return { ...answers, grants: { ...answers.grants, [key]: { task, tokens, calls } } };
}

/** Lets go of what an ended task was granted. */
export function forgetGrants(answers: Answers, task: TaskId): Answers {
  const all = Object.entries(answers.grants);
  const kept = all.filter(([, grant]) => grant.task !== task);
  return kept.length === all.length ? answers : { ...answers, grants: Object.fromEntries(kept) };
}

/** What a task may use on top of the cap of all tasks, by answers that count. */
export function grantOf(answers: Answers, task: TaskId): { tokens: number; calls: number } {
  let [tokens, calls] = [0, 0];
  for (const [key, grant] of Object.entries(answers.grants)) {
    if (grant.task !== task || isDenied(answers, key)) continue;
    tokens += grant.tokens;
    calls += grant.calls;
  }
  return { tokens, calls };
}

/** The budget that holds: the one set last, unless the yes that it hangs on came after a no. */
export function budgetOf(answers: Answers): Budget {
  const { budget, approval, before } = answers.budget;
  return approval !== null && isDenied(answers, approval) ? before : budget;
}

function isDenied({ first }: Answers, approval: string): boolean {
  return first[approval as ApprovalId]?.answer === 'denied';
}

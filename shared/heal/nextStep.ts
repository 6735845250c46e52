import { choiceName } from '../learn/routing.ts';
import type { AgentChoice } from '../model/agent.ts';
import type { Failure, FailureClass } from '../model/attempt.ts';
import type { Rung } from '../model/route.ts';
import { adviceFor, fixFor } from './advice.ts';
import { pRemedy, type Remedy, type RemedyMemory } from './memory.ts';
import { kindOf } from './signature.ts';

/** An attempt that failed: how it came about, and how it ended. */
export interface FailedAttempt {
  /** What led to it; `first` when nothing had failed before. */
  readonly rung: Rung;
  /** Who did it; null where no agent did. */
  readonly choice: AgentChoice | null;
  /** What it was told because of the failure before. */
  readonly instruction: string | null;
  readonly failure: Failure;
  /** Of its failure. */
  readonly signature: string;
}

/** What to do about a failure (H1). */
export interface Step {
  readonly rung: Exclude<Rung, 'first'>;
  readonly why: string;
  /** What the next attempt is told; null when no attempt follows. */
  readonly instruction: string | null;
  /** Who is not to do it. */
  readonly exclude: readonly AgentChoice[];
  /** Who is to do it again, where that is possible; null: whoever's turn it is. */
  readonly prefer: AgentChoice | null;
  /** For the human, when the engine gives up: what to do. */
  readonly recommendation: string | null;
}

/** By class (G4), what is tried and how often for one signature, in this order where nothing is known. */
const LADDERS: Readonly<Record<FailureClass, Partial<Readonly<Record<Remedy, number>>>>> = {
  'ambiguous-spec': { rewrite: 1, redirect: 1, decompose: 1 },
  'missing-context': { retry: 1, redirect: 1, rewrite: 1, decompose: 1 },
  external: { retry: 3, redirect: 2 },
  'too-complex': { decompose: 1, rewrite: 1 },
  'model-limit': { redirect: 2, decompose: 1 },
  infrastructure: { retry: 2, redirect: 1 },
};
/** Kinds that the class alone would treat wrongly. */
const LADDERS_BY_KIND: Readonly<
  Record<string, Partial<Readonly<Record<Remedy, number>>> | undefined>
> = {
  // H5: up to three retries, then the test is skipped with an annotation.
  'flaky-test': { retry: 3, rewrite: 1 },
  // Going on costs money that a human has to grant.
  budget: { decompose: 1 },
  'out-of-memory': { retry: 2, redirect: 1, decompose: 1 },
  'dependency-resolution': { retry: 2, rewrite: 1 },
  'missing-deliverable': { retry: 1, rewrite: 1, redirect: 1, decompose: 1 },
  scope: { retry: 1, rewrite: 1, redirect: 1, decompose: 1 },
  'agent-crash': { retry: 1, redirect: 2 },
};
/** How likely the first rung of a ladder helps where nothing is known; each further one a tenth less. */
const FIRST_PLACE_SHARE = 0.6;
const NEXT_PLACE_LESS = 0.1;
/** What helps less often than this wastes an attempt: a human sees it sooner. */
const GIVE_UP_BELOW = 0.12;
/** These change the task itself; doing so twice means that the task is not understood. */
const ONCE_PER_TASK: ReadonlySet<Remedy> = new Set<Remedy>(['rewrite', 'decompose']);

/**
 * What comes after the last failure of `history` (oldest first): the remedy of its class that is most
 * likely to help by what is remembered, and that was not used up on the same failure. Ends with a human
 * when none is left or `limits.attempts` are used. An interrupted attempt must not be in the history.
 */
export function nextStep(
  history: readonly FailedAttempt[],
  available: readonly AgentChoice[],
  memory: RemedyMemory,
  limits: { readonly attempts: number },
): Step {
  const last = history.at(-1);
  if (last === undefined) throw new RangeError('nothing has failed yet');
  if (history.length >= limits.attempts)
    return human(last, `all ${limits.attempts} attempts are used`, history);

  const tried = triedBy(history, last.signature);
  const untried = available.filter((choice) => !tried.has(choiceName(choice)));
  const ladder = LADDERS_BY_KIND[kindOf(last.signature)] ?? LADDERS[last.failure.class];
  const possible = (Object.entries(ladder) as [Remedy, number][])
    .map(([rung, max], place) => {
      const placeShare = FIRST_PLACE_SHARE - NEXT_PLACE_LESS * place;
      return { rung, max, ...pRemedy(memory, last.signature, rung, placeShare) };
    })
    .filter(({ rung, max }) => uses(history, rung, last.signature) < max)
    .filter(({ rung }) => rung !== 'redirect' || untried.length > 0)
    .filter(({ p }) => p >= GIVE_UP_BELOW)
    // The ladder's order stays among equals.
    .toSorted((a, b) => b.p - a.p);
  const [best] = possible;
  if (best === undefined)
    return human(last, 'nothing that is known to help is left to try', history);

  const { rung, p, worked, tried: times } = best;
  const record =
    times === 0
      ? `helps in about ${percent(p)} of such cases`
      : `helped in ${Math.round(worked)} of ${Math.round(times)} such cases here`;
  return {
    rung,
    why: `${last.failure.class} (${last.failure.reason}): ${rung} ${record}`,
    instruction: adviceFor(rung, last, uses(history, rung, last.signature) + 1),
    exclude: rung === 'redirect' ? available.filter((c) => tried.has(choiceName(c))) : [],
    prefer: rung === 'retry' ? last.choice : null,
    recommendation: null,
  };
}

/** Who has failed with this very failure before. */
function triedBy(history: readonly FailedAttempt[], signature: string): ReadonlySet<string> {
  const failed = history.filter((attempt) => attempt.signature === signature);
  return new Set(failed.flatMap(({ choice }) => (choice === null ? [] : [choiceName(choice)])));
}

/** How often a remedy was used against this failure; what changes the task counts whatever it was for. */
function uses(history: readonly FailedAttempt[], rung: Remedy, signature: string): number {
  return history.filter(
    (attempt, i) =>
      attempt.rung === rung && (ONCE_PER_TASK.has(rung) || history[i - 1]?.signature === signature),
  ).length;
}

function human(last: FailedAttempt, cause: string, history: readonly FailedAttempt[]): Step {
  const steps = history.map(
    ({ rung, choice, failure }, i) =>
      `${i + 1}. ${rung}${choice === null ? '' : ` by ${choiceName(choice)}`}: ${failure.reason}`,
  );
  return {
    rung: 'human',
    why: `${cause}; last: ${last.failure.reason}`,
    instruction: null,
    exclude: [],
    prefer: null,
    recommendation: [fixFor(last), 'What was tried:', ...steps].join('\n'),
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

import type { AgentRole } from '../../../shared/model/agent.ts';
import { NO_SUM, spentUsd } from '../../../shared/learn/spend.ts';
import type { TaskRegisters } from '../../../shared/model/registers.ts';
import { monthHard } from '../../../shared/policy/budget.ts';
import { correctionsOf } from '../../../shared/policy/gates.ts';
import { buildPrompt, type ContextPart } from '../../../shared/prompt/buildPrompt.ts';
import type { Ledger } from '../ledger.ts';
import type { AttemptContext } from '../attemptContext.ts';

/** Bytes of a prompt: about 15,000 tokens, which leaves most models' context to the work itself. */
const PROMPT_BYTES = 60_000;

/** Where tests usually are. */
const TEST_FILES = ['**/*.test.*', '**/*.spec.*', 'test/**', 'tests/**', '**/__tests__/**'];

/** The prompt of a role in an attempt. What it is made of is logged, so that `explain` can show it. */
export function promptFor(
  ledger: Ledger,
  { order, task, runtime }: AttemptContext,
  role: AgentRole,
  context: readonly ContextPart[],
  /** What is said beside the ladder's instruction, e.g. that earlier work is there already. */
  notes: readonly string[] = [],
): string {
  const { spec } = task;
  const { profile } = runtime.project;
  const gates = ledger.world.projects.get(spec.project)?.gates;
  const instruction = [order.route?.instruction ?? null, ...notes]
    .filter((line) => line !== null)
    .join('\n');
  const { text, parts } = buildPrompt(
    {
      role,
      spec,
      scope: role === 'tester' ? TEST_FILES : spec.scope,
      deliverables: spec.deliverables,
      fallbacks: order.fallbacks,
      testCommand: profile.test,
      facts: [
        `Language: ${profile.language}. Package manager: ${profile.packageManager}.`,
        ...(profile.lint === null ? [] : [`Lint: ${profile.lint}`]),
        ...profile.notes,
      ],
      budget: budgetOf(ledger, task),
      instruction: instruction === '' ? null : instruction,
      corrections: gates
        ? correctionsOf(gates)
            .map((correction) => correction.text)
            .toReversed()
        : [],
      report: role === 'writer' ? reportOf(task) : null,
      context,
    },
    PROMPT_BYTES,
  );
  ledger.record({
    type: 'context.built',
    task: spec.id,
    project: spec.project,
    attempt: order.attempt,
    role,
    bytes: Buffer.byteLength(text),
    parts: parts.map((part) => ({ ...part })),
  });
  return text;
}

/** What the last attempt that failed by itself was told, for the next one (X5). */
function reportOf({ attempts }: TaskRegisters): string | null {
  const failed = attempts.findLast(
    ({ state }) => state.state === 'failed' && !state.failure.interrupted,
  );
  return failed?.report ? failed.report : null;
}

/** What the task may still use: the tightest of all caps. */
function budgetOf(
  ledger: Ledger,
  { spec }: TaskRegisters,
): { tokens: number; calls: number; usd: number | null } {
  const { budget, spend, providers } = ledger.world.supply;
  const nowMs = ledger.nowMs();
  const used = spend.tasks[spec.id] ?? NO_SUM;
  const grant = spend.grants[spec.id] ?? { tokens: 0, calls: 0 };
  const spent = spentUsd(spend, nowMs);
  const metered = Object.values(providers).some(({ billing }) => billing === 'metered');
  const usd = Math.max(
    0,
    Math.min(
      budget.hour.hard - spent.hour,
      budget.day.hard - spent.day,
      monthHard(spend, budget, nowMs) - spent.month,
    ),
  );
  return {
    tokens: Math.max(0, budget.task.tokens + grant.tokens - used.tokens),
    calls: Math.max(0, budget.task.calls + grant.calls - used.calls),
    usd: metered ? usd : null,
  };
}

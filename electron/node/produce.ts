import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { WorkOrder } from '../../shared/world/order.ts';
import { VigilError } from '../../shared/model/errors.ts';
import type { MechanicRecipe } from '../../shared/model/task.ts';
import { publication } from '../../shared/policy/reserved.ts';
import { unshareDependencies } from '../execute/dependencies/dependencyFolders.ts';
import { runCommand } from '../execute/command/runCommand.ts';
import { runRecipe } from '../execute/mechanic/mechanic.ts';
import type { AttemptContext } from './attemptContext.ts';
import type { AgentHost } from './agents/agentHost.ts';
import type { ContextSource } from './agents/context.ts';
import type { EngineCalls } from './agents/engineCalls.ts';
import { writeByAgents, type Written } from './agents/writing.ts';
import { AttemptFailure } from './attemptFailure.ts';
import { attemptLogPath } from './layout.ts';
import type { Ledger } from './ledger.ts';
import { answerTo, askToPublish } from './publication.ts';

/** What does an attempt's work. */
export interface Workers {
  readonly ledger: Ledger;
  readonly home: string;
  readonly host: AgentHost;
  readonly sources: ContextSource;
  readonly calls: EngineCalls;
}

/** Does the work of an attempt in its workspace. Throws AttemptFailure when it did not end well. */
export async function produce(workers: Workers, context: AttemptContext): Promise<Written> {
  const { ledger, home, host, sources, calls } = workers;
  const { executor } = context.task.spec;
  switch (executor.kind) {
    case 'mechanic':
      await mend(home, context, executor.recipe);
      return { tests: [] };
    case 'command':
      await requireAllowed(ledger, context, executor.run);
      await command(ledger, home, context, executor.run);
      return { tests: [] };
    case 'agent':
      await unshareDependencies(context.workspace.path);
      return writeByAgents(ledger, host, sources, calls, context);
    case 'milestone':
      throw new VigilError(
        'internal',
        `this node can't run ${executor.kind} tasks in a workspace`,
        'Please report this.',
      );
  }
}

/** Carries out a recipe; the log says what was asked for and what was done. */
async function mend(
  home: string,
  { order, runtime, workspace, signal }: AttemptContext,
  recipe: MechanicRecipe,
): Promise<void> {
  const log = attemptLogPath(home, order.task, order.attempt);
  await mkdir(dirname(log), { recursive: true });
  await writeFile(log, `recipe ${JSON.stringify(recipe)}\n`);
  const { profile } = runtime.project;
  const hold = await runtime.hold(false);
  const wrap = hold.wrap(workspace.path, { writesDependencies: false });
  const result = await runRecipe(recipe, { root: workspace.path, profile, signal, wrap });
  await appendFile(
    log,
    'summary' in result ? `${result.summary}\n` : `nothing to do: ${result.nothing}\n`,
  );
}

/**
 * The last door before a command that others would see the effects of (O4). The queue holds such a task until its
 * question is answered; one that came here without a yes asks, and does not run.
 */
async function requireAllowed(
  ledger: Ledger,
  { task: { spec } }: AttemptContext,
  run: string,
): Promise<void> {
  const what = publication(run);
  if (what === null) return;
  const known = answerTo(ledger, spec.id, run);
  if (known?.answer === 'approved') return;
  const asked = known ? null : askToPublish(ledger, spec, ledger.world.freshApprovalId());
  if (asked) await ledger.commit(asked);
  const id = known?.id ?? asked?.approval ?? '';
  // Nothing was done, and nothing failed: the task waits for the answer.
  throw AttemptFailure.ofInterruption(`${what}, which nobody has allowed: ${id} asks a human`);
}

async function command(
  ledger: Ledger,
  home: string,
  { order, runtime, workspace, watch, signal }: AttemptContext,
  run: string,
): Promise<void> {
  const { task, project, attempt, timeoutMs } = order;
  const { limits } = nodeOf(ledger, order);
  const hold = await runtime.hold(false);
  // It may change dependencies; all other worktrees link to the same files.
  if (hold.held) await unshareDependencies(workspace.path);
  const startedMs = ledger.nowMs();
  const result = await runCommand({
    command: run,
    cwd: workspace.path,
    env: {
      VIGIL_TASK: task,
      VIGIL_ATTEMPT: String(attempt),
      VIGIL_FALLBACKS: order.fallbacks.join('\n'),
    },
    logFile: attemptLogPath(home, task, attempt),
    logBytes: limits.logBytes,
    timeoutMs,
    stallMs: limits.stallMs,
    maxMs: limits.maxAttemptMs,
    progressDir: workspace.path,
    signal,
    wrap: hold.wrap(workspace.path, { writesDependencies: true }),
    onSpawn: watch.onSpawn,
    onOverdue: () => {
      const runningMs = ledger.nowMs() - startedMs;
      ledger.record({ type: 'attempt.overdue', task, project, attempt, timeoutMs, runningMs });
    },
  });
  signal.throwIfAborted();
  if (result.timedOut)
    throw AttemptFailure.ofTimeout(result.timedOut, result.durationMs, result.tail);
  if (result.exitCode !== 0)
    throw AttemptFailure.ofCommand(result.exitCode, result.signal, result.tail);
}

function nodeOf({ world }: Ledger, order: WorkOrder) {
  const node = world.nodes.get(order.node);
  if (node) return node;
  throw new VigilError('internal', `the node ${order.node} is unknown`, 'Please report this.');
}

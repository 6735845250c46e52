import type { DiffStat } from '../../../shared/model/attempt.ts';
import { mayExplore } from '../../../shared/policy/budget.ts';
import { isTestFile } from '../../../shared/policy/tests.ts';
import { continueFrom, forgetCheckpoint } from '../../execute/repository/checkpoint.ts';
import { newestCheckpoint } from '../../execute/repository/newestCheckpoint.ts';
import { changesOf, restoreFiles } from '../../execute/repository/workingTree.ts';
import type { Workspace } from '../../execute/repository/workspace.ts';
import { AttemptFailure } from '../attemptFailure.ts';
import type { Ledger } from '../ledger.ts';
import type { AttemptContext } from '../attemptContext.ts';
import type { AgentHost } from './agentHost.ts';
import { Checkpoints } from './checkpoints.ts';
import type { ContextSource } from './context.ts';
import type { EngineCalls } from './engineCalls.ts';
import { promptFor } from './prompts.ts';
import { readySpec } from './specStage.ts';

/** What agents leave in a workspace, and what they may have touched beside the task's scope. */
export interface Written {
  /** Test files that the tester wrote: part of the result, whatever the scope says. */
  readonly tests: readonly string[];
}

/** Types of work whose tests are written first, by another agent (X6). */
const TEST_FIRST: ReadonlySet<string> = new Set(['implementation', 'fix']);

/**
 * Has agents do the work of an attempt in its workspace: tests first where that fits, then the writer.
 * Work of an earlier attempt that was interrupted, or is to be mended, is gone on from (X5, X8).
 * Throws AttemptFailure when an agent did not end well.
 */
export async function writeByAgents(
  ledger: Ledger,
  host: AgentHost,
  sources: ContextSource,
  calls: EngineCalls,
  given: AttemptContext,
): Promise<Written> {
  const { order, workspace, signal } = given;
  const { route } = order;
  if (!route) throw AttemptFailure.ofAgent('none', 'failed', 'no agent was chosen for it');
  const continued = await goOn(ledger, given);
  const parts = await sources.gather(given);
  const task = await readySpec(ledger, calls, given, parts);
  const context = { ...given, task };
  signal.throwIfAborted();
  const checkpoints = new Checkpoints(ledger, context);
  checkpoints.start();
  try {
    const { choice, fallbacks } = route;
    const tests = continued
      ? await testsIn(workspace)
      : await writeTestsFirst(ledger, host, context, parts);
    const notes = [
      ...(continued
        ? [
            `Work of an earlier attempt is in the working directory already: go on from it. The directory is ${workspace.path}; one that you may remember is gone.`,
          ]
        : []),
      ...(tests.length > 0 ? [`Tests for this task are there already: ${tests.join(', ')}.`] : []),
    ];
    const before = tests.length > 0 ? await snapshotOf(workspace) : null;
    await host.run({
      context,
      role: 'writer',
      choice,
      fallbacks,
      category: route.rung === 'first' ? 'coding' : 'healing',
      prompt: promptFor(ledger, context, 'writer', parts, notes),
    });
    // The writer makes the tests pass; what they ask for is not the writer's to change.
    if (before !== null && !continued) await restoreFiles(workspace, before, tests);
    return { tests };
  } finally {
    await checkpoints.stop();
  }
}

/** Lays down what an earlier attempt left, when this one is to go on from it. */
async function goOn(
  ledger: Ledger,
  { task, order, runtime, workspace }: AttemptContext,
): Promise<boolean> {
  const { id, project } = task.spec;
  const { repository } = runtime.clone;
  const last = task.attempts.findLast((attempt) => attempt.number < order.attempt);
  // One whose node was lost never said how it ended.
  const interrupted = last?.state.state !== 'failed' || last.state.failure.interrupted;
  const found = await newestCheckpoint(runtime.clone, id);
  if (last === undefined || found === null) return false;
  const { commit } = found;
  if (interrupted || order.route?.rung === 'retry') {
    const continues = await continueFrom(workspace, commit);
    const from = { attempt: found.attempt, node: found.node ?? ledger.store.node };
    if (continues)
      await ledger.commit({
        type: 'attempt.continued',
        task: id,
        project,
        attempt: order.attempt,
        commit,
        from,
      });
    return continues;
  }
  // Another agent, or another spec: it starts afresh.
  await forgetCheckpoint(repository, id);
  return false;
}

async function writeTestsFirst(
  ledger: Ledger,
  host: AgentHost,
  context: AttemptContext,
  parts: Awaited<ReturnType<ContextSource['gather']>>,
): Promise<string[]> {
  const { order, task, runtime, workspace } = context;
  const { supply } = ledger.world;
  const { route } = order;
  if (!route || !TEST_FIRST.has(task.spec.type) || runtime.project.profile.test === null) return [];
  if (!mayExplore(supply.spend, supply.budget, ledger.nowMs())) return [];
  await host.run({
    context,
    role: 'tester',
    choice: route.choice,
    fallbacks: route.fallbacks,
    category: 'validation',
    prompt: promptFor(ledger, context, 'tester', parts),
  });
  const { files } = await changesOf(workspace);
  const others = files.filter((file) => !isTestFile(file));
  // A tester changes test files only, whatever its commands did.
  await restoreFiles(workspace, workspace.base, others);
  return files.filter(isTestFile);
}

async function testsIn(workspace: Workspace): Promise<string[]> {
  const { files }: DiffStat = await changesOf(workspace);
  return files.filter(isTestFile);
}

async function snapshotOf(workspace: Workspace): Promise<string> {
  return (await changesOf(workspace)).tree;
}

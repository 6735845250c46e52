import { join } from 'node:path';
import type { DiffStat, Verification } from '../../shared/model/attempt.ts';
import type { Limits } from '../../shared/model/config.ts';
import type { TestReport } from '../../shared/model/project.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import { workKind } from '../../shared/model/task.ts';
import { threshold } from '../../shared/learn/quality.ts';
import { verifyAttempt } from '../execute/verify/verifyAttempt.ts';
import type { Workspace } from '../execute/repository/workspace.ts';
import type { Hold } from './containment.ts';
import type { Ledger } from './ledger.ts';
import type { ProcessWatch } from './processWatch.ts';
import type { ProjectRuntime } from './projectRuntime.ts';

export interface VerificationRequest {
  readonly task: TaskRegisters;
  readonly runtime: ProjectRuntime;
  /** Holds the result; its base is what the result is compared with. */
  readonly workspace: Workspace;
  readonly watch: ProcessWatch;
  /** What the attempt changed, null when nothing. */
  readonly diff: DiffStat | null;
  readonly signal: AbortSignal;
  /** Files that belong to the result although the task's scope does not name them. */
  readonly alsoInScope?: readonly string[];
}

/**
 * Checks what a workspace holds against the project as it was at the workspace's base (X4): only what
 * got worse counts. Throws what running tests throws.
 */
export async function verifyWorkspace(
  ledger: Ledger,
  request: VerificationRequest,
): Promise<{ verification: Verification; held: boolean }> {
  const { task, runtime, workspace, watch, diff, signal, alsoInScope = [] } = request;
  const scope = task.spec.scope.length === 0 ? [] : [...task.spec.scope, ...alsoInScope];
  const spec = { ...task.spec, scope };
  const { limits, world } = ledger;
  const hold = await runtime.hold(spec.executor.kind === 'agent');
  const learned = threshold(world.learned.quality, workKind(spec), ledger.nowMs());
  const verification = await verifyAttempt({
    workspace,
    spec,
    profile: runtime.project.profile,
    diff,
    baseline: await baselineOf(ledger, request, hold, limits),
    threshold: Math.max(spec.minQuality ?? 0, learned),
    limits,
    logFile: join(runtime.logs, `tests-${spec.id}.log`),
    signal,
    onSpawn: watch.onSpawn,
    wrap: hold.wrap(workspace.path, { writesDependencies: false }),
  });
  signal.throwIfAborted();
  return { verification, held: hold.held };
}

/** What the tests said at the base; they are run now where that is not known. */
async function baselineOf(
  ledger: Ledger,
  { runtime, workspace, watch, signal }: VerificationRequest,
  hold: Hold,
  limits: Limits,
): Promise<TestReport> {
  const known = runtime.known(workspace.base, hold);
  if (known) return known;
  const baseline = ledger.world.projects.get(runtime.project.id)?.baseline;
  if (baseline?.commit === workspace.base && (baseline.held ?? false) === hold.held)
    return baseline.tests;
  return runtime.test(workspace.base, hold, limits, watch.onSpawn, signal);
}

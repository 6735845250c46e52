import type { Limits } from '../../../shared/model/config.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { LintDelta } from './lint.ts';
import type { WrapCommand } from '../../tools/wrapCommand.ts';
import { git, gitLine } from '../repository/git.ts';
import { runCommand, type RunResult } from '../command/runCommand.ts';
import type { ProcessRecord } from '../command/processGroup.ts';
import type { Workspace } from '../repository/workspace.ts';

/** A linter that needs longer is given up unless it still prints, ms. */
const LINT_TIMEOUT_MS = 5 * 60_000;

export interface LintCommandRun {
  readonly workspace: Pick<Workspace, 'path' | 'base'>;
  readonly command: string;
  readonly limits: Pick<Limits, 'stallMs' | 'maxAttemptMs'>;
  readonly signal?: AbortSignal;
  readonly onSpawn?: (record: ProcessRecord) => void;
  readonly wrap?: WrapCommand | undefined;
}

/**
 * Runs the lint command that a project named for Vigil. Where it fails, it is run at the base too, for
 * which the workspace is switched there and back: it is worse when it says more than it did.
 * @throws VigilError `command-failed` when the command could not be started or `signal` ended it; `git-failed`.
 */
export async function lintByCommand(run: LintCommandRun): Promise<LintDelta> {
  const { workspace, command } = run;
  const after = await runOnce(run);
  if (after.timedOut !== false)
    return { kind: 'unknown', reason: `\`${command}\` did not finish in time` };
  if (after.exitCode === 0)
    return { kind: 'judged', worse: false, detail: `\`${command}\` found nothing` };
  const before = await atBase(workspace, () => runOnce(run));
  if (before.timedOut !== false)
    return { kind: 'unknown', reason: `\`${command}\` did not finish in time before the change` };
  if (before.exitCode === 0)
    return {
      kind: 'judged',
      worse: true,
      detail: `\`${command}\` fails, and did not before: ${lastWords(after)}`,
    };
  const detail = `\`${command}\` failed before the change too; lines that it says: ${before.lines} → ${after.lines}`;
  return { kind: 'judged', worse: after.lines > before.lines, detail };
}

async function runOnce({
  workspace,
  command,
  limits,
  signal,
  onSpawn,
  wrap,
}: LintCommandRun): Promise<RunResult & { lines: number }> {
  let lines = 0;
  const result = await runCommand({
    command,
    cwd: workspace.path,
    wrap,
    timeoutMs: LINT_TIMEOUT_MS,
    stallMs: limits.stallMs,
    maxMs: Math.max(limits.maxAttemptMs, LINT_TIMEOUT_MS),
    ...(signal !== undefined && { signal }),
    ...(onSpawn !== undefined && { onSpawn }),
    onLine: (line) => {
      if (line.trim() !== '') lines += 1;
    },
  });
  if (result.aborted)
    throw new VigilError(
      'command-failed',
      'The lint command was stopped before it ended.',
      'Start it again.',
    );
  return { ...result, lines };
}

async function atBase<T>(
  { path, base }: Pick<Workspace, 'path' | 'base'>,
  act: () => Promise<T>,
): Promise<T> {
  const branch = await gitLine(path, ['rev-parse', '--abbrev-ref', 'HEAD']);
  const commit = await gitLine(path, ['rev-parse', 'HEAD']);
  await git(path, ['checkout', '--quiet', '--force', '--detach', base]);
  try {
    return await act();
  } finally {
    await git(path, [
      'checkout',
      '--quiet',
      '--force',
      ...(branch === 'HEAD' ? ['--detach', commit] : [branch]),
    ]);
  }
}

function lastWords({ tail }: RunResult): string {
  return tail.trim().split('\n').slice(-3).join(' / ').slice(-300);
}

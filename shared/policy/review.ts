import type { Verification } from '../model/attempt.ts';
import type { ProjectProfile } from '../model/project.ts';
import type { TaskSpec } from '../model/task.ts';

/** Why a human has to approve a result before it merges, or null when the checks are enough. */
export function needsReview(
  spec: Pick<TaskSpec, 'review' | 'risk'>,
  profile: Pick<ProjectProfile, 'review' | 'test'>,
  verification: Verification,
): string | null {
  if (spec.review) return 'the task asks for a review';
  if (spec.risk === 'high') return 'the task is of high risk';
  if (profile.review) return 'the project asks for a review of every result';
  if (profile.test === null)
    return 'the project has no test command, so nothing says that it still works';
  const tests = verification.checks.find((check) => check.name === 'tests');
  if (tests?.verdict !== 'passed')
    return `the tests gave no answer: ${tests?.detail ?? 'they did not run'}`;
  return null;
}

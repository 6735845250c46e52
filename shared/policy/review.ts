import type { Check, Verification } from '../model/attempt.ts';
import type { ProjectProfile } from '../model/project.ts';
import type { TaskSpec } from '../model/task.ts';

/** Checks of the security gate: where one got no answer, a human has to give it. */
export function isSecurity(name: Check['name']): boolean {
  return name === 'secrets' || name === 'static' || name === 'dependencies';
}

/** Why a human has to approve a result before it merges, or null when the checks are enough. */
export function needsReview(
  spec: Pick<TaskSpec, 'review' | 'risk'>,
  profile: Pick<ProjectProfile, 'review' | 'test'>,
  verification: Verification,
  /** Of agents' results of this kind in the project; null for work that no agent did. */
  agent: { readonly gate: { readonly open: boolean; readonly reason: string } } | null,
): string | null {
  if (spec.review) return 'the task asks for a review';
  if (spec.risk === 'high') return 'the task is of high risk';
  if (profile.review) return 'the project asks for a review of every result';
  const open = verification.checks.find(
    ({ name, verdict }) => isSecurity(name) && verdict !== 'passed',
  );
  if (open !== undefined) return `the security gate gave no answer: ${open.name}: ${open.detail}`;
  const oversight = verification.checks.find(({ name }) => name === 'oversight');
  if (oversight !== undefined && oversight.verdict !== 'passed') return oversight.detail;
  if (profile.test === null)
    return 'the project has no test command, so nothing says that it still works';
  const tests = verification.checks.find((check) => check.name === 'tests');
  if (tests?.verdict !== 'passed')
    return `the tests gave no answer: ${tests?.detail ?? 'they did not run'}`;
  if (agent === null) return null;
  const review = verification.checks.find((check) => check.name === 'review');
  if (review?.verdict !== 'passed')
    return `no other agent has approved it: ${review?.detail ?? 'none reviewed it'}`;
  return agent.gate.open ? null : agent.gate.reason;
}

import type { Failure, FailureClass } from '../model/attempt.ts';
import type { Remedy } from './memory.ts';
import { kindOf } from './signature.ts';

interface Failed {
  readonly failure: Failure;
  readonly signature: string;
}

/** What mends a kind of failure, said to whoever works on it next. The first four are rules of H5. */
const ADVICE: Readonly<Record<string, string | undefined>> = {
  'type-error':
    'Annotate the types explicitly where the compiler complained: parameters, return types and empty collections.',
  'out-of-memory':
    'Memory ran out. Give the process half as much again if its limit is set in the project, and do not hold whole files or result sets at once.',
  'dependency-resolution':
    "Regenerate the lockfile with the project's package manager instead of editing it, and commit it with the manifest.",
  'flaky-test':
    'The failing test is suspected to be flaky. Wait for a condition where it waits for a time, and make it independent of order.',
  scope:
    'Leave every file outside the scope as it is. If the work truly needs one, say so in the report and stop.',
  'missing-deliverable': 'Create every deliverable under the exact path that the task names.',
  'nothing-changed':
    'The last attempt changed nothing. Make the change; if there is nothing to do, say why in the report.',
  secrets:
    'Take the secret out of the change and read it from the environment or a secret store. Never write a key into a file.',
  static: 'Replace the unsafe pattern that the check names by a safe one. Do not silence the rule.',
  dependencies:
    'Use a version of the dependency without the known weakness, or do without the dependency.',
  'review-findings': "Answer each of the reviewer's findings by a change, or say why it is wrong.",
  conflict:
    'The work conflicts with what merged meanwhile. Start from the present tree and keep both changes.',
  lint: 'Mend what the linter names. Do not silence the rule.',
  tests:
    'Mend the cause of the failing tests that the report names. Do not weaken or remove tests.',
  quality:
    'Make the change smaller and cover it by tests: the parts of the score say what is missing.',
  timeout: 'The last attempt ran out of time. Work in small steps and commit each that stands.',
  'agent-crash': 'The last agent broke off. Look at what it left in the workspace before going on.',
};

/** What a human can do, where the engine can do no more. */
const FIXES: Readonly<Record<FailureClass, string>> = {
  'ambiguous-spec':
    'say in the task what must exist afterwards and which files it may touch, then retry it',
  'missing-context':
    'read the last report: what the agents lacked is in it; add it to the task as a reference, then retry it',
  external: 'check that the service or network it names answers from this machine, then retry it',
  'too-complex': 'split the task into parts of one to three hours with one deliverable each',
  'model-limit': 'connect a model with a larger context, or split the task',
  infrastructure:
    'mend what the machine lacks (memory, disk, programs; see the reason), then retry it',
};
const FIXES_BY_KIND: Readonly<Record<string, string | undefined>> = {
  budget: 'grant the task more, or split it',
  secrets:
    'if the find is no secret, say so in the secret scanner’s ignore file; if it is, revoke it',
  dependencies: 'review the dependency and approve the result, or name another one in the task',
  scope: 'widen the scope of the task if the work needs it',
  'flaky-test': 'mend or quarantine the flaky test',
};

/** What the next attempt is told about the failure before it; `use` is how often the rung was used for it, from 1. */
export function adviceFor(rung: Remedy, { failure, signature }: Failed, use: number): string {
  const kind = kindOf(signature);
  const advice = ADVICE[kind];
  const again = use === 1 ? '' : ` This is try ${use} after the same failure: do it another way.`;
  const known = `The last attempt failed: ${failure.reason}.`;
  switch (rung) {
    case 'retry':
      return `${known} ${advice ?? 'Its report is below: start from what it says.'}${again}`;
    case 'redirect':
      return `${known} Another agent did that; judge for yourself what it left.${advice === undefined ? '' : ` ${advice}`}${again}`;
    case 'rewrite':
      return kind === 'flaky-test'
        ? `${known} Three retries did not help: skip the flaky test with an annotation that names this failure, and change nothing else for it.`
        : `${known} Write the spec anew so that this can't happen again: name files, criteria and limits.${advice === undefined ? '' : ` ${advice}`}`;
    case 'decompose':
      return `${known} Split the task into parts that one attempt can do, each with one deliverable; the first part is to settle what failed.`;
    default:
      return rung satisfies never;
  }
}

/** What a human is advised to do. */
export function fixFor({ failure, signature }: Failed): string {
  return `Recommended: ${FIXES_BY_KIND[kindOf(signature)] ?? FIXES[failure.class]}. Diagnosis: ${failure.class}, ${failure.reason}.`;
}

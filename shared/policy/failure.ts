import type { Failure, FailureClass, Verification } from '../model/attempt.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { TaskSpec } from '../model/task.ts';
import { MIN_SPECIFICITY } from './spec.ts';

/** What is known of an attempt that ended without a result to merge. */
export type FailureEvidence =
  /** The node stopped or died, or a human cancelled: not the attempt's fault. */
  | { readonly kind: 'interrupted'; readonly reason: string }
  /** `stalled`: over its time and showing no progress; `ceiling`: over the longest time there is. */
  | {
      readonly kind: 'timeout';
      readonly of: string;
      readonly how: 'stalled' | 'ceiling';
      readonly afterMs: number;
      readonly tail: string;
    }
  | { readonly kind: 'install'; readonly exitCode: number | null; readonly tail: string }
  | {
      readonly kind: 'command';
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly tail: string;
    }
  /** An agent that did not end its turn by itself: how, and its own words for it. */
  | {
      readonly kind: 'agent';
      readonly agent: string;
      readonly outcome: string;
      readonly detail: string;
    }
  | { readonly kind: 'conflict'; readonly files: readonly string[] }
  | { readonly kind: 'nothing-changed' }
  | {
      readonly kind: 'verification';
      readonly verification: Verification;
      readonly spec: Pick<TaskSpec, 'scores'>;
    }
  | { readonly kind: 'error'; readonly code: ErrorCode | null; readonly message: string };

/** What output says about the world outside the task; the first that matches names the class. */
const SIGNS: readonly {
  readonly pattern: RegExp;
  readonly class: FailureClass;
  readonly reason: string;
}[] = [
  {
    pattern: /ENOSPC|no space left on device|disk quota exceeded/i,
    class: 'infrastructure',
    reason: 'the disk is full',
  },
  {
    pattern: /ENOMEM|heap out of memory|cannot allocate memory|out of memory/i,
    class: 'infrastructure',
    reason: 'memory ran out',
  },
  {
    pattern: /EMFILE|ENFILE|too many open files/i,
    class: 'infrastructure',
    reason: 'too many open files',
  },
  {
    pattern: /context (length|window)|maximum (context|tokens)|max_tokens|prompt is too long/i,
    class: 'model-limit',
    reason: 'the model ran out of context',
  },
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network (is unreachable|timeout)|getaddrinfo|socket hang up/i,
    class: 'external',
    reason: 'the network or a service did not answer',
  },
  {
    pattern: /\b(E401|E403|E404|E429|E5\d\d)\b|rate limit|too many requests|service unavailable/i,
    class: 'external',
    reason: 'a service refused',
  },
];

/** Exit codes of the shell that speak of the machine and not of the work. */
const EXIT_REASONS: Readonly<Record<number, string>> = {
  126: 'a program may not be executed',
  127: 'a program is not installed',
};

/**
 * Sorts a failure into one of the six classes (G4) by its evidence:
 *
 * | evidence | class |
 * | --- | --- |
 * | node stopped, human cancelled | infrastructure, interrupted |
 * | output: disk, memory, file handles | infrastructure |
 * | output: context or token limit | model-limit |
 * | output: network, registry, rate limit | external |
 * | over time without progress | external (it waited for something) |
 * | over the longest time, with progress | too-complex |
 * | dependencies do not install | external |
 * | exit 126 or 127, ended by a signal | infrastructure |
 * | any other exit code | missing-context |
 * | agent refused the task | ambiguous-spec |
 * | agent over the longest time | too-complex |
 * | agent stalled, or its model answered with an error | external |
 * | agent crashed or broke the protocol | infrastructure |
 * | conflict with what merged meanwhile | missing-context |
 * | nothing changed; deliverable missing; out of scope | ambiguous-spec |
 * | secrets, unsafe code, dependencies or the reviewer's findings | missing-context |
 * | tests or lint failed | missing-context; ambiguous-spec when the spec is below `MIN_SPECIFICITY` |
 * | only the quality is too low | too-complex |
 * | a check could not run | infrastructure |
 */
export function classifyFailure(evidence: FailureEvidence): Failure {
  switch (evidence.kind) {
    case 'interrupted':
      return { class: 'infrastructure', reason: evidence.reason, interrupted: true };
    case 'timeout': {
      const minutes = (evidence.afterMs / 60_000).toFixed(1);
      return evidence.how === 'ceiling'
        ? failure(
            'too-complex',
            `${evidence.of} was still at work after ${minutes} minutes, the longest allowed`,
          )
        : (bySign(evidence.tail, evidence.of) ??
            failure(
              'external',
              `${evidence.of} passed its time and showed no progress; ended after ${minutes} minutes`,
            ));
    }
    case 'install':
      return (
        bySign(evidence.tail, 'installing dependencies') ??
        failure('external', `installing dependencies failed with ${exit(evidence.exitCode, null)}`)
      );
    case 'command':
      return bySign(evidence.tail, 'the command') ?? ofExit(evidence.exitCode, evidence.signal);
    case 'agent':
      return ofAgent(evidence);
    case 'conflict':
      return failure(
        'missing-context',
        `conflicts with what merged meanwhile in ${evidence.files.join(', ')}`,
      );
    case 'nothing-changed':
      return failure('ambiguous-spec', 'the attempt ended well but changed nothing');
    case 'verification':
      return ofVerification(evidence.verification, evidence.spec);
    case 'error':
      return ofError(evidence.code, evidence.message);
    default:
      return evidence satisfies never;
  }
}

function failure(kind: FailureClass, reason: string): Failure {
  return { class: kind, reason, interrupted: false };
}

function bySign(output: string, what: string): Failure | null {
  const sign = SIGNS.find(({ pattern }) => pattern.test(output));
  return sign === undefined ? null : failure(sign.class, `${what} failed: ${sign.reason}`);
}

function exit(code: number | null, signal: string | null): string {
  return code === null ? `signal ${signal ?? 'unknown'}` : `exit code ${code}`;
}

function ofAgent({ agent, outcome, detail }: Extract<FailureEvidence, { kind: 'agent' }>): Failure {
  const said = `the agent ${agent} ${outcome}: ${detail}`;
  switch (outcome) {
    case 'refused':
      return failure('ambiguous-spec', said);
    case 'ceiling':
      return failure('too-complex', said);
    case 'stalled':
      return failure('external', said);
    case 'failed': {
      const sign = bySign(detail, `the agent ${agent}`);
      return sign === null
        ? failure('external', said)
        : { ...sign, reason: `${sign.reason}: ${said}` };
    }
    default:
      return failure('infrastructure', said);
  }
}

function ofExit(code: number | null, signal: string | null): Failure {
  if (code === null)
    return failure('infrastructure', `the command was ended by ${exit(code, signal)}`);
  const known = EXIT_REASONS[code];
  return known === undefined
    ? failure('missing-context', `the command failed with ${exit(code, signal)}`)
    : failure('infrastructure', `the command failed: ${known} (${exit(code, signal)})`);
}

function ofVerification(verification: Verification, spec: Pick<TaskSpec, 'scores'>): Failure {
  const bad = verification.checks.filter((check) => check.verdict === 'failed');
  const first = bad[0];
  if (first === undefined) {
    const unknown = verification.checks.find((check) => check.verdict === 'unknown');
    return failure(
      'infrastructure',
      `a check could not run: ${unknown?.name ?? 'none'}: ${unknown?.detail ?? 'no check was made'}`,
    );
  }
  const reason = `${first.name}: ${first.detail}`;
  switch (first.name) {
    case 'deliverables':
    case 'scope':
    case 'oversight':
      return failure('ambiguous-spec', reason);
    case 'secrets':
    case 'static':
    case 'dependencies':
    case 'review':
      return failure('missing-context', reason);
    case 'tests':
    case 'lint':
      return failure(
        spec.scores.specificity < MIN_SPECIFICITY ? 'ambiguous-spec' : 'missing-context',
        reason,
      );
    case 'quality':
      return failure('too-complex', reason);
    default:
      return first.name satisfies never;
  }
}

function ofError(code: ErrorCode | null, message: string): Failure {
  const sign = bySign(message, 'the attempt');
  if (sign !== null) return { ...sign, reason: `${sign.reason}: ${message}` };
  if (code === 'install-failed') return failure('external', message);
  if (code === 'timeout') return failure('external', message);
  return failure('infrastructure', message);
}

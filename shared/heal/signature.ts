import type { Failure, FailureClass } from '../model/attempt.ts';

/** What kind of failure it was, as remedies are learned by. */
type FailureKind =
  | FailureClass
  | 'scope'
  | 'missing-deliverable'
  | 'nothing-changed'
  | 'secrets'
  | 'static'
  | 'dependencies'
  | 'review-findings'
  | 'budget'
  | 'conflict'
  | 'out-of-memory'
  | 'disk-full'
  | 'dependency-resolution'
  | 'flaky-test'
  | 'type-error'
  | 'lint'
  | 'quality'
  | 'tests'
  | 'timeout'
  | 'network'
  | 'agent-crash';

interface Sign {
  readonly kind: FailureKind;
  readonly pattern: RegExp;
  /** Also looked for in the output, which may speak of anything; else only in the reason. */
  readonly inEvidence: boolean;
}

/** The first that matches names the kind: what the engine itself found comes before what output says. */
const SIGNS: readonly Sign[] = [
  sign('scope', /^scope:/i),
  sign('missing-deliverable', /^deliverables:/i),
  sign('nothing-changed', /changed nothing/i),
  sign('secrets', /^secrets:/i),
  sign('static', /^static:/i),
  sign('dependencies', /^dependencies:/i),
  sign('review-findings', /^review:/i),
  sign('budget', /budget|task\.(tokens|calls)|(hour|day|month)\.(hard|criticalOnly)/i),
  sign('conflict', /conflicts with what merged/i),
  sign('quality', /^quality:/i),
  sign('out-of-memory', /memory ran out|ENOMEM|heap out of memory|out of memory|OOMKilled/i, true),
  sign('disk-full', /disk is full|ENOSPC|no space left|disk quota/i, true),
  sign(
    'model-limit',
    /ran out of context|context (length|window)|maximum (context|tokens)|prompt is too long/i,
    true,
  ),
  sign(
    'dependency-resolution',
    /ERESOLVE|unable to resolve dependency|ETARGET|EINTEGRITY|lock ?file.*(out of date|not up to date|mismatch)|ERR_PNPM_OUTDATED_LOCKFILE|npm ci.*in sync|installing dependencies failed/i,
    true,
  ),
  sign('flaky-test', /\bflaky\b|passed on (a |the )?(retry|second run)|intermittent/i, true),
  sign('type-error', /\bTS\d{4,5}\b|error TS|type error|not assignable to (type|parameter)/i, true),
  sign('lint', /^lint:/i),
  sign('tests', /^tests:/i),
  sign('timeout', /passed its time|longest allowed|timed? ?out|ran out of time/i),
  sign(
    'network',
    /network or a service|a service refused|ENOTFOUND|EAI_AGAIN|ECONN(REFUSED|RESET)|ETIMEDOUT|\b429\b|rate limit/i,
  ),
  sign('agent-crash', /agent.*(crash|exited|ended|died|broke off)|ended by signal/i),
];

/** Longest key: enough to tell two failures apart, short enough to be kept for ever. */
const MAX_KEY_CHARS = 80;
const MAX_CODES = 3;

function sign(kind: FailureKind, pattern: RegExp, inEvidence = false): Sign {
  return { kind, pattern, inEvidence };
}

/**
 * What a failure is known by: its kind and a key that is the same when the same thing fails again, as
 * `type-error:ts2345` or `scope:file src/n.ts is outside`. `evidence` is the output it left.
 */
export function failureSignature(failure: Failure, evidence: string): string {
  const found = SIGNS.find(
    ({ pattern, inEvidence }) =>
      pattern.test(failure.reason) || (inEvidence && pattern.test(evidence)),
  );
  const kind = found?.kind ?? failure.class;
  const codes = kind === 'type-error' ? codesIn(`${failure.reason}\n${evidence}`) : [];
  return `${kind}:${codes.length > 0 ? codes.join('+') : normal(failure.reason)}`;
}

/** The kind in a signature. */
export function kindOf(signature: string): string {
  return signature.split(':', 1)[0] ?? signature;
}

function codesIn(text: string): string[] {
  const codes = new Set((text.match(/\bTS\d{4,5}\b/g) ?? []).map((code) => code.toLowerCase()));
  return [...codes].toSorted().slice(0, MAX_CODES);
}

/** Without what differs from run to run: times, numbers, ids, temporary paths. */
function normal(reason: string): string {
  return reason
    .toLowerCase()
    .replaceAll(/\/(tmp|var|private)\/\S+/g, '<path>')
    .replaceAll(/\b[0-9a-f]{7,64}\b/g, '<id>')
    .replaceAll(/\d+(\.\d+)?/g, 'n')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_KEY_CHARS);
}

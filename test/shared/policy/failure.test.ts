import { describe, expect, it } from 'vitest';
import type { Check, FailureClass } from '../../../shared/model/attempt.ts';
import { classifyFailure, type FailureEvidence } from '../../../shared/policy/failure.ts';
import { verification } from './reports.ts';

const command = (tail: string, exitCode: number | null = 1): FailureEvidence => ({
  kind: 'command',
  exitCode,
  signal: exitCode === null ? 'SIGKILL' : null,
  tail,
});
const timeout = (how: 'stalled' | 'ceiling', tail = ''): FailureEvidence => ({
  kind: 'timeout',
  of: 'the command',
  how,
  afterMs: 90_000,
  tail,
});
const error = (
  message: string,
  code: Extract<FailureEvidence, { kind: 'error' }>['code'] = null,
): FailureEvidence => ({ kind: 'error', code, message });
const failed = (name: Check['name'], specificity = 0.9): FailureEvidence => ({
  kind: 'verification',
  verification: verification([
    { name: 'scope', verdict: 'passed', detail: '' },
    { name, verdict: 'failed', detail: 'see there' },
  ]),
  spec: { scores: { specificity, complexity: 0.2, notes: [] } },
});

const CASES: readonly (readonly [string, FailureEvidence, FailureClass, RegExp])[] = [
  ['a full disk', command('write: No space left on device'), 'infrastructure', /disk is full/],
  [
    'a full disk said by npm',
    { kind: 'install', exitCode: 1, tail: 'npm error code ENOSPC' },
    'infrastructure',
    /disk is full/,
  ],
  [
    'memory that ran out',
    command('FATAL ERROR: JavaScript heap out of memory', 134),
    'infrastructure',
    /memory/,
  ],
  ['too many open files', error('EMFILE: too many open files'), 'infrastructure', /open files/],
  [
    'a context that was too small',
    command("This model's maximum context length is 8192 tokens"),
    'model-limit',
    /context/,
  ],
  [
    'an unreachable registry',
    { kind: 'install', exitCode: 1, tail: 'getaddrinfo ENOTFOUND registry.npmjs.org' },
    'external',
    /network/,
  ],
  ['a service that refuses', command('429 Too Many Requests'), 'external', /refused/],
  [
    'an installation that fails',
    { kind: 'install', exitCode: 1, tail: 'ERESOLVE' },
    'external',
    /exit code 1/,
  ],
  [
    'a program that is not installed',
    command('sh: jq: not found', 127),
    'infrastructure',
    /not installed \(exit code 127\)/,
  ],
  ['a command ended by a signal', command('', null), 'infrastructure', /SIGKILL/],
  ['any other exit code', command('error: expected 2'), 'missing-context', /exit code 1/],
  ['silence past its time', timeout('stalled'), 'external', /1\.5 minutes/],
  [
    'silence after a word about memory',
    timeout('stalled', 'Cannot allocate memory'),
    'infrastructure',
    /memory/,
  ],
  [
    'work past the longest time',
    timeout('ceiling', 'ECONNRESET long ago'),
    'too-complex',
    /longest allowed/,
  ],
  ['a conflict', { kind: 'conflict', files: ['a.js', 'b.js'] }, 'missing-context', /a\.js, b\.js/],
  ['nothing changed', { kind: 'nothing-changed' }, 'ambiguous-spec', /changed nothing/],
  ['a missing deliverable', failed('deliverables'), 'ambiguous-spec', /deliverables: see there/],
  ['a change out of scope', failed('scope'), 'ambiguous-spec', /scope/],
  ['failing tests of a clear task', failed('tests'), 'missing-context', /tests/],
  ['failing tests of a vague task', failed('tests', 0.1), 'ambiguous-spec', /tests/],
  ['new lint errors', failed('lint'), 'missing-context', /lint/],
  ['only a low quality', failed('quality'), 'too-complex', /quality/],
  ['an installation that threw', error('npm ci failed', 'install-failed'), 'external', /npm ci/],
  ['anything unforeseen', error('undefined is not a function'), 'infrastructure', /undefined/],
];

describe('a failure', () => {
  it.each(CASES)('by %s is classed by its evidence', (_, evidence, expected, reason) => {
    expect(classifyFailure(evidence)).toMatchObject({
      class: expected,
      reason: expect.stringMatching(reason) as string,
      interrupted: false,
    });
  });

  it("of a check that could not run is not the work's", () => {
    const evidence: FailureEvidence = {
      kind: 'verification',
      verification: verification([{ name: 'lint', verdict: 'unknown', detail: 'ESLint crashed' }]),
      spec: { scores: { specificity: 1, complexity: 0, notes: [] } },
    };
    expect(classifyFailure(evidence)).toMatchObject({
      class: 'infrastructure',
      reason: 'a check could not run: lint: ESLint crashed',
    });
  });

  it('by the end of the node is an interruption', () => {
    expect(classifyFailure({ kind: 'interrupted', reason: 'the node was stopped' })).toEqual({
      class: 'infrastructure',
      reason: 'the node was stopped',
      interrupted: true,
    });
  });
});

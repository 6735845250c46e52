import type { Verification } from '../shared/model/attempt.ts';

const MARKS = { passed: '✓', failed: '✗', unknown: '?' } as const;

/** The checks of a verification and the parts of its quality score. */
export function Checks({ verification }: { verification: Verification }) {
  return (
    <ul className="checks">
      {verification.checks.map((check) => (
        <li key={check.name} className={check.verdict}>
          <span aria-hidden="true">{MARKS[check.verdict]}</span>
          <span>
            <b>{check.name}</b> <span className="hidden">{check.verdict}:</span> {check.detail}
          </span>
        </li>
      ))}
      <li>
        <span aria-hidden="true">·</span>
        <span>
          <b>quality</b> {verification.quality.toFixed(2)} of at least{' '}
          {verification.threshold.toFixed(2)} (
          {verification.parts.map((part) => `${part.name} ${part.value.toFixed(2)}`).join(', ')})
        </span>
      </li>
    </ul>
  );
}

import type { Verification } from '../model/attempt.ts';

/** Names of failing tests in a report; more would bury the rest. */
const MAX_NAMES = 50;

/** What the next attempt is told of a verification (X5): every check with its verdict, the failing first. */
export function reportFor(verification: Verification): string {
  const rank = { failed: 0, unknown: 1, passed: 2 } as const;
  const checks = verification.checks
    .toSorted((a, b) => rank[a.verdict] - rank[b.verdict])
    .map((check) => `- ${check.name}: ${check.verdict}. ${check.detail}`);
  const parts = verification.parts.map(({ name, value, weight, detail }) =>
    weight === 0
      ? `- ${name}: not counted. ${detail}`
      : `- ${name}: ${value.toFixed(2)} of 1, weight ${weight.toFixed(2)}. ${detail}`,
  );
  const failing = verification.tests?.failing ?? [];
  const names = failing.slice(0, MAX_NAMES).map((name) => `- ${name}`);
  if (failing.length > MAX_NAMES) names.push(`- and ${failing.length - MAX_NAMES} more`);
  return [
    verification.passed ? 'The result passed its checks.' : 'The result did not pass its checks.',
    ...checks,
    ...(parts.length > 0
      ? [
          `Quality ${verification.quality.toFixed(2)}, at least ${verification.threshold.toFixed(2)} wanted:`,
          ...parts,
        ]
      : []),
    ...(names.length > 0
      ? ['Failing tests, those that failed before the change among them:', ...names]
      : []),
    ...(verification.tests?.log ? [`Full test output: ${verification.tests.log}`] : []),
  ].join('\n');
}

import type { PriorityTerms } from '../model/decision.ts';

/** The terms of a priority that are not zero, and their sum. */
export function describePriority(terms: PriorityTerms): string {
  const parts = [
    ['dependents', terms.dependents],
    ['critical path', terms.criticalPath],
    ['brevity', terms.brevity],
    ['waiting', terms.waiting],
    ['weight', terms.weight],
  ] as const;
  const shown = parts
    .filter(([, value]) => value !== 0)
    .map(([name, value]) => `${name} ${value.toFixed(1)}`);
  return `${terms.total.toFixed(1)}${shown.length > 0 ? ` = ${shown.join(' + ')}` : ''}; path ${terms.pathMinutes.toFixed(1)} min`;
}

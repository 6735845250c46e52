import type { Check, Finding } from '../../../../shared/model/attempt.ts';

/** What one part of the security gate says of a change. */
export interface SecurityCheck extends Check {
  readonly name: 'secrets' | 'static' | 'dependencies';
  readonly findings: Finding[];
}

/** Findings that one check keeps; whoever writes more has been told enough. */
export const MAX_FINDINGS = 50;
/** Names shown in a sentence; the rest is a number. */
const SHOWN = 5;

/** The first few of a list, and how many more there are. */
export function inShort(items: readonly string[]): string {
  const more = items.length > SHOWN ? ` and ${items.length - SHOWN} more` : '';
  return items.slice(0, SHOWN).join('; ') + more;
}

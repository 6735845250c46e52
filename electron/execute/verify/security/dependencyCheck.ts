import path from 'node:path';
import type { Finding } from '../../../../shared/model/attempt.ts';
import { auditNpm, type Weakness } from './audit.ts';
import {
  concernsDependencies,
  dependencyChange,
  isLocked,
  npmLockFor,
  type DependencyChange,
} from './manifests.ts';
import { inShort, type SecurityCheck } from './securityCheck.ts';

/** From here on a known weakness keeps a change out; below it, it is told. */
const BLOCKING_SEVERITIES: ReadonlySet<Weakness['severity']> = new Set<Weakness['severity']>([
  'high',
  'critical',
]);

/**
 * Judges what a change does to the dependencies: a known weakness of severity high or critical fails
 * it; what nobody can tell is unknown, and a human has to look: a registry that does not audit, a
 * package that runs code when it is installed, other registry settings.
 * @throws VigilError `git-failed`; what `signal` was aborted with.
 */
export async function checkDependencies(
  root: string,
  base: string,
  changed: readonly string[],
  signal?: AbortSignal,
): Promise<SecurityCheck> {
  const name = 'dependencies';
  const relevant = changed.filter(concernsDependencies);
  if (relevant.length === 0)
    return { name, verdict: 'passed', detail: 'no manifest or lock file changed', findings: [] };
  const change = await dependencyChange(root, base, relevant);
  const newPackages = [...change.declared, ...change.locked];
  const doubts = doubtsOf(change);
  const findings = [
    ...notices('install-script', change.scripted, 'runs code of its own when it is installed'),
    ...notices('own-install-script', change.ownScripts, 'runs on every installation'),
    ...notices('new-dependency', change.declared, 'is newly declared'),
  ];
  const weaknesses: (Weakness & { readonly file: string })[] = [];
  const audited = new Set<string>();
  for (const folder of new Set(newPackages.map(({ file }) => path.posix.dirname(file)))) {
    const lock = await npmLockFor(root, 'HEAD', folder);
    if (lock === null) {
      doubts.push('there is no npm lock file that could be audited');
      continue;
    }
    const unlocked = change.declared.filter(
      ({ name: of, file }) => path.posix.dirname(file) === folder && !isLocked(lock, of),
    );
    if (unlocked.length > 0)
      doubts.push(`not in the lock file: ${inShort(unlocked.map(({ name: of }) => of))}`);
    if (audited.has(lock.folder)) continue;
    audited.add(lock.folder);
    const audit = await auditNpm(root, base, lock, signal);
    if (audit.kind === 'unknown') doubts.push(audit.reason);
    else {
      const file = path.posix.join(lock.folder, lock.name);
      weaknesses.push(...audit.weaknesses.map((weakness) => ({ ...weakness, file })));
    }
  }
  const weak = weaknesses.map(({ package: of, title, severity, file }): Finding => ({
    rule: `audit-${severity}`,
    file,
    line: 1,
    message: `${of}: ${title}`,
    blocks: BLOCKING_SEVERITIES.has(severity),
  }));
  const all = [...weak, ...findings];
  if (all.some(({ blocks }) => blocks))
    return {
      name,
      verdict: 'failed',
      detail: `known weaknesses: ${inShort(weak.map(({ message }) => message))}`,
      findings: all,
    };
  const added = inShort([...new Set(newPackages.map(({ name: of }) => of))]);
  const what = newPackages.length === 0 ? 'nothing new is installed' : `new: ${added}`;
  return doubts.length === 0
    ? { name, verdict: 'passed', detail: what, findings: all }
    : {
        name,
        verdict: 'unknown',
        detail: `${what}; ${inShort([...new Set(doubts)])}`,
        findings: all,
      };
}

function doubtsOf({ scripted, ownScripts, unreadable, settings }: DependencyChange): string[] {
  const names = (list: readonly { name: string }[]): string =>
    inShort(list.map(({ name }) => name));
  return [
    ...(scripted.length > 0 ? [`code runs when these are installed: ${names(scripted)}`] : []),
    ...(ownScripts.length > 0 ? [`scripts run on installation: ${names(ownScripts)}`] : []),
    ...(unreadable.length > 0 ? [`not understood: ${inShort(unreadable)}`] : []),
    ...(settings.length > 0
      ? [`where packages come from may have changed: ${inShort(settings)}`]
      : []),
  ];
}

function notices(
  rule: string,
  list: readonly { readonly name: string; readonly file: string }[],
  what: string,
): Finding[] {
  return list.map(({ name, file }) => ({
    rule,
    file,
    line: 1,
    message: `${name} ${what}`,
    blocks: false,
  }));
}

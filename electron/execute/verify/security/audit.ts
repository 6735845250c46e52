import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../../../shared/model/errors.ts';
import { runTool } from '../../../tools/runTool.ts';
import { npmLockFor, textAt, type LockFile } from './manifests.ts';

/** The registry answers within seconds or is not to be waited for, ms. */
const AUDIT_TIMEOUT_MS = 30_000;

const Severity = z.enum(['info', 'low', 'moderate', 'high', 'critical']);
const Report = z.looseObject({
  vulnerabilities: z.record(
    z.string(),
    z.looseObject({
      via: z.array(
        z.union([
          z.string(),
          z.looseObject({ title: z.string(), url: z.string().optional(), severity: Severity }),
        ]),
      ),
    }),
  ),
});
const Refusal = z.looseObject({
  message: z.string().optional(),
  error: z.looseObject({ summary: z.string().optional() }).optional(),
});

/** A known weakness of a package. */
export interface Weakness {
  readonly package: string;
  readonly title: string;
  readonly severity: z.infer<typeof Severity>;
}

/** Weaknesses that the packages in a lock file have and those of the base had not, or why nobody knows. */
export type Audit =
  | { readonly kind: 'answered'; readonly weaknesses: readonly Weakness[] }
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * Asks the registry about the packages that a lock file of HEAD names, and about those of the base, by
 * `npm audit`. Both are asked in folders of their own and with the base's npm settings: what the
 * attempt wrote has no say in whom is asked.
 */
export async function auditNpm(
  root: string,
  base: string,
  lock: LockFile,
  signal?: AbortSignal,
): Promise<Audit> {
  const after = await auditAt(root, 'HEAD', base, lock, signal);
  if (after.kind === 'unknown' || after.weaknesses.length === 0) return after;
  const old = await npmLockFor(root, base, lock.folder);
  if (old === null) return after;
  const before = await auditAt(root, base, base, old, signal);
  const known = new Set(before.kind === 'answered' ? before.weaknesses.map(identity) : []);
  return {
    kind: 'answered',
    weaknesses: after.weaknesses.filter((weakness) => !known.has(identity(weakness))),
  };
}

function identity(weakness: Weakness): string {
  return `${weakness.package}\n${weakness.title}`;
}

async function auditAt(
  root: string,
  commit: string,
  settingsOf: string,
  { folder, name, text }: LockFile,
  signal: AbortSignal | undefined,
): Promise<Audit> {
  const manifest = await textAt(root, commit, path.posix.join(folder, 'package.json'));
  if (manifest === null)
    return { kind: 'unknown', reason: `there is no package.json beside ${folder}/${name}` };
  const place = await mkdtemp(path.join(tmpdir(), 'vigil-audit-'));
  try {
    await writeFile(path.join(place, 'package.json'), manifest);
    await writeFile(path.join(place, name), text);
    const settings = await textAt(root, settingsOf, path.posix.join(folder, '.npmrc'));
    if (settings !== null) await writeFile(path.join(place, '.npmrc'), settings);
    const { stdout, stderr } = await runTool(
      'npm',
      // A cache of its own: npm would take a weakness that it has heard of once for unchanged.
      ['audit', '--json', '--package-lock-only', '--ignore-scripts', '--cache', `${place}/cache`],
      { cwd: place, signal, timeoutMs: AUDIT_TIMEOUT_MS },
    );
    return parseAudit(stdout, stderr);
  } catch (error) {
    signal?.throwIfAborted();
    return { kind: 'unknown', reason: `npm audit gave no answer: ${messageOf(error)}` };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Reads what `npm audit --json` printed; anything but a report is no answer. */
export function parseAudit(stdout: string, stderr: string): Audit {
  let json: unknown;
  try {
    json = JSON.parse(stdout);
  } catch {
    return {
      kind: 'unknown',
      reason: `npm audit gave no answer: ${stderr.trim().split('\n').at(-1)?.slice(0, 200) ?? ''}`,
    };
  }
  const report = Report.safeParse(json);
  if (!report.success) {
    const refusal = Refusal.safeParse(json).data;
    const said = refusal?.message ?? refusal?.error?.summary ?? 'an answer of an unknown form';
    return {
      kind: 'unknown',
      reason: `the registry does not audit: ${said.replaceAll(/\s+/g, ' ').slice(0, 200)}`,
    };
  }
  return {
    kind: 'answered',
    weaknesses: Object.entries(report.data.vulnerabilities).flatMap(([name, { via }]) =>
      via.flatMap((cause) =>
        typeof cause === 'string'
          ? []
          : [
              {
                package: name,
                title: cause.url === undefined ? cause.title : `${cause.title} (${cause.url})`,
                severity: cause.severity,
              },
            ],
      ),
    ),
  };
}

import type { Finding } from '../../../../shared/model/attempt.ts';
import { messageOf } from '../../../../shared/model/errors.ts';
import { runSecurityScan, type SecurityAnswer } from '../../../tools/security.ts';
import { git } from '../../repository/git.ts';
import type { Workspace } from '../../repository/workspace.ts';
import { changedLines, type ChangedFile } from './changedLines.ts';
import { checkDependencies } from './dependencyCheck.ts';
import { inShort, MAX_FINDINGS, type SecurityCheck } from './securityCheck.ts';

const CODE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
/** Code beyond this was not written by hand; it is not read, and that is told, bytes. */
const MAX_SOURCE_BYTES = 1024 * 1024;
/** Added text of one file beyond this is not read either, characters. */
const MAX_ADDED_CHARS = 4 * 1024 * 1024;

/**
 * The security gate (K2): looks for secrets in the lines that HEAD adds to the base, for unsafe code that
 * was not there before, and for what became of the dependencies. What could not be told is unknown.
 * @throws VigilError `git-failed`; what `signal` was aborted with.
 */
export async function scanDiff(request: {
  readonly workspace: Pick<Workspace, 'path' | 'base'>;
  /** Names of the changed files. */
  readonly files: readonly string[];
  readonly signal?: AbortSignal | undefined;
}): Promise<SecurityCheck[]> {
  const { workspace, files, signal } = request;
  const { path: root, base } = workspace;
  const [code, dependencies] = await Promise.all([
    scanCode(root, base, signal),
    checkDependencies(root, base, files, signal),
  ]);
  return [...code, dependencies].map((check) => ({
    ...check,
    findings: check.findings.slice(0, MAX_FINDINGS),
  }));
}

async function scanCode(
  root: string,
  base: string,
  signal: AbortSignal | undefined,
): Promise<SecurityCheck[]> {
  const changed = await changedLines(root, base);
  if (changed === null) return bothUnknown('the change is too large to be scanned');
  // Binary content has no lines; what only removes lines brings nothing in.
  const text = changed.filter(({ added }) => !added.some((line) => line.text.includes('\0')));
  const large = text.filter((file) => lengthOf(file) > MAX_ADDED_CHARS);
  const scanned = text.filter((file) => !large.includes(file));
  const grown = scanned.filter(({ added }) => added.length > 0);
  if (grown.length === 0 && large.length === 0) return nothingAdded();
  const { sources, skipped } = await sourcesOf(root, grown);
  let answer: SecurityAnswer;
  try {
    answer = await runSecurityScan({ lines: scanned.map(linesOf), sources }, root, signal);
  } catch (error) {
    signal?.throwIfAborted();
    return bothUnknown(messageOf(error));
  }
  const tooLarge = large.map(({ file }) => `${file} is too large to be scanned`);
  return [
    judged('secrets', answer.secrets, tooLarge, `no secret in ${counted(grown.length)}`),
    judged(
      'static',
      answer.static,
      [...tooLarge.filter((file) => CODE.test(file)), ...skipped],
      sources.length === 0
        ? 'no code that can be judged was changed'
        : `no unsafe pattern is new in ${counted(sources.length)}`,
    ),
  ];
}

function linesOf({ file, added, removed }: ChangedFile) {
  return { file, added: [...added], removed: [...removed] };
}

function lengthOf({ added }: ChangedFile): number {
  return added.reduce((sum, { text }) => sum + text.length + 1, 0);
}

/** The code of the changed files before and after, from git's objects. */
async function sourcesOf(
  root: string,
  changed: readonly ChangedFile[],
): Promise<{
  sources: { file: string; before: string | null; after: string }[];
  skipped: string[];
}> {
  const sources = [];
  const skipped = [];
  for (const { file, before, after } of changed) {
    if (!CODE.test(file) || after === null) continue;
    const now = await blob(root, after);
    if (now === null) skipped.push(`${file} is too large to be judged`);
    else
      sources.push({ file, before: before === null ? null : await blob(root, before), after: now });
  }
  return { sources, skipped };
}

/** Null when it is too large. */
async function blob(root: string, id: string): Promise<string | null> {
  const { stdout } = await git(root, ['cat-file', 'blob', id], { maxBytes: MAX_SOURCE_BYTES });
  return Buffer.byteLength(stdout) >= MAX_SOURCE_BYTES ? null : stdout;
}

function judged(
  name: 'secrets' | 'static',
  { findings, trouble }: SecurityAnswer['secrets'],
  doubts: readonly string[],
  good: string,
): SecurityCheck {
  const blocking = findings.filter(({ blocks }) => blocks);
  const say = (found: readonly Finding[]): string =>
    inShort(found.map(({ file, line, message }) => `${file}:${line}: ${message}`));
  if (blocking.length > 0) return { name, verdict: 'failed', detail: say(blocking), findings };
  const unknown = [...doubts, ...(trouble === null ? [] : [trouble])];
  if (unknown.length > 0) return { name, verdict: 'unknown', detail: inShort(unknown), findings };
  const worthALook = findings.length === 0 ? '' : `; worth a look: ${say(findings)}`;
  return { name, verdict: 'passed', detail: good + worthALook, findings };
}

function nothingAdded(): SecurityCheck[] {
  return (['secrets', 'static'] as const).map((name) => ({
    name,
    verdict: 'passed',
    detail: 'no line was added',
    findings: [],
  }));
}

function bothUnknown(detail: string): SecurityCheck[] {
  return (['secrets', 'static'] as const).map((name) => ({
    name,
    verdict: 'unknown',
    detail,
    findings: [],
  }));
}

function counted(files: number): string {
  return `${files} ${files === 1 ? 'file' : 'files'}`;
}

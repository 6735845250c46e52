import { statSync } from 'node:fs';
import path from 'node:path';
import type { LintCounts } from '../../../shared/policy/quality.ts';
import { isUnheld, messageOf } from '../../../shared/model/errors.ts';
import { hasOwnEslint, runEslint, type EslintFileResult } from '../../tools/eslint.ts';
import type { WrapCommand } from '../../tools/wrapCommand.ts';
import { git } from '../repository/git.ts';
import type { Workspace } from '../repository/workspace.ts';

const LINTABLE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
/** What decides how ESLint runs: where one of these changed, its failure is the change's. */
const SETTINGS =
  /(^|\/)(eslint\.config\.[cm]?[jt]s|\.eslintrc(\..+)?|\.eslintignore|package\.json)$/;
/** A file too large to be written by hand is not linted, bytes. */
const MAX_FILE_BYTES = 1024 * 1024;

/** The lint problems of the touched files before and after a change. */
export type LintDelta =
  | {
      readonly kind: 'compared';
      readonly before: LintCounts;
      readonly after: LintCounts;
      readonly by: string;
    }
  /** By a command of the project's own, whose problems can't be counted. */
  | { readonly kind: 'judged'; readonly worse: boolean; readonly detail: string }
  /** Nothing among the touched files is of a kind that ESLint reads. */
  | { readonly kind: 'nothing' }
  /** The linter gave no answer: that is not zero problems. */
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * Counts ESLint's problems in the files that a workspace's commit touches, as they were at its base and
 * as they are now, both by the rules as they are now: the project's own where it has them, else Vigil's
 * small set. A moved file is compared with what it was moved from; a deleted one is not counted.
 * `wrap` holds the code of the project's configuration.
 * @throws VigilError when git fails or the sandbox can't be had; what `signal` was aborted with.
 */
export async function lintDelta(
  { path: root, base }: Pick<Workspace, 'path' | 'base'>,
  changed: readonly string[],
  signal?: AbortSignal,
  wrap?: WrapCommand,
): Promise<LintDelta> {
  const files = changed.filter((file) => {
    const info = statSync(path.join(root, file), { throwIfNoEntry: false });
    return LINTABLE.test(file) && info !== undefined && info.size <= MAX_FILE_BYTES;
  });
  if (files.length === 0) return { kind: 'nothing' };
  const texts = await textsAt(root, base, files);
  const options = { root, files, texts, fix: false, wrap, ...(signal !== undefined && { signal }) };
  const compare = async (project: boolean): Promise<LintDelta> => {
    const results = await runEslint({ ...options, project });
    if (results.length === 0) return { kind: 'nothing' };
    const before = countProblems(results.filter(({ ofText }) => ofText));
    const after = countProblems(results.filter(({ ofText }) => !ofText));
    return {
      kind: 'compared',
      before,
      after,
      by: project ? "the project's ESLint" : "Vigil's ESLint rules",
    };
  };
  const own = hasOwnEslint(root);
  try {
    return await compare(own);
  } catch (error) {
    signal?.throwIfAborted();
    if (isUnheld(error)) throw error;
    const mayBeOurs = !own || changed.some((file) => SETTINGS.test(file));
    if (mayBeOurs) return { kind: 'unknown', reason: messageOf(error) };
  }
  // The project's configuration did not work before the change either, so that it says nothing of it.
  return compare(false).catch((error: unknown) => {
    signal?.throwIfAborted();
    if (isUnheld(error)) throw error;
    return { kind: 'unknown', reason: messageOf(error) };
  });
}

function countProblems(results: readonly EslintFileResult[]): LintCounts {
  return {
    errors: results.reduce((total, { errors }) => total + errors, 0),
    warnings: results.reduce((total, { warnings }) => total + warnings, 0),
  };
}

/** What each file held at a commit, by its name now; files that are new have no entry. */
async function textsAt(
  root: string,
  base: string,
  files: readonly string[],
): Promise<Record<string, string>> {
  const { stdout } = await git(root, [
    'diff-tree',
    '-r',
    '-z',
    '-M',
    '--name-status',
    '--diff-filter=MRT',
    base,
    'HEAD',
  ]);
  const wanted = new Set(files);
  const texts: Record<string, string> = {};
  const fields = stdout.split('\0');
  for (let at = 0; at < fields.length;) {
    const status = fields[at] ?? '';
    const from = fields[at + 1] ?? '';
    const to = status.startsWith('R') ? (fields[at + 2] ?? '') : from;
    at += status.startsWith('R') ? 3 : 2;
    if (!wanted.has(to)) continue;
    const content = await git(root, ['cat-file', 'blob', `${base}:${from}`], {
      maxBytes: MAX_FILE_BYTES,
    });
    texts[to] = content.stdout;
  }
  return texts;
}

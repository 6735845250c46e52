import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { VigilError } from '../../shared/model/errors.ts';
import { childEntry, findPackage, ownPackage } from './package.ts';
import { runScript } from './runTool.ts';
import type { WrapCommand } from './wrapCommand.ts';

/** What ESLint says about one file. */
export const EslintFileResult = z.object({
  /** Path relative to the root. */
  file: z.string(),
  /** About the content given for the file in `texts`, not about the file on disk. */
  ofText: z.boolean(),
  errors: z.number().int(),
  warnings: z.number().int(),
  messages: z.array(
    z.object({
      /** Null: the file could not be parsed. */
      rule: z.string().nullable(),
      severity: z.enum(['warning', 'error']),
      message: z.string(),
      line: z.number().int(),
      fixable: z.boolean(),
    }),
  ),
  /** Whether `fix` changed the file on disk. */
  fixed: z.boolean(),
});
export type EslintFileResult = z.infer<typeof EslintFileResult>;

/** What the child process reads from its standard input. */
export const EslintRequest = z.object({
  root: z.string(),
  files: z.array(z.string()),
  /** Other contents of files, by path, that are linted too. */
  texts: z.record(z.string(), z.string()),
  fix: z.boolean(),
  /** Only fixes of these rules are applied and only their messages reported; null: all. */
  rules: z.array(z.string()).nullable(),
  /** File URL of the ESLint to load. */
  eslint: z.string(),
  /** Vigil's small configuration instead of the project's own. */
  bundled: z.boolean(),
  sourceType: z.enum(['module', 'commonjs']),
});
export type EslintRequest = z.infer<typeof EslintRequest>;

const CONFIG_FILES = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map((end) => `eslint.config.${end}`);
const LEGACY_CONFIG_FILES = ['', '.js', '.cjs', '.json', '.yml', '.yaml'].map(
  (end) => `.eslintrc${end}`,
);

const Manifest = z.looseObject({
  type: z.string().optional(),
  eslintConfig: z.unknown().optional(),
});

function manifestOf(root: string): z.infer<typeof Manifest> {
  const file = join(root, 'package.json');
  if (!existsSync(file)) return {};
  const parsed = Manifest.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  return parsed.success ? parsed.data : {};
}

/** Whether the project says how ESLint is to look at it. */
export function hasOwnEslintConfig(root: string): boolean {
  const files = [...CONFIG_FILES, ...LEGACY_CONFIG_FILES];
  return (
    files.some((file) => existsSync(join(root, file))) ||
    manifestOf(root).eslintConfig !== undefined
  );
}

/** Whether the project has both an ESLint configuration and its own installed ESLint. */
export function hasOwnEslint(root: string): boolean {
  return hasOwnEslintConfig(root) && findPackage('eslint', root) !== null;
}

/**
 * Lints, and with `fix` repairs, the given files (relative to `root`) in a child process, so that
 * neither ESLint's memory nor a project's configuration code lives inside the node.
 * `project` uses the project's own ESLint and configuration; otherwise Vigil's own with a small
 * built-in configuration. `rules` restricts fixes and reported messages to those rules; `texts` gives
 * other contents by path, such as those of an earlier commit, to be linted as if they were there.
 * Throws `command-failed` when ESLint itself fails.
 */
export async function runEslint(options: {
  root: string;
  files: readonly string[];
  fix: boolean;
  project: boolean;
  rules?: readonly string[];
  texts?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
  /** Puts ESLint, and with it the code of the project's configuration, into a sandbox. */
  wrap?: WrapCommand | undefined;
}): Promise<EslintFileResult[]> {
  const { root, files, fix, project, rules, texts, signal, wrap } = options;
  if (files.length === 0) return [];
  const folder = project ? findPackage('eslint', root) : ownPackage('eslint');
  if (folder === null)
    throw new VigilError(
      'command-failed',
      'The project has no ESLint installed',
      'Install its dependencies.',
    );
  const request: EslintRequest = {
    root,
    files: [...files],
    texts: { ...texts },
    fix,
    rules: rules === undefined ? null : [...rules],
    eslint: pathToFileURL(join(folder, 'lib/api.js')).href,
    bundled: !project,
    sourceType: manifestOf(root).type === 'module' ? 'module' : 'commonjs',
  };
  const entry = childEntry('eslint', new URL('./eslintProcess.ts', import.meta.url));
  const run = await runScript(entry, [], {
    cwd: root,
    input: JSON.stringify(request),
    signal,
    wrap,
  });
  if (run.code !== 0)
    throw new VigilError(
      'command-failed',
      `ESLint failed: ${run.stderr.trim().slice(0, 500)}`,
      'Run ESLint in the project by hand and repair its configuration.',
    );
  // A configuration may print to stdout while it loads; the answer is the last line.
  const answer = run.stdout.trimEnd().split('\n').at(-1) ?? '';
  return z.array(EslintFileResult).parse(JSON.parse(answer));
}

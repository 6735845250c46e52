import { execFile } from 'node:child_process';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import picomatch from 'picomatch';
import ts from 'typescript';
import type { Gap } from '../../shared/model/gap.ts';
import type { ProjectProfile } from '../../shared/model/project.ts';
import type { EslintFileResult } from '../tools/eslint.ts';
import { runKnip, type KnipReport } from '../tools/knip.ts';
import { lintByVigil } from './lintFiles.ts';
import { entrySources } from './published.ts';

/** What a scan is given. */
export interface ScanInput {
  /** A checked-out workspace at the integration head, with dependencies installed. */
  readonly root: string;
  readonly profile: ProjectProfile;
  /** Where the project is published from, e.g. `git@github.com:me/app.git`. */
  readonly remoteUrl: string | null;
}

/** What the detectors share: every file is read, parsed and linted once. */
export interface ScanContext extends ScanInput {
  /** Tracked, not ignored, at most 1 MB, text. */
  readonly files: readonly string[];
  readonly signal: AbortSignal;
  text(file: string): string;
  syntax(file: string): ts.SourceFile;
  knip(): Promise<KnipReport>;
  lintByVigil(): Promise<EslintFileResult[]>;
}

/** Finds one kind of gap. */
export interface Detector {
  readonly name: string;
  find(context: ScanContext): Promise<Gap[]>;
}

/** A larger file is data or generated, and no small diff would be about it. */
const MAX_FILE_BYTES = 1024 * 1024;

async function listFiles(
  { root, profile }: ScanInput,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const { stdout } = await promisify(execFile)('git', ['ls-files', '-z'], {
    cwd: root,
    maxBuffer: 256 * 1024 * 1024,
    signal,
  });
  const ignored = picomatch([...profile.ignore], { dot: true });
  const texts = new Map<string, string>();
  for (const file of new Set(stdout.split('\0'))) {
    if (file === '' || ignored(file)) continue;
    const path = join(root, file);
    const stat = await lstat(path).catch(() => null); // deleted in the workspace, or a submodule
    if (stat?.isFile() !== true || stat.size > MAX_FILE_BYTES) continue;
    const content = await readFile(path);
    if (!content.subarray(0, 8000).includes(0)) texts.set(file, content.toString('utf8'));
  }
  return texts;
}

/** Reads the project for a scan. Throws when it is not a git checkout. */
export async function openContext(input: ScanInput, signal: AbortSignal): Promise<ScanContext> {
  const texts = await listFiles(input, signal);
  const trees = new Map<string, ts.SourceFile>();
  let knip: Promise<KnipReport> | null = null;
  const files = [...texts.keys()];
  const text = (file: string): string => texts.get(file) ?? '';
  let linted: Promise<EslintFileResult[]> | null = null;
  return {
    ...input,
    signal,
    files,
    text,
    syntax(file) {
      const known = trees.get(file);
      if (known !== undefined) return known;
      const tree = ts.createSourceFile(file, text(file), ts.ScriptTarget.Latest, true);
      trees.set(file, tree);
      return tree;
    },
    lintByVigil: () => (linted ??= lintByVigil({ root: input.root, files, signal, text })),
    knip: () => (knip ??= runKnip(input.root, entrySources({ files, text }), signal)),
  };
}

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { ProjectClone } from '../../../electron/execute/repository/clone.ts';
import { commitAttempt } from '../../../electron/execute/repository/commit.ts';
import { WorkspacePool, type Workspace } from '../../../electron/execute/repository/workspace.ts';
import { NodeId, ProjectId, taskId, type CommitId } from '../../../shared/model/ids.ts';
import { commitFiles, userGit, writeFiles } from '../../userGit.ts';
import type { Project } from '../../../shared/model/project.ts';

/** Helpers that read as the sentence they set up: a user's repository, a node's home, an attempt. */

export const creator = NodeId.parse('node-a');

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-execute-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

export function userRepository(
  files: Readonly<Record<string, string>> = { 'a.txt': 'one\n', 'b.txt': 'two\n' },
): string {
  const folder = path.join(temporaryFolder(), 'app');
  mkdirSync(folder);
  userGit(folder, 'init', '--quiet', '--initial-branch=main');
  commitFiles(folder, files, 'Start');
  return folder;
}

export function projectAt(repository: string, profile: Partial<Project['profile']> = {}): Project {
  return {
    id: ProjectId.parse('app'),
    path: repository,
    target: 'main',
    profile: {
      packageManager: 'none',
      install: null,
      test: null,
      lint: null,
      formatter: null,
      language: 'other',
      ignore: [],
      review: false,
      testTimeoutMs: 60_000,
      notes: [],
      sources: {},
      ...profile,
    },
  };
}

export interface Setting {
  readonly user: string;
  readonly home: string;
  readonly clone: ProjectClone;
  readonly pool: WorkspacePool;
}

export async function openProject(
  user = userRepository(),
  home = temporaryFolder(),
): Promise<Setting> {
  const clone = await ProjectClone.open(home, projectAt(user));
  const pool = await WorkspacePool.open(clone, () => Promise.resolve());
  return { user, home, clone, pool };
}

/** An attempt that wrote these files and was committed. */
export async function attempt(
  { clone, pool }: Pick<Setting, 'clone' | 'pool'>,
  number: number,
  files: Readonly<Record<string, string>>,
  base?: CommitId,
): Promise<{ workspace: Workspace; commit: CommitId }> {
  const workspace = await pool.take({
    task: taskId(number),
    attempt: 1,
    base: base ?? (await clone.integrationHead()),
  });
  writeFiles(workspace.path, files);
  const made = await commitAttempt(workspace, {
    task: taskId(number),
    attempt: 1,
    title: `Task ${number}`,
    creator,
  });
  if (made === null) throw new Error('the attempt changed nothing');
  return { workspace, commit: made.commit };
}

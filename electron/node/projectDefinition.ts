import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ProjectId, type CommitId } from '../../shared/model/ids.ts';
import type { Project } from '../../shared/model/project.ts';
import type { ProjectState } from '../../shared/world/project.ts';
import type { World } from '../../shared/world/world.ts';
import { detectProfile } from '../execute/profile/detectProfile.ts';
import { git } from '../execute/repository/git.ts';
import { inspectRepository } from '../execute/repository/inspect.ts';

/**
 * What the repository at a path is as a project, and the project that it is already. Nothing is changed.
 * Rejects as `inspectRepository`, and when the repository's settings can't be read.
 */
export async function defineProject(
  world: World,
  path: string,
): Promise<{ definition: Project; known?: ProjectState }> {
  const first = await inspectRepository(path);
  const { profile, target } = await readProfile(first.root, first.bare, first.head);
  const info = target === null ? first : await inspectRepository(path, { target });
  const known = [...world.projects.values()].find((p) => p.definition.path === info.root);
  const definition: Project = {
    id: known?.definition.id ?? freeId(world, info.root),
    path: info.root,
    target: info.target,
    profile: { ...profile, notes: [...info.notes, ...profile.notes] },
    remote: info.remote,
  };
  return { definition, ...(known ? { known } : {}) };
}

/** A bare repository has no files to look at, so the target's are laid out for the time of the look. */
async function readProfile(
  root: string,
  bare: boolean,
  head: CommitId,
): ReturnType<typeof detectProfile> {
  if (!bare) return detectProfile(root);
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'vigil-look-'));
  try {
    const env = { GIT_INDEX_FILE: join(folder, '.git-index'), GIT_WORK_TREE: folder };
    await git(root, ['read-tree', head], { env });
    await git(root, ['checkout-index', '--all', '--force'], { env });
    return await detectProfile(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function freeId({ projects, nodes, leadership, self }: World, root: string): ProjectId {
  const plain = basename(root)
    .toLowerCase()
    .replace(/\.git$/, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 50);
  // A node that can't be heard may be adding a repository of the same name.
  const isWhole = leadership === null || [...nodes.values()].every(({ up }) => up);
  const own = isWhole || self === null ? '' : `-${self.replace(/^n-/, '')}`;
  const stem = (plain === '' ? 'project' : plain) + own.slice(0, 10);
  for (let n = 1; ; n++) {
    const id = ProjectId.parse(n === 1 ? stem : `${stem}-${n}`);
    if (!projects.has(id)) return id;
  }
}

import { ProjectClone } from '../../../../electron/execute/repository/clone.ts';
import { WorkspacePool } from '../../../../electron/execute/repository/workspace.ts';
import type { SentWork } from '../../../../electron/execute/repository/sentWork.ts';
import type { GitServerLimits } from '../../../../electron/mesh/git/gitServer.ts';
import { taskId, type CommitId, type NodeId } from '../../../../shared/model/ids.ts';
import type { Project } from '../../../../shared/model/project.ts';
import { gitNode, type GitNode, type Routes } from '../../mesh/git/nodes.ts';
import { openProject, projectAt, temporaryFolder, type Setting } from '../repository.ts';

/** A node with the project open on it. */
export type Site = GitNode & Omit<Setting, 'user'>;

/** The node that has the user's repository, and serves its clone. */
export async function homeNode(
  user?: string,
  limits: Partial<GitServerLimits> = {},
): Promise<Site & { readonly user: string }> {
  const setting = await openProject(user);
  const node = await gitNode('n-home', [], { limits });
  node.repository = setting.clone.repository;
  return Object.assign(node, setting);
}

/** Another node, which has its code from the home. */
export async function awayNode(
  name: string,
  home: GitNode,
  options: {
    readonly others?: readonly GitNode[];
    readonly routes?: Routes;
    readonly folder?: string;
    readonly project?: Partial<Project>;
  } = {},
): Promise<Site> {
  const {
    others = [],
    routes = new Map<NodeId, number>(),
    folder = temporaryFolder(),
    project = {},
  } = options;
  const node = await gitNode(name, [home, ...others], { routes });
  const definition: Project = { ...projectAt(''), ...project, path: null };
  const origin = { kind: 'mesh', home: () => node.to(home) } as const;
  const clone = await ProjectClone.open(folder, definition, origin);
  node.repository = clone.repository;
  const pool = await WorkspacePool.open(clone, () => Promise.resolve());
  return Object.assign(node, { home: folder, clone, pool });
}

/** The first attempt of a task, made on a node, on its way to another. */
export function result(maker: GitNode, number: number, commit: CommitId): SentWork {
  return { kind: 'result', node: maker.id, task: taskId(number), attempt: 1, commit };
}

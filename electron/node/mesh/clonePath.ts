import { join, resolve } from 'node:path';
import type { ProjectId } from '../../../shared/model/ids.ts';
import { projectsFolder } from '../../execute/repository/clone.ts';

/** The bare clone of a project in a node's home. */
export function clonePath(home: string, project: ProjectId): string {
  return resolve(join(projectsFolder(home), project, 'repo.git'));
}

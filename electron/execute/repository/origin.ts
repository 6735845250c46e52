import { VigilError } from '../../../shared/model/errors.ts';
import type { GitAddress } from '../../../shared/model/gitAddress.ts';
import type { Project } from '../../../shared/model/project.ts';

/** Where a project's code comes from. */
export type Origin =
  /** The user's repository is on this machine, at an absolute path: this is the project's home. */
  | { readonly kind: 'local'; readonly path: string }
  /** The clone of the home node; the home may move. */
  | { readonly kind: 'mesh'; readonly home: () => GitAddress };

/** The user's repository of a project. Throws `not-home` where another node has it. */
export function localOrigin(project: Project): Origin & { readonly kind: 'local' } {
  if (project.path === null) throw notHome(project);
  return { kind: 'local', path: project.path };
}

export function notHome({ id }: Project): VigilError {
  return new VigilError(
    'not-home',
    `The repository of ${id} is on another node.`,
    `Ask there; \`vigil project show ${id}\` says which node that is.`,
  );
}

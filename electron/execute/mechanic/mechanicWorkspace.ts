import type { ProjectProfile } from '../../../shared/model/project.ts';
import type { WrapCommand } from '../../tools/wrapCommand.ts';

/** A checked-out workspace in which one recipe is carried out. */
export interface MechanicWorkspace {
  readonly root: string;
  readonly profile: ProjectProfile;
  readonly signal: AbortSignal;
  /** Puts tools that load code of the project into a sandbox. */
  readonly wrap?: WrapCommand | undefined;
}

/** What was changed, or why there was nothing to change. */
export type MechanicResult = { readonly summary: string } | { readonly nothing: string };

import type { ProjectProfile } from '../../../shared/model/project.ts';

/** A checked-out workspace in which one recipe is carried out. */
export interface MechanicWorkspace {
  readonly root: string;
  readonly profile: ProjectProfile;
  readonly signal: AbortSignal;
}

/** What was changed, or why there was nothing to change. */
export type MechanicResult = { readonly summary: string } | { readonly nothing: string };

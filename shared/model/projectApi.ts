import { z } from 'zod';
import { CommitId, NodeId } from './ids.ts';
import { Baseline, Project } from './project.ts';

/** Shapes of the local API that concern projects; stable as those of `api.ts`. */

export const ProjectView = Project.extend({
  /** The node that has the repository: there it is merged and promoted. */
  home: NodeId,
  baseline: Baseline.nullable(),
  integration: CommitId.nullable(),
  /** Commits on the integrated tree that `promote` would bring to the target branch. */
  ahead: z.number().int().nullable(),
  trouble: z.object({ reason: z.string(), help: z.string() }).nullable(),
  counts: z.object({ open: z.number(), merged: z.number(), failed: z.number() }),
});
export type ProjectView = z.infer<typeof ProjectView>;

/** What Vigil finds in a repository before it is added; asking changes nothing. */
export const ProjectInspection = Project.extend({
  /** Absolute path of the repository's root. */
  path: z.string(),
  /** Whether it is one of the node's projects already. */
  known: z.boolean(),
});
export type ProjectInspection = z.infer<typeof ProjectInspection>;

/** Repositories below the user's home that a project could be made of, the one used last first. */
export const FoundRepositories = z.object({
  /** Absolute path of the folder that was looked through. */
  folder: z.string(),
  repositories: z.array(
    z.object({
      /** Real absolute path of its top folder. */
      path: z.string(),
      /** When git last wrote something in it, ms since the epoch. */
      usedAtMs: z.number(),
      /** Whether it is one of the node's projects already. */
      known: z.boolean(),
    }),
  ),
  /** Whether the search ended before it had seen everything. */
  isCut: z.boolean(),
});
export type FoundRepositories = z.infer<typeof FoundRepositories>;

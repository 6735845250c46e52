import { z } from 'zod';
import { Project } from './project.ts';

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

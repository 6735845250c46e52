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

import { z } from 'zod';
import { CommitId, NodeId } from '../model/ids.ts';
import { Baseline, Project } from '../model/project.ts';
import { newProject, type ProjectState } from './project.ts';

const count = z.number().int();

/** What a project's home tells the other nodes of it; the path is of its machine and stays there. */
export const SharedProject = z.object({
  definition: Project.omit({ path: true }),
  home: NodeId,
  moves: count.nonnegative(),
  baseline: Baseline.nullable(),
  trouble: z.object({ reason: z.string(), help: z.string() }).nullable(),
  integration: CommitId.nullable(),
  promoted: CommitId.nullable(),
  cycle: count,
  ended: z.object({
    merged: count,
    done: count,
    rejected: count,
    cancelled: count,
    failed: count,
    split: count,
  }),
  /** Of the artifacts that open tasks wait for: whether they are in the integrated tree. */
  artifacts: z.record(z.string(), z.boolean()),
});
export type SharedProject = z.infer<typeof SharedProject>;

/** What to tell of a project of which this node is the home. */
export function shareProject(
  state: ProjectState,
  home: NodeId,
  artifacts: Readonly<Record<string, boolean>>,
): SharedProject {
  const { baseline, trouble, integration, promoted, cycle, ended } = state;
  const { path: _, ...definition } = state.definition;
  const log = null;
  return {
    definition,
    home,
    // Where its output lies is of one machine too.
    baseline: baseline && { ...baseline, tests: { ...baseline.tests, log } },
    moves: state.moves ?? 0,
    ...{ trouble, integration, promoted, cycle, ended, artifacts },
  };
}

/** The project as it is known on a node that is not its home. */
export function adoptProject(known: ProjectState | undefined, shared: SharedProject): ProjectState {
  const { artifacts: _, definition, ...rest } = shared;
  const here = { ...definition, path: null };
  return { ...(known ?? newProject(here)), ...rest, definition: here };
}

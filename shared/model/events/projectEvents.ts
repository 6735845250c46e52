import { z } from 'zod';
import { CommitId, ProjectId, TaskId } from '../ids.ts';
import { Baseline, Project, ProjectProfile } from '../project.ts';
import { project } from './subject.ts';

/** What becomes of a project: its repository, the integrated tree, and the search for work in it. */
export const projectEvents = [
  z.strictObject({
    type: z.literal('project.added'),
    project,
    definition: Project,
    /** Highest task number found in the repository's history: new ids start above it. */
    taskFloor: z.number().int().nonnegative(),
  }),
  z.strictObject({
    type: z.literal('project.profiled'),
    project,
    profile: ProjectProfile,
    target: z.string(),
    /** Absent: as it was. */
    remote: z.string().nullable().optional(),
  }),
  z.strictObject({ type: z.literal('project.removed'), project }),
  z.strictObject({
    type: z.literal('project.troubled'),
    project,
    reason: z.string(),
    help: z.string(),
  }),
  z.strictObject({ type: z.literal('project.recovered'), project }),
  z.strictObject({ type: z.literal('baseline.recorded'), project, baseline: Baseline }),
  z.strictObject({
    type: z.literal('artifact.observed'),
    project,
    artifact: z.string(),
    exists: z.boolean(),
    commit: CommitId,
  }),
  /** The integrated tree took over what the user committed to the target branch. */
  z.strictObject({
    type: z.literal('integration.synced'),
    project,
    commit: CommitId,
    target: CommitId,
  }),
  z.strictObject({
    type: z.literal('integration.promoted'),
    project,
    branch: z.string(),
    from: CommitId,
    to: CommitId,
    who: z.string(),
  }),
  z.strictObject({
    type: z.literal('cycle.started'),
    project,
    cycle: z.number().int(),
    trigger: z.string(),
  }),
  z.strictObject({
    type: z.literal('cycle.finished'),
    project,
    cycle: z.number().int(),
    commit: CommitId,
    found: z.number().int(),
    proposed: z.array(TaskId),
    dropped: z.array(z.strictObject({ fingerprint: z.string(), reason: z.string() })),
    /** Gaps that were open before and that this scan no longer sees. */
    closed: z.array(z.string()),
    troubles: z.array(z.string()),
    durationMs: z.number(),
  }),
  /** A model was asked to make a spec of a gap, a roadmap item or a vague task. */
  z.strictObject({
    type: z.literal('spec.written'),
    project,
    task: TaskId.nullable(),
    subject: z.string(),
    effort: z.enum(['minimal', 'standard', 'detailed']),
    asked: z.number().int().nonnegative(),
    /** Why the spec is the plain one nevertheless; null when the model's was taken. */
    trouble: z.string().nullable(),
  }),
  z.strictObject({
    type: z.literal('audit.finished'),
    project: ProjectId.nullable(),
    failures: z.array(z.strictObject({ check: z.string(), detail: z.string(), help: z.string() })),
  }),
] as const;

import { z } from 'zod';

/** Ids are types of their own, so that a task can't be passed where a node is meant. */

export const TaskId = z
  .string()
  .regex(/^T-[1-9]\d{0,8}$/, 'a task id looks like T-12')
  .brand<'TaskId'>();
export type TaskId = z.infer<typeof TaskId>;

export const NodeId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a node id is lower-case letters, digits and dashes')
  .brand<'NodeId'>();
export type NodeId = z.infer<typeof NodeId>;

export const ProjectId = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'a project id is lower-case letters, digits, dots and dashes',
  )
  .brand<'ProjectId'>();
export type ProjectId = z.infer<typeof ProjectId>;

/** A full git object id. */
export const CommitId = z
  .string()
  .regex(/^[0-9a-f]{40,64}$/, 'a commit id is 40 or 64 hex digits')
  .brand<'CommitId'>();
export type CommitId = z.infer<typeof CommitId>;

/** The number in `T-12`; ids compare by it, so that T-9 comes before T-10. */
export function taskNumber(id: TaskId): number {
  return Number(id.slice(2));
}

/** The id of the task with this number. */
export function taskId(number: number): TaskId {
  return `T-${number}` as TaskId;
}

/** Orders ids by their number: the tie-break wherever an order must be total. */
export function compareTaskIds(a: TaskId, b: TaskId): number {
  return taskNumber(a) - taskNumber(b);
}

export const ApprovalId = z
  .string()
  .regex(/^A-[1-9]\d{0,8}$/, 'an approval id looks like A-3')
  .brand<'ApprovalId'>();
export type ApprovalId = z.infer<typeof ApprovalId>;

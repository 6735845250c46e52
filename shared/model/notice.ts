import { z } from 'zod';
import { ApprovalId, TaskId } from './ids.ts';

/** How much a notice matters: repeated until answered, asked of a human, or only told. */
export const NoticeLevel = z.enum(['critical', 'ask', 'news']);
export type NoticeLevel = z.infer<typeof NoticeLevel>;

/** The same on every node, as it is made of facts that all have; fit for a path of the API. */
export const NoticeId = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9._-]+$/, 'a notice id is letters, digits, dots, dashes and underscores');
export type NoticeId = z.infer<typeof NoticeId>;

/** Something that a human should hear of: open until it is answered, over, or read. */
export const Notice = z.object({
  id: NoticeId,
  level: NoticeLevel,
  /** One line of plain text; markup in it means nothing. */
  title: z.string(),
  text: z.string(),
  /** Address on the page, e.g. `/approvals?show=A-3`. */
  place: z.string(),
  /** What Approve and Deny answer: a question, or the review of a task's result; null: nothing to answer. */
  answers: z.union([z.object({ approval: ApprovalId }), z.object({ task: TaskId })]).nullable(),
  sinceMs: z.number(),
});
export type Notice = z.infer<typeof Notice>;

export const NoticesView = z.object({
  /** Most urgent first. */
  notices: z.array(Notice),
  /** Whether the shell is to show them on this machine: false while the node does so itself. */
  shellShows: z.boolean(),
});
export type NoticesView = z.infer<typeof NoticesView>;

/** What the shell of a machine says of itself and of the human there; without a word for 60 s there is none. */
export const ShellState = z.strictObject({
  /** Since the last input of a human, ms; null: unknown. */
  idleMs: z.number().nonnegative().nullable(),
  locked: z.boolean().nullable(),
  /** Whether it can show notifications. */
  notifies: z.boolean(),
});
export type ShellState = z.infer<typeof ShellState>;

/** The shell's word on a notice that it was to show. */
export const NoticeShown = z.strictObject({
  shown: z.boolean(),
  /** Why not. */
  reason: z.string().max(500).nullable(),
});
export type NoticeShown = z.infer<typeof NoticeShown>;

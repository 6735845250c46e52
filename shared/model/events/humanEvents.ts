import { z } from 'zod';
import { ApprovalSubject } from '../approval.ts';
import { ApprovalId, ProjectId, TaskId } from '../ids.ts';
import { NoticeChannel, NoticeId, NoticeLevel } from '../notice.ts';

/** What humans are asked and told. */
export const humanEvents = [
  /** Something that a human has to allow (O1). Unanswered means no. */
  z.strictObject({
    type: z.literal('approval.asked'),
    approval: ApprovalId,
    task: TaskId.nullable(),
    project: ProjectId.nullable(),
    subject: ApprovalSubject,
    reason: z.string(),
  }),
  z.strictObject({
    type: z.literal('approval.answered'),
    approval: ApprovalId,
    task: TaskId.nullable(),
    project: ProjectId.nullable(),
    answer: z.enum(['approved', 'denied']),
    who: z.string(),
    reason: z.string(),
  }),
  /** A human was told; what waits for them is told again after a while. */
  z.strictObject({
    type: z.literal('notice.shown'),
    notice: NoticeId,
    level: NoticeLevel,
    title: z.string(),
    channel: NoticeChannel,
  }),
  /** A channel did not take it; `next` says in words what is tried now. */
  z.strictObject({
    type: z.literal('notice.failed'),
    notice: NoticeId,
    level: NoticeLevel,
    title: z.string(),
    channel: NoticeChannel,
    reason: z.string(),
    next: z.string(),
  }),
  /** A human has read news, on whichever machine. */
  z.strictObject({ type: z.literal('notice.dismissed'), notice: NoticeId, who: z.string() }),
] as const;

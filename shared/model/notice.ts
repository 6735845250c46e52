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

/** A way by which a notice reaches a human. */
export const NoticeChannel = z.enum(['desktop', 'shell', 'ntfy', 'webhook']);
export type NoticeChannel = z.infer<typeof NoticeChannel>;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day looks like 22:30');

/** Only what is sent to others: no other scheme could be meant, and none carries a secret in its user part. */
const webAddress = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .refine(
    (text) => !/^[a-z]+:\/\/[^/]*@/i.test(text),
    'leave name and password out of the address',
  );

/** `notices` of `config.yaml`: how a human is told, on this machine. */
export const NoticeConfig = z.strictObject({
  /** Whether notifications are shown on the desktop of this machine. */
  desktop: z.boolean().default(true),
  /** In this time of day of this machine only what is critical is shown. Null: none. */
  quiet: z.strictObject({ from: timeOfDay, to: timeOfDay }).nullable().default(null),
  /** Address of an ntfy topic, as `https://ntfy.sh/my-topic`. */
  ntfy: webAddress.nullable().default(null),
  /** Address that gets each notice as JSON. */
  webhook: webAddress.nullable().default(null),
  /** Where the page is for whoever reads those two, as `https://studio.tail1234.ts.net`. Null: on this machine. */
  page: webAddress.nullable().default(null),
});
export type NoticeConfig = z.infer<typeof NoticeConfig>;

/** What is to change; a token is kept as keys of providers are, null forgets it. */
export const NoticeSettingsInput = NoticeConfig.partial().extend({
  ntfyToken: z.string().min(1).max(4_096).nullable().optional(),
  webhookToken: z.string().min(1).max(4_096).nullable().optional(),
});
export type NoticeSettingsInput = z.input<typeof NoticeSettingsInput>;

const tokenPlace = z.enum(['environment', 'keychain', 'file', 'none']);

export const NoticeSettingsView = NoticeConfig.extend({
  /** Where the tokens were found, never the tokens. */
  ntfyToken: tokenPlace,
  webhookToken: tokenPlace,
});
export type NoticeSettingsView = z.infer<typeof NoticeSettingsView>;

/** What became of a test notice on each channel that there is. */
export const NoticeTestView = z.object({
  channels: z.array(z.object({ channel: NoticeChannel, ok: z.boolean(), detail: z.string() })),
});
export type NoticeTestView = z.infer<typeof NoticeTestView>;

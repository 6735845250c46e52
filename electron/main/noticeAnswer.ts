import type { Notice } from '../../shared/model/notice.ts';

/** On a notification that asks, in their order. */
export const BUTTONS = ['Approve', 'Deny'] as const;
const VERDICTS = ['approved', 'denied'] as const;

/** What the node is sent when a button is pressed; null where there is none such. */
export function answerOf(
  { answers }: Pick<Notice, 'answers'>,
  button: number,
): { readonly path: string; readonly body: object } | null {
  const verdict = VERDICTS[button];
  if (answers === null || verdict === undefined) return null;
  const reason = 'answered on the notification';
  return 'approval' in answers
    ? { path: `/v1/approvals/${answers.approval}`, body: { answer: verdict, reason } }
    : {
        path: `/v1/reviews/${answers.task}`,
        body: { answer: verdict === 'denied' ? 'rejected' : verdict, reason },
      };
}

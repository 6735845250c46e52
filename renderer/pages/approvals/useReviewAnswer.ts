import { useRef, useState } from 'react';
import type { ReviewView } from '../../../shared/model/reviewApi.ts';
import { useAct } from '../../parts/useAct.ts';

/** A person's answer to a result, with the words that go with it: none is needed for a yes. */
export function useReviewAnswer({ task, commit }: ReviewView) {
  const [reason, setReason] = useState('');
  const [lacksReason, setLacksReason] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const answer = useAct<'approved' | 'rejected' | 'sent back'>(async (api, verdict) => {
    await api.send('POST', `/v1/reviews/${task.id}`, {
      answer: verdict === 'approved' ? 'approved' : 'rejected',
      reason: reason.trim(),
      // The result that was seen, not one that came meanwhile.
      ...(commit === null ? {} : { commit }),
    });
    if (verdict === 'sent back') await api.send('POST', `/v1/tasks/${task.id}/retry`);
  });
  const approve = () => {
    if (!answer.isPending) answer.mutate('approved');
  };
  const refuse = (verdict: 'rejected' | 'sent back') => {
    const isEmpty = reason.trim() === '';
    setLacksReason(isEmpty);
    if (isEmpty) field.current?.focus();
    else if (!answer.isPending) answer.mutate(verdict);
  };
  const reject = () => refuse('rejected');
  const sendBack = () => refuse('sent back');
  return { answer, approve, reject, sendBack, reason, setReason, lacksReason, field };
}

export type ReviewAnswer = ReturnType<typeof useReviewAnswer>;

import { useId, useState } from 'react';
import type { ReviewView } from '../shared/model/api.ts';
import type { TaskId } from '../shared/model/ids.ts';
import type { Api } from './api.ts';
import { Checks } from './Checks.tsx';

interface Props {
  api: Api;
  review: ReviewView;
  onAnswered: () => void;
  onOpen: (task: TaskId) => void;
}

/** A result that waits for a person: why, its checks, its diff, and the two answers. */
export function ReviewCard({ api, review, onAnswered, onOpen }: Props) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const field = useId();
  const answer = (verdict: 'approved' | 'rejected') => {
    if (verdict === 'rejected' && reason.trim() === '') {
      setTrouble('Say why: the reason keeps the same work from being proposed again.');
      document.getElementById(field)?.focus();
      return;
    }
    setBusy(true);
    setTrouble(null);
    api
      .answer(review, verdict, reason.trim())
      .then(onAnswered, (error: unknown) =>
        setTrouble(error instanceof Error ? error.message : String(error)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <article className="card">
      <button type="button" className="row" onClick={() => onOpen(review.task.id)}>
        <span className="id">{review.task.id}</span>
        <span className="title">{review.task.title}</span>
        <span className="detail">{review.why}</span>
      </button>
      {review.verification && <Checks verification={review.verification} />}
      {review.diff !== null && (
        <details>
          <summary>Diff</summary>
          <Diff text={review.diff} />
        </details>
      )}
      <form
        className="answer"
        onSubmit={(event) => {
          event.preventDefault();
          answer('approved');
        }}
      >
        <label htmlFor={field}>Reason</label>
        <input
          id={field}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          autoComplete="off"
          placeholder="needed to reject"
        />
        <button type="submit" className="primary" disabled={busy}>
          Approve
        </button>
        <button type="button" disabled={busy} onClick={() => answer('rejected')}>
          Reject
        </button>
      </form>
      {trouble !== null && (
        <p role="alert" className="trouble">
          {trouble}
        </p>
      )}
    </article>
  );
}

function Diff({ text }: { text: string }) {
  return (
    <pre className="diff" tabIndex={0} aria-label="Diff">
      {text
        .trimEnd()
        .split('\n')
        .map((line, index) => (
          <span key={index} className={kindOf(line)}>
            {line}
            {'\n'}
          </span>
        ))}
    </pre>
  );
}

function kindOf(line: string): string | undefined {
  if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('diff ')) return 'file';
  if (line.startsWith('@@')) return 'hunk';
  if (line.startsWith('+')) return 'added';
  return line.startsWith('-') ? 'removed' : undefined;
}

import { useState } from 'react';
import type { ApprovalView } from '../shared/model/agentApi.ts';
import type { TaskId } from '../shared/model/ids.ts';
import type { Api } from './api.ts';

interface Props {
  api: Api;
  approval: ApprovalView;
  onAnswered: () => void;
  onOpen: (task: TaskId) => void;
}

/** A question to a person: what a yes allows, why it is asked, and the two answers. */
export function ApprovalCard({ api, approval, onAnswered, onOpen }: Props) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const { id, task, subject } = approval;
  const answer = (verdict: 'approved' | 'denied') => {
    setBusy(true);
    setTrouble(null);
    api
      .answerApproval(id, verdict)
      .then(onAnswered, (error: unknown) =>
        setTrouble(error instanceof Error ? error.message : String(error)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <article className="card" aria-label={`Question ${id}`}>
      <div className="question">
        <p>
          <span className="id">{id}</span> {approval.text}
          {task !== null && (
            <>
              {' '}
              for{' '}
              <button type="button" className="link" onClick={() => onOpen(task)}>
                {task}
              </button>
            </>
          )}
        </p>
        <p className="detail">{approval.reason}</p>
      </div>
      {subject.kind === 'permission' && (
        <pre className="log" tabIndex={0} aria-label="The act that a yes allows">
          {subject.act}
        </pre>
      )}
      <div className="answer">
        <button
          type="button"
          className="primary"
          disabled={busy}
          onClick={() => answer('approved')}
        >
          Approve
        </button>
        <button type="button" disabled={busy} onClick={() => answer('denied')}>
          Deny
        </button>
      </div>
      {trouble !== null && (
        <p role="alert" className="trouble">
          {trouble}
        </p>
      )}
    </article>
  );
}

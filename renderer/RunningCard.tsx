import { useEffect, useRef, useState } from 'react';
import type { TaskSummary } from '../shared/model/api.ts';
import type { TaskId } from '../shared/model/ids.ts';
import type { Api } from './api.ts';

/** How often the log of a running task is read, while the page can be seen. */
const LOG_MS = 1000;
const TAIL_BYTES = 4096;

/** A task that is being worked on, with the end of what it prints. */
export function RunningCard({
  api,
  task,
  onOpen,
}: {
  api: Api;
  task: TaskSummary;
  onOpen: (task: TaskId) => void;
}) {
  const [log, setLog] = useState('');
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    let ended = false;
    const read = () => {
      if (document.hidden || task.attempts === 0) return;
      api.logTail(task.id, task.attempts, TAIL_BYTES).then(
        (text) => {
          if (!ended) setLog(text.trimEnd());
        },
        // Not there yet, or a lost connection, which the header reports.
        () => {},
      );
    };
    read();
    const timer = window.setInterval(read, LOG_MS);
    return () => {
      ended = true;
      window.clearInterval(timer);
    };
  }, [api, task.id, task.attempts]);
  useEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [log]);
  return (
    <article className="card">
      <button type="button" className="row" onClick={() => onOpen(task.id)}>
        <span className="id">{task.id}</span>
        <span className="title">{task.title}</span>
        <span className="note">
          <span className="badge running">{task.status}</span>attempt {Math.max(1, task.attempts)}
        </span>
      </button>
      <pre ref={box} className="log" tabIndex={0} aria-label={`Log of ${task.id}`}>
        {log === '' ? 'No output yet.' : log}
      </pre>
    </article>
  );
}

import { useState } from 'react';
import type { StatusView } from '../shared/model/api.ts';
import type { Api } from './api.ts';
import type { Connection } from './useOverview.ts';

interface Props {
  api: Api;
  status: StatusView;
  connection: Connection;
  onChange: () => void;
}

/** The node at a glance: what it does, what it needs, and the one switch. */
export function Header({ api, status, connection, onChange }: Props) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const paused = status.state === 'paused';
  const toggle = () => {
    setBusy(true);
    setTrouble(null);
    api
      .setPaused(!paused)
      .then(onChange, (error: unknown) =>
        setTrouble(error instanceof Error ? error.message : String(error)),
      )
      .finally(() => setBusy(false));
  };
  const { counts } = status;
  const facts: [string, string][] = [
    ['merged', String(counts.merged)],
    ['open', String(counts.open)],
    ['failed', String(counts.failed)],
    ['confidence', `${Math.round(status.confidence * 100)} %`],
    ['autonomy', status.autonomy],
  ];
  return (
    <header>
      {connection === 'lost' && (
        <p role="status" className="lost">
          Connection lost. Trying again; what you see may be old.
        </p>
      )}
      <div className="top">
        <div>
          <h1>
            Vigil <span className="node">{status.node}</span>
          </h1>
          <p className="summary" role="status">
            <span className={`badge ${status.state}`}>{status.state}</span> {status.summary}
          </p>
        </div>
        <button type="button" onClick={toggle} disabled={busy || connection === 'lost'}>
          {paused ? 'Resume' : 'Pause'}
        </button>
      </div>
      {trouble !== null && (
        <p role="alert" className="trouble">
          {trouble}
        </p>
      )}
      {status.attention.length > 0 && (
        <ul className="attention" aria-label="Needs you">
          {status.attention.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      )}
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

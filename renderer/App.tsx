import { useEffect, useState } from 'react';
import type { TaskId } from '../shared/model/ids.ts';
import type { Api } from './api.ts';
import { AgentHint } from './AgentHint.tsx';
import { ApprovalCard } from './ApprovalCard.tsx';
import { ExplainDialog } from './ExplainDialog.tsx';
import { Header } from './Header.tsx';
import { Notice } from './Notice.tsx';
import { ReviewCard } from './ReviewCard.tsx';
import { RunningCard } from './RunningCard.tsx';
import { Section } from './Section.tsx';
import { TaskRow } from './TaskRow.tsx';
import { useOverview } from './useOverview.ts';

/** Relative times are at most this old. */
const CLOCK_MS = 10_000;

export function App({ api }: { api: Api }) {
  const { overview, connection, refused, refresh } = useOverview(api);
  const [selected, setSelected] = useState<TaskId | null>(null);
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNowMs(Date.now()), CLOCK_MS);
    return () => window.clearInterval(timer);
  }, []);

  if (refused) return <Notice title={refused.message}>{refused.help}</Notice>;
  if (overview === null) {
    return connection === 'lost' ? (
      <Notice title="The node does not answer">
        Start it with <code>vigil up</code>. This page goes on by itself as soon as it is back.
      </Notice>
    ) : (
      <main className="notice" aria-busy="true">
        <p>Loading…</p>
      </main>
    );
  }
  const { status, queue, reviews, approvals, recent } = overview;
  const forYou = approvals.length + reviews.length;
  const nowOrLater = Math.max(nowMs, ...recent.map((task) => task.endedAtMs ?? 0));
  return (
    <>
      <Header api={api} status={status} connection={connection} onChange={refresh} />
      <main>
        <AgentHint waiting={status.counts.waitingForAgent} />
        {forYou > 0 && (
          <Section title="Waiting for you" count={forYou} accent>
            {approvals.map((approval) => (
              <ApprovalCard
                key={approval.id}
                api={api}
                approval={approval}
                onAnswered={refresh}
                onOpen={setSelected}
              />
            ))}
            {reviews.map((review) => (
              <ReviewCard
                key={review.task.id}
                api={api}
                review={review}
                onAnswered={refresh}
                onOpen={setSelected}
              />
            ))}
          </Section>
        )}
        <Section
          title="Running"
          count={queue.running.length}
          empty={
            status.projects.length === 0 ? (
              <>
                No project yet. Add one with <code>vigil project add PATH</code>.
              </>
            ) : (
              'Nothing runs at the moment.'
            )
          }
        >
          {queue.running.map((task) => (
            <RunningCard key={task.id} api={api} task={task} onOpen={setSelected} />
          ))}
        </Section>
        <Section title="Ready" count={queue.ready.length} empty="Nothing is ready to start.">
          <ul className="rows">
            {queue.ready.map((task) => (
              <TaskRow
                key={task.id}
                task={task}
                note={`${task.priority.pathMinutes.toFixed(1)} min of work behind it, priority ${task.priority.total.toFixed(1)}`}
                onOpen={setSelected}
              />
            ))}
          </ul>
        </Section>
        <Section title="Waiting" count={queue.waiting.length} empty="Nothing is held back.">
          <ul className="rows">
            {queue.waiting.map((task) => (
              <TaskRow
                key={task.id}
                task={task}
                detail={task.waiting?.text ?? null}
                onOpen={setSelected}
              />
            ))}
          </ul>
        </Section>
        <Section title="Recently finished" count={recent.length} empty="Nothing has finished yet.">
          <ul className="rows">
            {recent.map((task) => (
              <TaskRow
                key={task.id}
                task={task}
                endedFrom={nowOrLater}
                detail={task.failure}
                onOpen={setSelected}
              />
            ))}
          </ul>
        </Section>
      </main>
      {selected !== null && (
        <ExplainDialog
          key={selected}
          api={api}
          task={selected}
          seq={status.seq}
          onOpen={setSelected}
          onClose={() => setSelected(null)}
        />
      )}
    </>
  );
}

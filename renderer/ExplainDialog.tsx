import { describePriority } from '../shared/explain/describePriority.ts';
import { usd } from '../shared/explain/describeAgents.ts';
import { count, duration, relative } from '../shared/explain/format.ts';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { ExplanationView } from '../shared/model/api.ts';
import type { TaskId } from '../shared/model/ids.ts';
import { ApiFailure, type Api } from './api.ts';
import { Checks } from './Checks.tsx';

interface Props {
  api: Api;
  task: TaskId;
  /** The log position that the page shows: the story is read again when it moves. */
  seq: number;
  onOpen: (task: TaskId) => void;
  onClose: () => void;
}

/** The story of a task, in five sections. Escape, the button and a click beside it close it. */
export function ExplainDialog({ api, task, seq, onOpen, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [story, setStory] = useState<ExplanationView | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  useEffect(() => {
    let ended = false;
    api.explain(task).then(
      (next) => {
        if (!ended) setStory(next);
      },
      (error: unknown) => {
        if (!ended)
          setTrouble(
            error instanceof ApiFailure
              ? `${error.message} ${error.help}`
              : 'The node does not answer.',
          );
      },
    );
    return () => {
      ended = true;
    };
  }, [api, task, seq]);
  return (
    <dialog
      ref={dialog}
      aria-label={`Explanation of ${task}`}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current.close();
      }}
    >
      <div className="story">
        <div className="top">
          <h2>
            <span className="id">{task}</span> {story?.task.title}
          </h2>
          <button type="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
        {story === null ? (
          <p
            role={trouble === null ? undefined : 'alert'}
            className={trouble === null ? 'empty' : 'trouble'}
          >
            {trouble ?? 'Loading…'}
          </p>
        ) : (
          <Story story={story} onOpen={onOpen} />
        )}
      </div>
    </dialog>
  );
}

function Story({ story, onOpen }: { story: ExplanationView; onOpen: (task: TaskId) => void }) {
  const { generation, dispatch, execution, outcome, impact, task } = story;
  const nowMs = Date.now();
  return (
    <>
      <p>
        <span className={`badge ${task.status}`}>{task.status}</span> {story.headline}
      </p>
      {story.toldBy !== null && (
        <p className="empty">
          Told by {story.toldBy}, whose logs are fuller: this node is still copying them.
        </p>
      )}
      <h3>Generation</h3>
      <Facts
        facts={[
          ['source', generation.source],
          ['trigger', generation.trigger],
          ['evidence', generation.evidence],
          ['when', relative(generation.atMs, nowMs)],
          ['priority', generation.priority && describePriority(generation.priority)],
          [
            'spec',
            `specificity ${generation.specificity.toFixed(2)}, complexity ${generation.complexity.toFixed(2)}`,
          ],
        ]}
      />
      <h3>Dispatch</h3>
      {dispatch.waits.length > 0 && (
        <ul className="plain">
          {dispatch.waits.map((wait, index) => (
            <li key={index}>
              {wait.text} <span className="empty">Until: {wait.until}.</span>
            </li>
          ))}
        </ul>
      )}
      {dispatch.rounds.map((round) => (
        <div key={`${round.attempt} ${round.atMs}`}>
          <p>
            Attempt {round.attempt} on {round.node}, score {round.score.toFixed(2)}: {round.reason}
          </p>
          {round.alternatives.length > 0 && (
            <Facts
              facts={round.alternatives.map((other) => [
                `instead, ${other.score.toFixed(2)}`,
                `${other.text}: ${other.reason}`,
              ])}
            />
          )}
        </div>
      ))}
      {dispatch.waits.length + dispatch.rounds.length === 0 && (
        <p className="empty">It has not been dispatched.</p>
      )}
      <h3>Execution</h3>
      {execution.length === 0 && <p className="empty">It has not been started.</p>}
      {execution.map((one) => (
        <div key={one.attempt}>
          <p>
            Attempt {one.attempt}
            {one.durationMs !== null && `, ${duration(one.durationMs)}`}: {one.result}
          </p>
          <Facts
            facts={[
              ['route', one.route],
              ...one.agents.map(
                (agent) =>
                  [
                    agent.role,
                    `${agent.agent} with ${agent.model} of ${agent.provider}, ${agent.outcome ?? 'at work'}`,
                  ] as const,
              ),
              [
                'models',
                one.calls > 0 &&
                  `${count(one.calls, 'call')}, ${one.tokens} tokens, ${one.costUsd === null ? 'not all paid in dollars' : usd(one.costUsd)}`,
              ],
              ['failure', one.failure && `${one.failure.class}: ${one.failure.reason}`],
              [
                'diff',
                one.diff &&
                  `${one.diff.files.join(', ')} (+${one.diff.added} −${one.diff.removed})`,
              ],
            ]}
          />
          {one.verification && <Checks verification={one.verification} />}
        </div>
      ))}
      <h3>Outcome</h3>
      <Facts
        facts={[
          ['status', outcome.status],
          [
            'duration',
            `${outcome.durationMs === null ? 'none yet' : duration(outcome.durationMs)}, estimate ${duration(outcome.estimateMs)}`,
          ],
          ['quality', outcome.quality?.toFixed(2) ?? null],
          ['commit', outcome.commit],
          ['cost', outcome.costUsd === null ? 'nothing was paid in dollars' : usd(outcome.costUsd)],
          ['lesson', outcome.lesson],
        ]}
      />
      <h3>Impact</h3>
      <Facts
        facts={[
          ['unblocked', <Links key="unblocked" tasks={impact.unblocked} onOpen={onOpen} />],
          ['waiting for it', <Links key="waiting" tasks={impact.waitingForIt} onOpen={onOpen} />],
          ['promoted', impact.promoted ? 'yes, it is on the target branch' : 'no'],
        ]}
      />
    </>
  );
}

function Facts({ facts }: { facts: (readonly [string, ReactNode])[] }) {
  const known = facts.filter(([, value]) => value !== null && value !== '' && value !== false);
  return (
    known.length > 0 && (
      <dl className="pairs">
        {known.map(([name, value], index) => (
          <div key={index}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    )
  );
}

function Links({ tasks, onOpen }: { tasks: readonly TaskId[]; onOpen: (task: TaskId) => void }) {
  if (tasks.length === 0) return 'nothing';
  return tasks.map((task) => (
    <button key={task} type="button" className="link" onClick={() => onOpen(task)}>
      {task}
    </button>
  ));
}

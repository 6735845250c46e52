import { SegmentedControl, Text } from '@mantine/core';
import { usd } from '../../../shared/explain/describeAgents.ts';
import { count, dateTime, duration } from '../../../shared/explain/format.ts';
import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { Card } from '../../parts/Card.tsx';
import { Checks } from '../../parts/Checks.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { Log } from '../../parts/Log.tsx';
import { localOffset } from '../../parts/localOffset.ts';
import { useQueryParam } from '../../parts/useQueryParam.ts';
import { visible } from '../../parts/visible.ts';
import { AttemptDiff } from './AttemptDiff.tsx';
import { TestResult } from './TestResult.tsx';
import { TranscriptView } from './TranscriptView.tsx';
import classes from './task.module.css';

type Told = ExplanationView['execution'][number];

/** One attempt: who, where, how long, what came of it; its diff, log and transcript on demand. */
export function AttemptCard({ task, told }: { task: TaskId; told: Told }) {
  const { attempt, node, duplicateOf, startedAtMs, durationMs, result, failure, verification } =
    told;
  const [open, setOpen] = useQueryParam('show');
  const parts = partsOf(told);
  const [part, at] = open.split('-');
  const shown =
    Number(at) === attempt && parts.some(({ value }) => value === part) ? part : 'checks';
  const isLive = durationMs === null && failure === null;
  return (
    <Card role="article" aria-label={`Attempt ${attempt} on ${node}`}>
      <Text fw={500}>
        Attempt {attempt} on {node}: {visible(result)}
      </Text>
      {duplicateOf && (
        <Text size="sm" c="var(--vigil-warn)">
          It did again what attempt {duplicateOf.attempt} on {duplicateOf.node} merged.
        </Text>
      )}
      <Facts
        facts={[
          ['started', startedAtMs !== null && dateTime(startedAtMs, localOffset(startedAtMs))],
          ['duration', durationMs !== null && duration(durationMs)],
          ['failure', failure && `${failure.class}: ${visible(failure.reason)}`],
          ['route', told.route && visible(told.route)],
          ...told.agents.map(
            ({ role, agent, model, provider, outcome, toolCalls, denied }) =>
              [
                role,
                `${agent} with ${model} of ${provider}, ${outcome ?? 'at work'}` +
                  (toolCalls === null ? '' : `, ${count(toolCalls, 'tool call')}`) +
                  (denied.length === 0 ? '' : `, denied: ${visible(denied.join('; '))}`),
              ] as const,
          ),
          [
            'cost',
            told.calls > 0 &&
              `${count(told.calls, 'call')}, ${told.tokens} tokens, ${told.costUsd === null ? 'not all paid in dollars' : usd(told.costUsd)}`,
          ],
          [
            'changes',
            told.diff &&
              `${count(told.diff.files.length, 'file')} (+${told.diff.added} −${told.diff.removed})`,
          ],
        ]}
      />
      <SegmentedControl
        className={classes.parts ?? ''}
        size="xs"
        mt="sm"
        aria-label={`What to see of attempt ${attempt}`}
        data={parts}
        value={shown ?? 'checks'}
        onChange={(value) => setOpen(value === 'checks' ? '' : `${value}-${attempt}`)}
      />
      <div className={classes.shown}>
        {shown === 'checks' &&
          (verification ? (
            <Checks verification={verification} />
          ) : (
            <Text size="sm" c="var(--vigil-soft)">
              Nothing has been checked.
            </Text>
          ))}
        {shown === 'tests' && <TestResult tests={verification?.tests ?? null} />}
        {shown === 'diff' && <AttemptDiff task={task} attempt={attempt} />}
        {shown === 'log' && <Log task={task} attempt={attempt} live={isLive} />}
        {shown === 'transcript' && (
          <TranscriptView
            task={task}
            attempt={attempt}
            live={isLive}
            roles={[...new Set(told.agents.map(({ role }) => role))]}
          />
        )}
      </div>
    </Card>
  );
}

function partsOf({ verification, diff, agents }: Told): { value: string; label: string }[] {
  return [
    { value: 'checks', label: 'Checks' },
    ...(verification?.tests ? [{ value: 'tests', label: 'Tests' }] : []),
    ...(diff ? [{ value: 'diff', label: 'Diff' }] : []),
    { value: 'log', label: 'Log' },
    ...(agents.length > 0 ? [{ value: 'transcript', label: 'Transcript' }] : []),
  ];
}

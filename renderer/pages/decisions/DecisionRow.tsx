import { Badge, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { describeAction } from '../../../shared/explain/describeEngine.ts';
import { clock, count, dateTime, percent, score } from '../../../shared/explain/format.ts';
import type { Candidate } from '../../../shared/model/decision.ts';
import type { DecisionsView } from '../../../shared/model/insightApi.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { localOffset } from '../../parts/localOffset.ts';
import { TaskLink } from '../../parts/TaskLink.tsx';
import { visible } from '../../parts/visible.ts';
import classes from './decisions.module.css';

type Decided = DecisionsView['decisions'][number];

/** One decision in a line; opened, all that was weighed. */
export function DecisionRow({ decision }: { decision: Decided }) {
  const [isOpen, setOpen] = useState(false);
  const { atMs, trigger, candidates, omitted, confidence, readyTasks, openTasks, node } = decision;
  const chosen = candidates.filter(({ selected }) => selected);
  const considered = candidates.length + omitted;
  return (
    <li>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className={classes.summary}>
          <Text span size="xs" c="var(--vigil-soft)" title={dateTime(atMs, localOffset(atMs))}>
            {clock(atMs, localOffset(atMs))}
          </Text>
          <Text span size="sm" className={classes.what ?? ''}>
            {chosen.map(({ action }) => describeAction(action)).join(', ') || 'nothing to do'}
          </Text>
          <Text span size="xs" c="var(--vigil-soft)">
            on {trigger} · {count(considered, 'candidate')} · {percent(confidence)} sure
          </Text>
        </summary>
        {isOpen && (
          <div className={classes.body}>
            <Text size="sm" mb="xs">
              {readyTasks} ready of {count(openTasks, 'open task')},{' '}
              {count(decision.freeSlots, 'free slot')}, decided by {node} in{' '}
              {(decision.latencyUs / 1000).toFixed(1)} ms with autonomy {decision.autonomy}.
            </Text>
            {candidates.length > 0 && (
              <DataTable
                caption="What was weighed, best first"
                columns={['', 'Action', '#Score', '#Success', '#Value', '#Cost', 'Why']}
                rows={candidates.map((candidate, index) => ({
                  key: String(index),
                  cells: cellsOf(candidate),
                }))}
              />
            )}
            {omitted > 0 && (
              <Text size="xs" c="var(--vigil-soft)" mt={4}>
                {count(omitted, 'more candidate')} with lower scores{' '}
                {omitted === 1 ? 'was' : 'were'} not kept.
              </Text>
            )}
          </div>
        )}
      </details>
    </li>
  );
}

function cellsOf({ action, score: points, pSuccess, value, cost, selected, reason }: Candidate) {
  return [
    selected ? (
      <Badge key="chosen" size="sm" variant="light">
        chosen
      </Badge>
    ) : (
      ''
    ),
    <Group key="action" gap={6} wrap="nowrap">
      <span>{describeAction(action)}</span>
      {'task' in action && <TaskLink id={action.task} />}
    </Group>,
    score(points),
    percent(pSuccess),
    score(value),
    score(cost),
    visible(reason),
  ];
}

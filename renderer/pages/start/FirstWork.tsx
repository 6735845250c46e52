import { Anchor, Button, Group, Stack, Text, Timeline } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { count, duration } from '../../../shared/explain/format.ts';
import type { ProjectView } from '../../../shared/model/projectApi.ts';
import type { TaskSummary } from '../../../shared/model/taskApi.ts';
import { useProjects, useQueue, useTasks } from '../../api/queries.ts';
import { ENDED } from '../../api/reads.ts';
import { Reading } from '../../parts/Reading.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { TaskRow } from '../../parts/TaskRow.tsx';
import { visible } from '../../parts/visible.ts';

/** How many of the tasks are shown under the steps. */
const SHOWN = 5;

/** How far the first work on a project is. */
export function FirstWork({ id, onAgain }: { id: string; onAgain: () => void }) {
  const projects = useProjects();
  return (
    <Reading of={projects}>
      {(read) => {
        const project = read.projects.find((each) => each.id === id);
        return project ? (
          <Steps project={project} />
        ) : (
          <Text>
            There is no project {id}.{' '}
            <Button size="compact-sm" variant="default" onClick={onAgain}>
              Choose a repository
            </Button>
          </Text>
        );
      }}
    </Reading>
  );
}

function Steps({ project }: { project: ProjectView }) {
  const queue = useQueue({ project: project.id, text: '', limit: SHOWN }).data;
  const ended = (useTasks(ENDED).data?.tasks ?? []).filter((task) => task.project === project.id);
  const open: TaskSummary[] = queue
    ? [...queue.running, ...queue.review, ...queue.ready, ...queue.waiting]
    : [];
  const { running = 0, review = 0, ready = 0, waiting = 0 } = queue?.totals ?? {};
  const tasks = running + review + ready + waiting + ended.length;
  const merged = ended.filter(({ status }) => status === 'merged');
  const { baseline, trouble } = project;
  const done = [true, baseline !== null, tasks > 0, merged.length > 0];
  return (
    <Stack maw={720}>
      <Timeline active={done.lastIndexOf(true)} bulletSize={18} aria-label="First work">
        <Step title="The repository is cloned" isDone>
          {project.id}, {project.target}
        </Step>
        <Step title="Its tests as they are" isDone={baseline !== null}>
          {trouble
            ? `${visible(trouble.reason)} ${visible(trouble.help)}`
            : baseline === null
              ? 'Installing and running them once.'
              : describe(baseline.tests)}
        </Step>
        <Step title="Looking for gaps" isDone={tasks > 0}>
          {tasks > 0 ? `${count(tasks, 'task')} found` : 'This takes a few seconds.'}
        </Step>
        <Step title="The first task is merged" isDone={merged.length > 0}>
          {merged.length > 0
            ? `${merged.length} merged so far`
            : 'Each task is done, checked and merged on its own.'}
        </Step>
      </Timeline>
      {merged.length > 0 && (
        <Group>
          <Button component={Link} href="/">
            Go to the overview
          </Button>
          <Anchor
            component={Link}
            href={`/queue?project=${encodeURIComponent(project.id)}`}
            size="sm"
          >
            All its tasks
          </Anchor>
        </Group>
      )}
      {tasks > 0 && (
        <Rows>
          {[...merged, ...open].slice(0, SHOWN).map((task) => (
            <TaskRow key={task.id} task={task} detail={task.waiting?.text ?? null} />
          ))}
        </Rows>
      )}
    </Stack>
  );
}

function describe({
  outcome,
  failing,
  total,
  durationMs,
}: NonNullable<ProjectView['baseline']>['tests']) {
  if (outcome === 'absent') return 'The project has no test command.';
  const time = duration(durationMs);
  if (total === null) return `${outcome}, in ${time}`;
  return failing.length === 0
    ? `All ${total} pass, in ${time}`
    : `${failing.length} of ${total} fail, in ${time}; only new failures will count`;
}

function Step({
  title,
  isDone,
  children,
}: {
  title: string;
  isDone: boolean;
  children: ReactNode;
}) {
  return (
    <Timeline.Item title={title} bullet={isDone ? <span aria-label="done">✓</span> : undefined}>
      <Text size="sm" c="var(--vigil-soft)">
        {children}
      </Text>
    </Timeline.Item>
  );
}

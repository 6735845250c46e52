import { Badge, Group, Text } from '@mantine/core';
import type { RouteComponentProps } from 'wouter';
import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { useReviews, useStory } from '../../api/queries.ts';
import { PageTitle } from '../../parts/PageTitle.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { StatusBadge } from '../../parts/StatusBadge.tsx';
import { TaskActions } from '../../parts/TaskActions.tsx';
import { visible } from '../../parts/visible.ts';
import { ReviewCard } from '../approvals/ReviewCard.tsx';
import { Attempts } from './Attempts.tsx';
import { Dispatch } from './Dispatch.tsx';
import { Generation } from './Generation.tsx';
import { Impact } from './Impact.tsx';
import { Outcome } from './Outcome.tsx';

/** The story of a task: where it came from, why it runs or waits, what was tried, what came of it. */
export default function TaskPage({ params }: RouteComponentProps<{ id: TaskId }>) {
  const story = useStory(params.id);
  return (
    <>
      {story.data === undefined && <PageTitle title={params.id} />}
      <Reading of={story}>{(told) => <Story story={told} />}</Reading>
    </>
  );
}

function Story({ story }: { story: ExplanationView }) {
  const { task, headline, generation, dispatch, execution, outcome, impact } = story;
  const review = useReviews().data?.reviews.find((each) => each.task.id === task.id);
  return (
    <>
      <PageTitle
        title={`${task.id} ${visible(task.title)}`}
        actions={<TaskActions id={task.id} status={task.status} />}
      >
        {visible(headline)}
      </PageTitle>
      <Group gap="xs" mb="md">
        <StatusBadge status={task.status} />
        <Badge size="sm" variant="default">
          {task.project}
        </Badge>
        <Badge size="sm" variant="default">
          {task.type}
        </Badge>
        <Badge size="sm" variant="default">
          {task.risk} risk
        </Badge>
        <Text size="xs" c="var(--vigil-soft)">
          done by {task.executor === 'agent' ? 'a coding agent' : `a ${task.executor}`}
        </Text>
      </Group>
      {story.toldBy !== null && (
        <Text size="sm" c="var(--vigil-soft)" mb="md">
          Told by {story.toldBy}, whose logs are fuller: this node is still copying them.
        </Text>
      )}
      {review && task.status === 'review' && <ReviewCard review={review} isGone={false} />}
      <Generation task={task.id} told={generation} />
      <Dispatch told={dispatch} />
      <Attempts task={task.id} attempts={execution} />
      <Outcome told={outcome} />
      <Impact told={impact} events={story.events} />
    </>
  );
}

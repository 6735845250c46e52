import { Progress, Text, UnstyledButton } from '@mantine/core';
import { duration } from '../../../shared/explain/format.ts';
import type { TaskSummary } from '../../../shared/model/taskApi.ts';
import { useStory } from '../../api/queries.ts';
import { useNow } from '../../parts/useNow.ts';
import { visible } from '../../parts/visible.ts';
import { openPlace } from './openPlace.ts';
import classes from './popover.module.css';

/** So many are shown with their progress. */
const SHOWN = 2;
/** What takes longer than was thought is never shown as done, share. */
const ALMOST = 0.95;
const SECOND_MS = 1_000;

interface Props {
  readonly tasks: readonly TaskSummary[];
  readonly waitingForAgent: number;
  readonly isPaused: boolean;
}

/** What is worked on, and how far it is by what such work takes. */
export function RunningNow({ tasks, waitingForAgent, isPaused }: Props) {
  return (
    <section aria-label="Running" className={classes.part}>
      {tasks.length === 0 ? (
        <Text size="xs" c="var(--vigil-soft)">
          {isPaused
            ? 'Nothing runs, and nothing new starts until you resume.'
            : waitingForAgent > 0
              ? `Nothing runs. Waiting for an agent: ${waitingForAgent}.`
              : 'Nothing runs at the moment.'}
        </Text>
      ) : (
        tasks.slice(0, SHOWN).map((task) => <Running key={task.id} task={task} />)
      )}
      {tasks.length > SHOWN && (
        <UnstyledButton className={classes.link} onClick={() => openPlace('/queue')}>
          and {tasks.length - SHOWN} more at work
        </UnstyledButton>
      )}
    </section>
  );
}

function Running({ task }: { task: TaskSummary }) {
  const nowMs = useNow();
  const story = useStory(task.id).data;
  const startedAtMs = story?.execution.at(-1)?.startedAtMs ?? null;
  const estimateMs = story?.outcome.estimateMs ?? null;
  const elapsedMs = startedAtMs === null ? null : Math.max(0, nowMs - startedAtMs);
  const share = elapsedMs === null || !estimateMs ? null : Math.min(ALMOST, elapsedMs / estimateMs);
  return (
    <UnstyledButton className={classes.row} onClick={() => openPlace(`/tasks/${task.id}`)}>
      <Text size="sm" truncate>
        {visible(task.title)}
      </Text>
      <Progress
        value={(share ?? 1) * 100}
        striped={share === null}
        animated={share === null}
        size={4}
        my={5}
        aria-label={`Progress of ${task.id}`}
      />
      <div className={classes.spread}>
        <Text size="xs" c="var(--vigil-soft)">
          {task.id} · {task.status}
        </Text>
        <Text size="xs" c="var(--vigil-soft)">
          {elapsedMs !== null && timeOf(elapsedMs, estimateMs)}
        </Text>
      </div>
    </UnstyledButton>
  );
}

/** How long it has run, and of how much: time that is shown runs in whole seconds. */
function timeOf(elapsedMs: number, estimateMs: number | null): string {
  const about = estimateMs ? `about ${duration(estimateMs)}` : null;
  if (elapsedMs < SECOND_MS) return about === null ? 'just begun' : `just begun, takes ${about}`;
  const elapsed = duration(Math.floor(elapsedMs / SECOND_MS) * SECOND_MS);
  if (about === null) return elapsed;
  return `${elapsed}${elapsedMs <= (estimateMs ?? 0) ? ' of' : ', expected'} ${about}`;
}

import { Button, Group, Text, UnstyledButton } from '@mantine/core';
import { IconPower } from '@tabler/icons-react';
import { glance } from '../../../shared/explain/glance.ts';
import { useConnection } from '../../api/context.tsx';
import {
  useApprovals,
  useEnded,
  useNodes,
  useRunning,
  useStatus,
  useTasks,
} from '../../api/queries.ts';
import { REVIEW } from '../../api/reads.ts';
import { shellBridge } from '../../api/shell.ts';
import { Trouble } from '../../parts/Trouble.tsx';
import { useAct } from '../../parts/useAct.ts';
import { Finished } from './Finished.tsx';
import { Header } from './Header.tsx';
import { Machine } from './Machine.tsx';
import { MeshLines } from './MeshLines.tsx';
import { openPlace } from './openPlace.ts';
import { Question } from './Question.tsx';
import { Result } from './Result.tsx';
import { RunningNow } from './RunningNow.tsx';
import { usePopoverWindow } from './usePopoverWindow.ts';
import classes from './popover.module.css';

/** So many questions fit; the others are on the page. */
const LISTED = 3;

/** What hangs from the icon in the menu bar: the node at a glance, the few decisions that wait, and the switches. */
export default function Popover() {
  const status = useStatus();
  const nodes = useNodes();
  const running = useRunning();
  const approvals = useApprovals();
  const reviews = useTasks(REVIEW);
  const ended = useEnded(1);
  const connection = useConnection();
  const reads = [status, nodes, running, approvals, reviews, ended];
  const isAway = connection === 'lost' || status.isError;
  const panel = usePopoverWindow(isAway || reads.every(({ isPending }) => !isPending));

  const self = nodes.data?.nodes.find((node) => node.self) ?? null;
  const view = isAway ? glance(null, null) : glance(status.data ?? null, self);
  const questions = approvals.data?.approvals ?? [];
  const results = reviews.data?.tasks ?? [];
  const isPaused = status.data?.resumable === true;
  const waiting = questions.length + results.length;
  const shownResults = results.slice(0, Math.max(0, LISTED - questions.length));
  const shown = Math.min(LISTED, questions.length) + shownResults.length;

  return (
    <div ref={panel} className={classes.panel}>
      <Header glance={view} name={self?.name ?? ''} />
      {isAway ? (
        <Away />
      ) : (
        <main className={classes.parts}>
          {waiting > 0 && (
            <section aria-label="Needs you" className={classes.part}>
              {questions.slice(0, LISTED).map((approval) => (
                <Question key={approval.id} approval={approval} />
              ))}
              {shownResults.map((task) => (
                <Result key={task.id} task={task} />
              ))}
              {waiting > shown && (
                <UnstyledButton className={classes.link} onClick={() => openPlace('/approvals')}>
                  and {waiting - shown} more
                </UnstyledButton>
              )}
            </section>
          )}
          <RunningNow
            tasks={running.data?.tasks ?? []}
            waitingForAgent={status.data?.counts.waitingForAgent ?? 0}
            isPaused={isPaused}
          />
          {ended.data?.tasks[0] && <Finished task={ended.data.tasks[0]} />}
          {self?.senses && <Machine senses={self.senses} />}
          {nodes.data && nodes.data.nodes.length > 1 && <MeshLines nodes={nodes.data.nodes} />}
        </main>
      )}
      <Switches
        isAway={isAway}
        isPaused={isPaused}
        node={self?.id ?? null}
        isDraining={self?.draining ?? false}
      />
    </div>
  );
}

function Away() {
  const start = () => void shellBridge()?.startNode();
  return (
    <main className={classes.away}>
      <Text size="sm">
        The node of this machine does not run. What it did is kept, and it goes on where it was.
      </Text>
      <Button size="xs" mt="sm" onClick={start}>
        Start the node
      </Button>
    </main>
  );
}

interface SwitchesProps {
  readonly isAway: boolean;
  readonly isPaused: boolean;
  readonly node: string | null;
  readonly isDraining: boolean;
}

function Switches({ isAway, isPaused, node, isDraining }: SwitchesProps) {
  const pause = useAct((api) =>
    isPaused
      ? api.send('POST', '/v1/resume')
      : api.send('POST', '/v1/pause', { reason: 'paused in the menu bar' }),
  );
  const drain = useAct((api) =>
    api.send('POST', `/v1/nodes/${node}/drain`, { drain: !isDraining }),
  );
  return (
    <footer className={classes.switches}>
      <Group gap={6} wrap="nowrap">
        <Button
          size="compact-sm"
          variant={isPaused ? 'filled' : 'default'}
          loading={pause.isPending}
          disabled={isAway}
          onClick={() => pause.mutate()}
        >
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          title={isDraining ? 'It takes work again' : 'It finishes what runs and takes nothing new'}
          loading={drain.isPending}
          disabled={isAway || node === null}
          onClick={() => drain.mutate()}
        >
          {isDraining ? 'Undrain' : 'Drain'}
        </Button>
        <span className={classes.space} />
        <Button size="compact-sm" variant="light" onClick={() => openPlace('/')}>
          Open Vigil
        </Button>
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          aria-label="Quit Vigil"
          title="Quit Vigil"
          px={6}
          onClick={() => void shellBridge()?.quit()}
        >
          <IconPower size={16} aria-hidden />
        </Button>
      </Group>
      <Trouble error={pause.error ?? drain.error} />
    </footer>
  );
}

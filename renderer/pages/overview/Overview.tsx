import { Alert, Anchor, List } from '@mantine/core';
import { Link } from 'wouter';
import { inline } from '../../../shared/explain/format.ts';
import { useEnded, useProjects, useRunning, useStatus } from '../../api/queries.ts';
import { LAST_ENDED } from '../../api/reads.ts';
import { PageTitle } from '../../parts/PageTitle.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { Section } from '../../parts/Section.tsx';
import { TaskRow } from '../../parts/TaskRow.tsx';
import { Told } from '../../parts/Told.tsx';
import { hasCard } from '../../parts/placeOf.ts';
import { WaitingForYou } from '../approvals/WaitingForYou.tsx';
import { AgentHint } from './AgentHint.tsx';
import { WhileAway } from './WhileAway.tsx';
import { ProjectRow } from './ProjectRow.tsx';
import { RunningTask } from './RunningTask.tsx';

/** The node at a glance: what happened, what it does, what it needs. */
export default function Overview() {
  const status = useStatus();
  const running = useRunning();
  const ended = useEnded(LAST_ENDED);
  const projects = useProjects();
  // What is answered on a card is told by it, right below.
  const attention = (status.data?.attention ?? []).filter((item) => !hasCard(item));
  return (
    <>
      <PageTitle title="Overview">{status.data && <Told>{status.data.summary}</Told>}</PageTitle>
      {attention.length > 0 && (
        <Alert color="yellow" title="Needs you" mb="md">
          <List size="sm">
            {attention.map((item) => (
              <List.Item key={item}>
                <Told>{inline(item)}</Told>
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <WaitingForYou />
      <WhileAway />
      <AgentHint waiting={status.data?.counts.waitingForAgent ?? 0} />
      <Reading of={running}>
        {({ tasks }) => (
          <Section
            title="Running"
            count={tasks.length}
            empty={
              <>
                Nothing runs at the moment. The{' '}
                <Anchor component={Link} href="/queue" inherit underline="always">
                  queue
                </Anchor>{' '}
                says what waits, and why.
              </>
            }
          >
            <Rows>
              {tasks.map((task) => (
                <RunningTask key={task.id} task={task} />
              ))}
            </Rows>
          </Section>
        )}
      </Reading>
      <Reading of={ended}>
        {({ tasks }) => (
          <Section title="Recently finished" count={tasks.length} empty="Nothing has finished yet.">
            <Rows>
              {tasks.map((task) => (
                <TaskRow key={task.id} task={task} detail={task.failure} />
              ))}
            </Rows>
          </Section>
        )}
      </Reading>
      <Reading of={projects}>
        {({ projects: all }) => (
          <Section
            title="Projects"
            count={all.length}
            empty="None yet."
            actions={
              <Anchor component={Link} href="/start" size="sm" underline="always">
                Add a project
              </Anchor>
            }
          >
            <Rows>
              {all.map((project) => (
                <ProjectRow key={project.id} project={project} />
              ))}
            </Rows>
          </Section>
        )}
      </Reading>
    </>
  );
}

import { Group, Select, Text } from '@mantine/core';
import { useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { count, duration } from '../../../shared/explain/format.ts';
import type { GraphView } from '../../../shared/model/taskApi.ts';
import { useGraph } from '../../api/insightQueries.ts';
import { useProjects } from '../../api/queries.ts';
import { Empty } from '../../parts/Empty.tsx';
import { PageTitle } from '../../parts/PageTitle.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { GraphCanvas } from './GraphCanvas.tsx';
import { GraphList } from './GraphList.tsx';
import { StateSign } from './StateSign.tsx';
import type { TaskState } from './taskState.ts';
import classes from './graph.module.css';

const STATES: readonly TaskState[] = ['running', 'ready', 'waiting', 'review'];

/** What waits for what: the open tasks with the path that decides when all is done. */
export default function Graph() {
  const [search, setSearch] = useSearchParams();
  const project = search.get('project');
  const graph = useGraph(project);
  const projects = useProjects();
  return (
    <>
      <PageTitle
        title="Graph"
        actions={
          (projects.data?.projects.length ?? 0) > 1 && (
            <Select
              size="xs"
              aria-label="Project"
              placeholder="All projects"
              clearable
              data={projects.data?.projects.map(({ id }) => String(id)) ?? []}
              value={project}
              onChange={(id) => setSearch(id === null ? {} : { project: id })}
            />
          )
        }
      >
        {graph.data && graph.data.tasks.length > 0
          ? `${count(graph.data.tasks.length, 'open task')}; the critical path takes about ${duration(graph.data.criticalPathMs)}.`
          : 'What waits for what.'}
      </PageTitle>
      <Reading of={graph}>
        {(view) =>
          view.tasks.length === 0 ? (
            <Empty title="No open tasks">
              Here you see what waits for what, and which tasks decide when all is done. Vigil adds
              tasks when it finds work in a project; <code>vigil task add</code> adds your own.
            </Empty>
          ) : (
            <Shown view={view} />
          )
        }
      </Reading>
    </>
  );
}

function Shown({ view }: { view: GraphView }) {
  const [marked, setMarked] = useState<string | null>(null);
  const [, go] = useLocation();
  return (
    <>
      <Group gap="md" mb="xs">
        {STATES.map((state) => (
          <StateSign key={state} state={state} />
        ))}
        <Text size="xs" c="var(--vigil-soft)">
          thick blue: critical path · dashed: soft · dotted: order only
        </Text>
      </Group>
      <div className={classes.split}>
        <GraphCanvas
          view={view}
          marked={marked}
          onMark={setMarked}
          onOpen={(id) => go(`/tasks/${id}`)}
        />
        <GraphList view={view} marked={marked} onMark={setMarked} />
      </div>
    </>
  );
}

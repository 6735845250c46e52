import { Alert, Badge, Button, Code, Group, Stack, Text, Title } from '@mantine/core';
import { count } from '../../../shared/explain/format.ts';
import type { ProjectView } from '../../../shared/model/projectApi.ts';
import { useNodes, useProjects } from '../../api/queries.ts';
import { Card } from '../../parts/Card.tsx';
import { ConfirmButton } from '../../parts/ConfirmButton.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { Section } from '../../parts/Section.tsx';
import { Trouble } from '../../parts/Trouble.tsx';
import { useAct } from '../../parts/useAct.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { Told } from '../../parts/Told.tsx';
import { TakeHome } from './TakeHome.tsx';
import classes from './settings.module.css';

export function Projects() {
  const read = useProjects();
  return (
    <Reading of={read}>
      {({ projects }) => (
        <Section
          title="Projects"
          count={projects.length}
          empty={
            <>
              None yet. <code>vigil up PATH</code> adds the repository at that path.
            </>
          }
        >
          <Stack>
            {projects.map((project) => (
              <ProjectCard key={project.id} project={project} />
            ))}
          </Stack>
        </Section>
      )}
    </Reading>
  );
}

function ProjectCard({ project }: { project: ProjectView }) {
  const { id, path, home, target, ahead, trouble, counts, profile } = project;
  const nodes = useNodes();
  const promote = useAct((api) => api.send('POST', `/v1/projects/${id}/promote`));
  const holder = nodes.data?.nodes.find((node) => node.id === home);
  const machine = holder?.name ?? home ?? '';
  return (
    <Card role="article" aria-label={`Project ${id}`}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={3} size="h5">
            {id}
          </Title>
          <Text size="sm" c="var(--vigil-soft)">
            {path ?? 'its repository is on another node'} · home {machine} · {counts.open} open,{' '}
            {counts.merged} merged, {counts.failed} failed
          </Text>
        </div>
        <Group gap="xs">
          {ahead !== null && (
            <Button
              size="xs"
              variant="default"
              disabled={ahead === 0}
              loading={promote.isPending}
              onClick={() => promote.mutate()}
            >
              {ahead === 0
                ? `${target} is up to date`
                : `Bring ${count(ahead, 'commit')} to ${target}`}
            </Button>
          )}
          {nodes.data && path === null && holder?.up !== true && (
            <TakeHome project={id} machine={machine} isMember={holder !== undefined} />
          )}
          <ConfirmButton
            label="Remove"
            title={`Remove ${id}?`}
            act={(api) => api.send('DELETE', `/v1/projects/${id}`)}
          >
            <Text size="sm">
              Vigil no longer works on it, and its open tasks are cancelled. The repository is
              untouched; merged work that was not brought to <b>{target}</b> stays on Vigil&rsquo;s
              branch there.
            </Text>
          </ConfirmButton>
        </Group>
      </Group>
      <Trouble error={promote.error} />
      {trouble && (
        <Alert color="yellow" mt="sm" title={trouble.reason}>
          <Told>{trouble.help}</Told>
        </Alert>
      )}
      <details className={classes.profile}>
        <summary>
          <Text span size="sm" c="var(--vigil-soft)">
            How it is built and checked
          </Text>
        </summary>
        <DataTable
          caption={`Profile of ${id}`}
          columns={['What', 'Value', 'From']}
          rows={profileRows(project)}
        />
        <Text size="xs" c="var(--vigil-soft)" mt={4}>
          To change a value, write it in <Code>vigil.yaml</Code> at the top of the repository.
        </Text>
      </details>
      {profile.notes.map((note) => (
        <Text key={note} size="sm" mt="xs">
          {note}
        </Text>
      ))}
      <Group gap={4} mt="xs">
        <Badge variant="default" size="sm" tt="none">
          {profile.language}
        </Badge>
        {profile.review && (
          <Badge variant="light" size="sm" tt="none">
            every result waits for you
          </Badge>
        )}
      </Group>
    </Card>
  );
}

function profileRows({ profile, target }: ProjectView) {
  const { sources } = profile;
  const values: readonly (readonly [string, string])[] = [
    ['target', target],
    ['packageManager', profile.packageManager],
    ['install', profile.install ?? 'none'],
    ['test', profile.test ?? 'none'],
    ['lint', profile.lint ?? 'none'],
    ['formatter', profile.formatter ?? 'none'],
    ['review', profile.review ? 'every result' : 'what needs it'],
    ['testTimeoutMinutes', String(profile.testTimeoutMs / 60_000)],
    ['ignore', profile.ignore.join(', ') || 'nothing'],
    ['network', profile.network?.join(', ') || 'package registries only'],
  ];
  return values.map(([what, value]) => ({
    key: what,
    cells: [what, value, sources[what] ?? 'default'],
  }));
}

import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ProjectInspection, ProjectView } from '../../../shared/model/projectApi.ts';
import { Card } from '../../parts/Card.tsx';
import { Trouble } from '../../parts/Trouble.tsx';
import { useAct } from '../../parts/useAct.ts';
import { AgentsHere } from './AgentsHere.tsx';
import { Found } from './Found.tsx';
import { Repositories } from './Repositories.tsx';

/** Asks for a path, shows what is there, and begins only when a person says so. */
export function ChooseRepository({ onStarted }: { onStarted: (project: string) => void }) {
  const [path, setPath] = useState('');
  const [found, setFound] = useState<ProjectInspection | null>(null);
  const look = useAct<string>(async (api, at) => {
    setFound(null);
    setFound(await api.send<ProjectInspection>('POST', '/v1/projects/inspect', { path: at }));
  });
  const start = useAct<ProjectInspection>(async (api, chosen) => {
    const project = await api.send<ProjectView>('POST', '/v1/projects', { path: chosen.path });
    onStarted(project.id);
  });
  return (
    <Stack maw={720}>
      <Card>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            look.mutate(path.trim());
          }}
        >
          <Group align="end" gap="xs">
            <TextInput
              label="Path of a git repository"
              placeholder="/home/me/code/shop"
              flex={1}
              miw={220}
              required
              autoComplete="off"
              spellCheck={false}
              value={path}
              onChange={({ currentTarget }) => {
                setPath(currentTarget.value);
                setFound(null);
              }}
            />
            <Button type="submit" variant={found ? 'default' : 'filled'} loading={look.isPending}>
              Look at it
            </Button>
          </Group>
        </form>
        <Text size="xs" c="var(--vigil-soft)" mt="xs">
          Looking changes nothing. Vigil works in a clone of its own; your branch moves only when
          you promote.
        </Text>
        <Trouble error={look.error} />
      </Card>
      {found === null && (
        <>
          <Repositories
            onChoose={(chosen) => {
              setPath(chosen);
              look.mutate(chosen);
            }}
          />
          <AgentsHere />
        </>
      )}
      {found && (
        <>
          <Found found={found} />
          <AgentsHere />
          <Group>
            <Button loading={start.isPending} onClick={() => start.mutate(found)}>
              {found.known ? 'Go on with it' : 'Start'}
            </Button>
          </Group>
          <Trouble error={start.error} />
        </>
      )}
    </Stack>
  );
}

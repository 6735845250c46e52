import { Button, Group, Modal, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import type { ProjectId } from '../../../shared/model/ids.ts';
import { Trouble } from '../../parts/Trouble.tsx';
import { useAct } from '../../parts/useAct.ts';

interface Props {
  readonly project: ProjectId;
  /** The node that held the repository, and is away. */
  readonly machine: string;
  /** Whether that node could come back, as a member of the mesh. */
  readonly isMember: boolean;
}

/** Makes this node the home of a project whose own is gone for good. */
export function TakeHome({ project, machine, isMember }: Props) {
  const [isOpen, { open, close }] = useDisclosure();
  const [path, setPath] = useState('');
  const take = useAct((api) =>
    api.send('POST', `/v1/projects/${project}/home`, { path: path.trim(), revoke: isMember }),
  );
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        Merge here from now on
      </Button>
      <Modal opened={isOpen} onClose={close} title={`Take ${project} over?`}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            take.mutate(undefined, { onSuccess: close });
          }}
        >
          <Text size="sm" mb="sm">
            Only where {machine} is gone for good: what merged there and was not copied here is lost
            to the project. This node then merges into a repository of yours on this machine.
            {isMember && ` ${machine} is put out of the mesh for good.`}
          </Text>
          <TextInput
            label="Path of a clone of the repository on this machine"
            required
            autoComplete="off"
            spellCheck={false}
            value={path}
            onChange={({ currentTarget }) => setPath(currentTarget.value)}
          />
          <Trouble error={take.error} />
          <Group justify="flex-end" mt="md">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" color="danger" loading={take.isPending}>
              Take it over
            </Button>
          </Group>
        </form>
      </Modal>
    </>
  );
}

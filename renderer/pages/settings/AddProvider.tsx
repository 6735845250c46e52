import {
  Button,
  Group,
  Modal,
  NumberInput,
  PasswordInput,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { PRESETS, presetOf } from '../../../shared/model/providerPresets.ts';
import { Trouble } from '../../parts/Trouble.tsx';
import { useAct } from '../../parts/useAct.ts';
import { NEW_PROVIDER, providerInput, type NewProvider } from './newProvider.ts';

/** Adds a model provider, or changes the one of the same name. */
export function AddProvider() {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={open}
      >
        Add a provider
      </Button>
      <Modal opened={isOpen} onClose={close} title="Add a model provider">
        <Form onDone={close} />
      </Modal>
    </>
  );
}

const OTHER = 'other';

function Form({ onDone }: { onDone: () => void }) {
  const [wanted, setWanted] = useState<NewProvider>(NEW_PROVIDER);
  const [kind, setKind] = useState<string>(OTHER);
  const change = (part: Partial<NewProvider>) => setWanted({ ...wanted, ...part });
  const add = useAct(async (api) => {
    const { id, input } = providerInput(wanted);
    await api.send('PUT', `/v1/providers/${id}`, input);
  });
  const choose = (id: string | null) => {
    const preset = presetOf(id ?? '');
    setKind(preset && id !== null ? id : OTHER);
    if (!preset || id === null) return;
    change({
      id,
      baseUrl: preset.baseUrl,
      formats: [...preset.formats],
      billing: preset.billing,
      models: preset.models.join(', '),
    });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(undefined, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Select
          label="Provider"
          value={kind}
          onChange={choose}
          allowDeselect={false}
          data={[
            ...Object.entries(PRESETS).map(([value, { title }]) => ({ value, label: title })),
            { value: OTHER, label: 'Another one' },
          ]}
        />
        <Group grow>
          <TextInput
            label="Name"
            required
            value={wanted.id}
            onChange={({ currentTarget }) => change({ id: currentTarget.value })}
          />
          <Select
            label="Paid"
            allowDeselect={false}
            value={wanted.billing}
            onChange={(billing) => change({ billing: billing ?? wanted.billing })}
            data={[
              { value: 'metered', label: 'by token' },
              { value: 'subscription', label: 'by subscription' },
              { value: 'local', label: 'not at all: local' },
            ]}
          />
        </Group>
        <TextInput
          label="Address"
          required
          placeholder="https://api.example.com/v1"
          value={wanted.baseUrl}
          onChange={({ currentTarget }) => change({ baseUrl: currentTarget.value })}
        />
        <TextInput
          label="Models"
          description={`Separated by commas${presetOf(kind) ? `, for example ${presetOf(kind)?.example.replace(/@.*/, '') ?? ''}` : ''}`}
          required
          value={wanted.models}
          onChange={({ currentTarget }) => change({ models: currentTarget.value })}
        />
        {wanted.billing === 'metered' && (
          <Group grow align="flex-end">
            <NumberInput
              label="USD per million tokens in"
              description="Empty: as listed"
              min={0}
              hideControls
              value={wanted.inputUsd}
              onChange={(inputUsd) => change({ inputUsd })}
            />
            <NumberInput
              label="and out"
              min={0}
              hideControls
              value={wanted.outputUsd}
              onChange={(outputUsd) => change({ outputUsd })}
            />
          </Group>
        )}
        <PasswordInput
          label="Key"
          description="It is kept in the keychain or a file of its own, and never shown again."
          autoComplete="off"
          value={wanted.key}
          onChange={({ currentTarget }) => change({ key: currentTarget.value })}
        />
        <Trouble error={add.error} />
        <Group justify="space-between">
          <Text size="xs" c="var(--vigil-soft)">
            Test it afterwards: that makes a real call.
          </Text>
          <Button type="submit" loading={add.isPending}>
            Add
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

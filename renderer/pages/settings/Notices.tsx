import { Button, Group, PasswordInput, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ChangeEvent, type FormEvent } from 'react';
import type {
  NoticeSettingsInput,
  NoticeSettingsView,
  NoticeTestView,
} from '../../../shared/model/notice.ts';
import { useApi } from '../../api/context.tsx';
import { useRead } from '../../api/queries.ts';
import { Reading } from '../../parts/Reading.tsx';
import { Section } from '../../parts/Section.tsx';
import { Trouble } from '../../parts/Trouble.tsx';

const PATH = '/v1/notice-settings';

/** How the human is told on this machine of what needs one. */
export function Notices() {
  const read = useRead<NoticeSettingsView>('settings', PATH);
  return (
    <Reading of={read}>
      {(settings) => (
        <Section title="Notices" actions={<TestButton />}>
          <Text size="sm" c="var(--vigil-soft)" mb="xs">
            What needs you is shown on the machine that you used last, and repeated until you
            answer. ntfy and the webhook are for when you are at none.
          </Text>
          <Form settings={settings} />
        </Section>
      )}
    </Reading>
  );
}

function Form({ settings }: { settings: NoticeSettingsView }) {
  const api = useApi();
  const queries = useQueryClient();
  const [desktop, setDesktop] = useState(settings.desktop);
  const [typed, setTyped] = useState({
    from: settings.quiet?.from ?? '',
    to: settings.quiet?.to ?? '',
    ntfy: settings.ntfy ?? '',
    token: '',
    webhook: settings.webhook ?? '',
  });
  const type = (name: keyof typeof typed, value: string) =>
    setTyped((now) => ({ ...now, [name]: value }));
  const field = (name: keyof typeof typed) => ({
    value: typed[name],
    onChange: ({ currentTarget }: ChangeEvent<HTMLInputElement>) => type(name, currentTarget.value),
  });
  const save = useMutation({
    mutationFn: (input: NoticeSettingsInput) => api.send('PUT', PATH, input),
    onSuccess: () => {
      type('token', '');
      return queries.invalidateQueries({ queryKey: ['settings', PATH] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { from, to, ntfy, token, webhook } = typed;
    save.mutate({
      desktop,
      quiet: from === '' || to === '' ? null : { from, to },
      ntfy: ntfy.trim() || null,
      webhook: webhook.trim() || null,
      ...(token === '' ? {} : { ntfyToken: token }),
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm" maw={640}>
        <Switch
          label="Notifications on this machine’s desktop"
          checked={desktop}
          onChange={({ currentTarget }) => setDesktop(currentTarget.checked)}
        />
        <Group grow align="flex-end">
          <TextInput
            type="time"
            label="Quiet from"
            description="Then only what is critical is shown"
            {...field('from')}
          />
          <TextInput
            type="time"
            label="Quiet until"
            description="Both empty: never quiet"
            {...field('to')}
          />
        </Group>
        <TextInput
          type="url"
          label="ntfy topic"
          placeholder="https://ntfy.sh/my-topic"
          {...field('ntfy')}
        />
        <PasswordInput
          label="Token of the topic"
          description={settings.ntfyToken === 'none' ? 'If it needs one' : 'One is kept'}
          autoComplete="off"
          {...field('token')}
        />
        <TextInput
          type="url"
          label="Webhook"
          description="Gets each notice as JSON"
          {...field('webhook')}
        />
        <Trouble error={save.error} />
        <Group gap="sm">
          <Button type="submit" size="xs" loading={save.isPending}>
            Save
          </Button>
          {save.isSuccess && (
            <Text size="sm" role="status" c="var(--vigil-good)">
              ✓ saved, and holds from now on
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}

const CHANNELS = {
  desktop: 'Desktop',
  shell: 'App',
  ntfy: 'ntfy',
  webhook: 'Webhook',
} as const;

function TestButton() {
  const api = useApi();
  const test = useMutation({
    mutationFn: () => api.send<NoticeTestView>('POST', `${PATH}/test`),
  });
  return (
    <Group gap="sm">
      <div role="status">
        {test.data?.channels.length === 0 && <Text size="sm">No channel is set.</Text>}
        {test.data?.channels.map(({ channel, ok, detail }) => (
          <Text key={channel} size="sm" c={ok ? 'var(--vigil-good)' : 'var(--vigil-bad)'}>
            {ok ? '✓' : '✗'} {CHANNELS[channel]}: {detail}
          </Text>
        ))}
      </div>
      <Trouble error={test.error} />
      <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
        Send a test
      </Button>
    </Group>
  );
}

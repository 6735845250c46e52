import { Button, Group, PasswordInput, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
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
  const [from, setFrom] = useState(settings.quiet?.from ?? '');
  const [to, setTo] = useState(settings.quiet?.to ?? '');
  const [ntfy, setNtfy] = useState(settings.ntfy ?? '');
  const [token, setToken] = useState('');
  const [webhook, setWebhook] = useState(settings.webhook ?? '');
  const save = useMutation({
    mutationFn: (input: NoticeSettingsInput) => api.send('PUT', PATH, input),
    onSuccess: () => {
      setToken('');
      return queries.invalidateQueries({ queryKey: ['settings', PATH] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
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
            value={from}
            onChange={({ currentTarget }) => setFrom(currentTarget.value)}
          />
          <TextInput
            type="time"
            label="Quiet until"
            description="Both empty: never quiet"
            value={to}
            onChange={({ currentTarget }) => setTo(currentTarget.value)}
          />
        </Group>
        <TextInput
          type="url"
          label="ntfy topic"
          placeholder="https://ntfy.sh/my-topic"
          value={ntfy}
          onChange={({ currentTarget }) => setNtfy(currentTarget.value)}
        />
        <PasswordInput
          label="Token of the topic"
          description={settings.ntfyToken === 'none' ? 'If it needs one' : 'One is kept'}
          autoComplete="off"
          value={token}
          onChange={({ currentTarget }) => setToken(currentTarget.value)}
        />
        <TextInput
          type="url"
          label="Webhook"
          description="Gets each notice as JSON"
          value={webhook}
          onChange={({ currentTarget }) => setWebhook(currentTarget.value)}
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

import { Badge, Button, Group, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { duration } from '../../../shared/explain/format.ts';
import type { ProviderCheckView, ProviderView } from '../../../shared/model/agentApi.ts';
import { useApi } from '../../api/context.tsx';
import { useProviders } from '../../api/insightQueries.ts';
import { ConfirmButton } from '../../parts/ConfirmButton.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { Section } from '../../parts/Section.tsx';
import { Trouble } from '../../parts/Trouble.tsx';
import { AddProvider } from './AddProvider.tsx';
import classes from './settings.module.css';

/** Where models are called. Keys go in here and are never shown. */
export function Providers() {
  const read = useProviders();
  return (
    <Reading of={read}>
      {({ providers }) => (
        <Section
          title="Model providers"
          count={providers.length}
          empty="None yet. With one, coding agents can work on what mechanics and commands can’t."
          actions={<AddProvider />}
        >
          <Rows>
            {providers.map((provider) => (
              <Provider key={provider.id} provider={provider} />
            ))}
          </Rows>
        </Section>
      )}
    </Reading>
  );
}

const KEYS = {
  environment: 'key from the environment',
  keychain: 'key in the keychain',
  file: 'key in a file of its own',
  none: 'no key',
} as const;

const BILLING = {
  metered: 'paid by token',
  subscription: 'paid by subscription',
  local: 'local, no charge',
} as const;

function Provider({ provider }: { provider: ProviderView }) {
  const { id, baseUrl, billing, key, models } = provider;
  const api = useApi();
  const test = useMutation({
    mutationFn: () => api.send<ProviderCheckView>('POST', `/v1/providers/${id}/test`),
  });
  return (
    <li className={classes.row}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Group gap="xs">
            <Text span fw={500} size="sm">
              {id}
            </Text>
            <Badge size="sm" variant="default" tt="none" fw={400}>
              {BILLING[billing]}
            </Badge>
            <Badge size="sm" variant="default" tt="none" fw={400}>
              {KEYS[key]}
            </Badge>
          </Group>
          <Text size="sm" c="var(--vigil-soft)">
            {baseUrl}
          </Text>
          <Text size="xs">{models.map(({ name }) => name).join(', ')}</Text>
          {test.data && (
            <Text
              size="sm"
              role="status"
              c={test.data.ok ? 'var(--vigil-good)' : 'var(--vigil-bad)'}
            >
              {test.data.ok ? '✓ answers' : '✗ does not answer'}
              {test.data.latencyMs !== null && ` in ${duration(test.data.latencyMs)}`}:{' '}
              {test.data.detail}
            </Text>
          )}
          <Trouble error={test.error} />
        </div>
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            loading={test.isPending}
            aria-label={`Test ${id}`}
            onClick={() => test.mutate()}
          >
            Test
          </Button>
          <ConfirmButton
            label="Remove"
            title={`Remove ${id}?`}
            act={(to) => to.send('DELETE', `/v1/providers/${id}`)}
          >
            <Text size="sm">
              Its models are no longer called, and its key is forgotten here. Tasks that only it
              could do wait for another provider.
            </Text>
          </ConfirmButton>
        </Group>
      </Group>
    </li>
  );
}

import { Alert, Anchor, Button, Group, NumberInput, Progress, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { usd } from '../../../shared/explain/describeAgents.ts';
import type { BudgetChangeView, BudgetView } from '../../../shared/model/agentApi.ts';
import { useApi } from '../../api/context.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import { grouped } from '../../parts/money.ts';
import { Section } from '../../parts/Section.tsx';
import { Trouble } from '../../parts/Trouble.tsx';
import { useMutation } from '@tanstack/react-query';
import { withCap } from './withCap.ts';

type Cap = BudgetView['caps'][number];

const NAMES: Readonly<Record<string, string>> = {
  'hour.alert': 'An hour, alert',
  'hour.hard': 'An hour',
  'day.soft': 'A day, soft',
  'day.criticalOnly': 'A day, only what is critical above',
  'day.hard': 'A day',
  'month.budget': 'A month, budget',
  'month.hard': 'A month, hard stop',
  'task.tokens': 'A task, tokens',
  'task.calls': 'A task, calls',
};

/** Every cap with what is used, reserved and left, and what happens at it; each can be changed. */
export function Caps({ view }: { view: BudgetView }) {
  const api = useApi();
  const change = useMutation({
    mutationFn: ({ cap, value }: { cap: string; value: number }) =>
      api.send<BudgetChangeView>('PUT', '/v1/budget', withCap(view.budget, cap, value)),
  });
  return (
    <Section title="Caps">
      <Text size="sm" c="var(--vigil-soft)" mb="xs">
        Lowering a cap holds at once. Raising one becomes a question first, and nothing changes
        until it is answered.
      </Text>
      <Trouble error={change.error} />
      {change.data && <Changed of={change.data} />}
      <DataTable
        caption="Caps with what is used of them"
        columns={['Cap', 'Share', '#Used', '#Reserved', '#Left', 'When reached', 'Change to']}
        rows={view.caps.map((cap) => {
          const reserved = cap.unit === 'USD' ? view.reservedUsd : 0;
          const show = (value: number) => (cap.unit === 'USD' ? usd(value) : grouped(value));
          const name = NAMES[cap.cap] ?? cap.cap;
          return {
            key: cap.cap,
            cells: [
              name,
              <Used key="used" cap={cap} reserved={reserved} name={name} />,
              `${show(cap.used)} of ${show(cap.max)}`,
              cap.unit === 'USD' ? show(reserved) : '–',
              show(Math.max(0, cap.max - cap.used - reserved)),
              cap.then,
              <Change
                key="change"
                cap={cap}
                name={name}
                pending={change.isPending && change.variables.cap === cap.cap}
                onChange={(value) => change.mutate({ cap: cap.cap, value })}
              />,
            ],
          };
        })}
      />
    </Section>
  );
}

function Changed({ of: { set, approval } }: { of: BudgetChangeView }) {
  if (set)
    return (
      <Alert color="green" role="status" mb="xs">
        The cap holds from now on.
      </Alert>
    );
  return (
    <Alert color="yellow" role="status" mb="xs">
      It would rise, so it waits for a yes: see{' '}
      <Anchor component={Link} href="/approvals" underline="always" c="inherit">
        {approval} on the approvals page
      </Anchor>
      . Until then the old cap holds.
    </Alert>
  );
}

function Used({ cap, reserved, name }: { cap: Cap; reserved: number; name: string }) {
  const share = (value: number) => (cap.max === 0 ? 100 : Math.min(100, (value / cap.max) * 100));
  return (
    <Progress.Root size="sm" w={90}>
      <Progress.Section
        value={share(cap.used)}
        color={cap.used >= cap.max ? 'var(--vigil-bad)' : 'var(--vigil-busy)'}
        aria-label={`${name}: used`}
      />
      <Progress.Section
        value={share(reserved)}
        color="var(--vigil-warn)"
        aria-label={`${name}: reserved`}
      />
    </Progress.Root>
  );
}

interface ChangeProps {
  readonly cap: Cap;
  readonly name: string;
  readonly pending: boolean;
  readonly onChange: (value: number) => void;
}

function Change({ cap, name, pending, onChange }: ChangeProps) {
  const [wanted, setWanted] = useState<number | string>('');
  const isUsd = cap.unit === 'USD';
  return (
    <Group gap={4} wrap="nowrap">
      <NumberInput
        size="xs"
        w={96}
        hideControls
        min={0}
        allowDecimal={isUsd}
        aria-label={`${name}: ${cap.unit}`}
        placeholder={String(cap.max)}
        value={wanted}
        onChange={setWanted}
      />
      <Button
        size="xs"
        variant="default"
        disabled={typeof wanted !== 'number' || wanted === cap.max}
        loading={pending}
        aria-label={`Set ${name}`}
        onClick={() => {
          if (typeof wanted === 'number') onChange(wanted);
          setWanted('');
        }}
      >
        Set
      </Button>
    </Group>
  );
}

import {
  ActionIcon,
  Alert,
  AppShell,
  Badge,
  Burger,
  Group,
  NavLink,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMoon, IconSun } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import type { StatusView } from '../../shared/model/statusApi.ts';
import type { Connection } from '../api/useLive.ts';
import { PauseButton } from '../parts/PauseButton.tsx';
import { PLACES } from './places.ts';

interface Props {
  readonly status: StatusView;
  readonly connection: Connection;
  readonly children: ReactNode;
}

/** What surrounds every page: where one can go, how the node is, and the one switch. */
export function Frame({ status, connection, children }: Props) {
  const [isOpen, { toggle, close }] = useDisclosure();
  const [location] = useLocation();
  const waiting = status.counts.review + status.approvals;
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <AppShell.Header bg="var(--vigil-card)">
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Pages" />
            <Text fw={700} component="span">
              Vigil
            </Text>
            <Text c="var(--vigil-soft)" size="sm" visibleFrom="xs" component="span">
              {status.node}
            </Text>
            <StateBadge state={connection === 'lost' ? 'offline' : status.state} />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <PauseButton paused={status.resumable} disabled={connection === 'lost'} />
            <SchemeButton />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" bg="var(--vigil-card)">
        <nav aria-label="Pages">
          {PLACES.map(({ path, name, icon: Sign }) => (
            <NavLink
              key={path}
              component={Link}
              href={path}
              label={name}
              leftSection={<Sign size={18} stroke={1.6} aria-hidden />}
              rightSection={
                path === '/approvals' && waiting > 0 ? (
                  <Badge size="sm" circle aria-label={`${waiting} wait for you`}>
                    {waiting}
                  </Badge>
                ) : null
              }
              active={path === '/' ? location === '/' : location.startsWith(path)}
              onClick={close}
            />
          ))}
        </nav>
      </AppShell.Navbar>
      <AppShell.Main>
        {connection === 'lost' && (
          <Alert color="yellow" role="status" mb="md">
            Connection lost. Trying again; what you see may be old.
          </Alert>
        )}
        {children}
      </AppShell.Main>
    </AppShell>
  );
}

const COLOURS: Readonly<Record<string, string>> = {
  working: 'vigil',
  idle: 'gray',
  paused: 'yellow',
  parked: 'yellow',
};

/** How the node is; of one that does not answer nobody knows, and the last that was heard would be a guess. */
function StateBadge({ state }: { state: StatusView['state'] | 'offline' }) {
  return (
    <Badge
      variant={state === 'offline' ? 'outline' : 'light'}
      color={COLOURS[state] ?? 'gray'}
      role="status"
    >
      {state}
    </Badge>
  );
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={`Switch to ${other}`}
      onClick={() => setColorScheme(other)}
    >
      {scheme === 'dark' ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}

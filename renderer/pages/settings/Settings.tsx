import { Anchor, SegmentedControl, Stack, Text, useMantineColorScheme } from '@mantine/core';
import { Link } from 'wouter';
import type { StatusView } from '../../../shared/model/statusApi.ts';
import { useSettings } from '../../api/insightQueries.ts';
import { useStatus } from '../../api/queries.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { PageTitle } from '../../parts/PageTitle.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { Section } from '../../parts/Section.tsx';
import { Agents } from './Agents.tsx';
import { Configured } from './Configured.tsx';
import { Notices } from './Notices.tsx';
import { Projects } from './Projects.tsx';
import { Providers } from './Providers.tsx';

/** How this node is set: what can be changed here, and where the rest is. */
export default function Settings() {
  const status = useStatus();
  return (
    <>
      <PageTitle title="Settings">How this node is set.</PageTitle>
      <Stack gap={0}>
        <Projects />
        <Agents />
        <Providers />
        <Section title="Budgets">
          <Text size="sm">
            Caps on what models may cost are on the{' '}
            <Anchor component={Link} href="/costs" underline="always">
              costs page
            </Anchor>
            .
          </Text>
        </Section>
        <Notices />
        <Configured />
        <Section title="Appearance">
          <Scheme />
        </Section>
        <Reading of={status}>{(view) => <About status={view} />}</Reading>
      </Stack>
    </>
  );
}

function Scheme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      size="xs"
      aria-label="Colour scheme"
      value={colorScheme}
      onChange={setColorScheme}
      data={[
        { value: 'auto', label: 'As the system' },
        { value: 'light', label: 'Light' },
        { value: 'dark', label: 'Dark' },
      ]}
    />
  );
}

function About({ status }: { status: StatusView }) {
  const settings = useSettings();
  const rows: readonly (readonly [string, string])[] = [
    ['Version', status.version],
    ['Node', status.node],
    ['Home', status.home],
    ['Configuration', settings.data?.file ?? '…'],
    ['Logs of attempts', settings.data?.logFolder ?? '…'],
    ['Process', status.pid === null ? 'not running' : String(status.pid)],
  ];
  return (
    <Section title="About this node">
      <DataTable
        caption="Version and paths"
        columns={['What', 'Value']}
        rows={rows.map(([what, value]) => ({ key: what, cells: [what, value] }))}
      />
    </Section>
  );
}

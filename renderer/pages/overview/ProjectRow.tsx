import { Anchor, Button, Group, Text } from '@mantine/core';
import { Link } from 'wouter';
import { count } from '../../../shared/explain/format.ts';
import type { ProjectView } from '../../../shared/model/projectApi.ts';
import { Told } from '../../parts/Told.tsx';
import { Trouble } from '../../parts/Trouble.tsx';
import { useAct } from '../../parts/useAct.ts';
import rows from '../../parts/rows.module.css';

/** A project in a line; what is integrated and waits for its branch is promoted here. */
export function ProjectRow({ project }: { project: ProjectView }) {
  const { id, target, ahead, counts, trouble, path } = project;
  const promote = useAct((api) =>
    api.send('POST', `/v1/projects/${encodeURIComponent(id)}/promote`),
  );
  const waits = ahead !== null && ahead > 0;
  return (
    <li className={rows.plain}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" component="div">
          <Anchor
            inherit
            fw={500}
            component={Link}
            href={`/queue?project=${encodeURIComponent(id)}`}
          >
            {id}
          </Anchor>{' '}
          <Text span size="xs" c="var(--vigil-soft)">
            {counts.open} open, {counts.merged} merged
            {counts.failed > 0 && `, ${counts.failed} failed`}
            {path === null && ', on another node'}
          </Text>
          {trouble !== null && (
            <Text size="xs" c="var(--vigil-bad)">
              <Told>{`${trouble.reason} ${trouble.help}`}</Told>
            </Text>
          )}
        </Text>
        {waits ? (
          <Button
            size="compact-sm"
            variant="light"
            loading={promote.isPending}
            onClick={() => promote.mutate()}
            aria-label={`Promote ${count(ahead, 'commit')} of ${id} to ${target}`}
          >
            Promote {ahead} to {target}
          </Button>
        ) : (
          <Text size="xs" c="var(--vigil-soft)" className={rows.when ?? ''}>
            {ahead === 0 ? `${target} has it all` : ''}
          </Text>
        )}
      </Group>
      <Trouble error={promote.error} />
    </li>
  );
}

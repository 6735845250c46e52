import { Badge, Button, Group, Skeleton, Text, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { relative } from '../../../shared/explain/format.ts';
import type { FoundRepositories } from '../../../shared/model/projectApi.ts';
import { useApi } from '../../api/context.tsx';
import { readOf } from '../../api/reads.ts';
import { Rows } from '../../parts/Rows.tsx';
import { Section } from '../../parts/Section.tsx';
import { Trouble } from '../../parts/Trouble.tsx';
import { useNow } from '../../parts/useNow.ts';
import { visible } from '../../parts/visible.ts';
import rows from '../../parts/rows.module.css';

/** So many are shown until more are wanted. */
const SHOWN = 6;

/** The git repositories of this machine; choosing one looks at it. */
export function Repositories({ onChoose }: { onChoose: (path: string) => void }) {
  // No event tells of a repository that was made meanwhile, so each visit looks anew.
  const { data, error } = useQuery({
    ...readOf<FoundRepositories>(useApi(), 'projects', '/v1/repositories'),
    staleTime: 0,
  });
  const nowMs = useNow();
  const [all, setAll] = useState(false);
  if (error) return <Trouble error={error} />;
  if (!data)
    return (
      <Section title="On this machine">
        <Skeleton h={120} aria-busy aria-label="Looking for repositories" />
      </Section>
    );
  const { folder, repositories, isCut } = data;
  return (
    <Section
      title="On this machine"
      count={repositories.length}
      empty={`No git repository was found below ${visible(folder)}. Type the path of one above, or make one: git init, and a first commit.`}
    >
      <Rows>
        {repositories.slice(0, all ? undefined : SHOWN).map(({ path, usedAtMs, known }) => (
          <li key={path}>
            <UnstyledButton className={rows.row ?? ''} onClick={() => onChoose(path)}>
              <Group justify="space-between" wrap="nowrap" align="baseline">
                <Text size="sm" fw={500} span>
                  {visible(path.slice(path.lastIndexOf('/') + 1))}
                </Text>
                <Group gap="xs" wrap="nowrap">
                  {known && (
                    <Badge size="sm" variant="light" miw="max-content">
                      a project
                    </Badge>
                  )}
                  <Text size="xs" c="var(--vigil-soft)" span className={rows.when ?? ''}>
                    {relative(usedAtMs, Math.max(usedAtMs, nowMs))}
                  </Text>
                </Group>
              </Group>
              <Text size="xs" c="var(--vigil-soft)" className={rows.path ?? ''}>
                {visible(path)}
              </Text>
            </UnstyledButton>
          </li>
        ))}
      </Rows>
      {!all && repositories.length > SHOWN && (
        <Button size="xs" variant="default" mt="xs" onClick={() => setAll(true)}>
          Show all {repositories.length}
        </Button>
      )}
      {isCut && (
        <Text size="xs" c="var(--vigil-soft)" mt="xs">
          Not everything below {visible(folder)} was looked through: type the path of one that is
          missing.
        </Text>
      )}
    </Section>
  );
}

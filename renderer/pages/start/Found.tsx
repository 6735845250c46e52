import { List, Text } from '@mantine/core';
import type { ProjectInspection } from '../../../shared/model/projectApi.ts';
import { Card } from '../../parts/Card.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { Section } from '../../parts/Section.tsx';
import { visible } from '../../parts/visible.ts';

/** What is in the repository, and what will be done with it. */
export function Found({ found }: { found: ProjectInspection }) {
  const { profile, target, id, path } = found;
  return (
    <>
      <Section title="What was found">
        <Card>
          <Facts
            facts={[
              ['project', `${id} in ${visible(path)}`],
              ['branch', target],
              ['language', profile.language],
              ['packages', profile.packageManager],
              ['install', profile.install ?? 'nothing to install'],
              ['tests', profile.test ?? 'no test command: results are checked without tests'],
              ['lint', profile.lint ?? 'none'],
              ['formatter', profile.formatter],
              ['review', profile.review && 'every result waits for you'],
            ]}
          />
          {profile.notes.length > 0 && (
            <List size="sm" mt="xs">
              {profile.notes.map((note) => (
                <List.Item key={note}>{visible(note)}</List.Item>
              ))}
            </List>
          )}
          <Text size="xs" c="var(--vigil-soft)" mt="xs">
            Something is wrong? A <code>vigil.yaml</code> in the repository overrides what was
            detected.
          </Text>
        </Card>
      </Section>
      <Section title="What will happen">
        <List size="sm" type="ordered">
          <List.Item>The repository is cloned into Vigil&apos;s own folder.</List.Item>
          <List.Item>
            {profile.test === null
              ? 'There are no tests to run; the rest is checked as it is.'
              : `Its tests run once (${profile.test}), so that only new failures count.`}
          </List.Item>
          <List.Item>Vigil looks for gaps and makes a task of each.</List.Item>
          <List.Item>
            Each is done in a worktree of its own, checked, and merged into{' '}
            <code>vigil/integration</code>.
          </List.Item>
          <List.Item>
            You look at it and promote it to {target}. Nothing is published, ever, without you.
          </List.Item>
        </List>
      </Section>
    </>
  );
}

import { Code, Text } from '@mantine/core';
import { useState } from 'react';
import type { SettingsView } from '../../../shared/model/insightApi.ts';
import { useSettings } from '../../api/insightQueries.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { Section } from '../../parts/Section.tsx';
import { GROUPS, shown, TEXTS } from './settingTexts.ts';
import { yamlLine } from './yamlLine.ts';

/** Limits and how the node behaves, as its file has them: to be read here, and changed there. */
export function Configured() {
  const settings = useSettings();
  return (
    <Reading of={settings}>
      {(view) => (
        <>
          {GROUPS.map(({ title, has }) => {
            const of = view.settings.filter(({ path }) => has(path));
            return of.length === 0 ? null : (
              <Group key={title} title={title} settings={of} file={view.file} />
            );
          })}
        </>
      )}
    </Reading>
  );
}

interface Props {
  readonly title: string;
  readonly settings: SettingsView['settings'];
  readonly file: string;
}

function Group({ title, settings, file }: Props) {
  const [example] = useState(() => settings.find(({ changed }) => changed) ?? settings[0]);
  return (
    <Section title={title}>
      <DataTable
        caption={title}
        columns={['Setting', 'What it is', '#Value', '#By default']}
        rows={settings.map(({ path, value, byDefault, changed }) => ({
          key: path,
          cells: [
            <Code key="path">{path}</Code>,
            TEXTS[path] ?? '',
            changed ? <b key="value">{shown(path, value)}</b> : shown(path, value),
            shown(path, byDefault),
          ],
        }))}
      />
      <Text size="xs" c="var(--vigil-soft)" mt={4}>
        To change one, write it in <Code>{file}</Code> and start the node again, for example{' '}
        {example && <Code>{yamlLine(example)}</Code>}.
      </Text>
    </Section>
  );
}

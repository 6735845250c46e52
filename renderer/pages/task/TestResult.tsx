import { Code, Text } from '@mantine/core';
import { count, duration, percent } from '../../../shared/explain/format.ts';
import type { TestReport } from '../../../shared/model/project.ts';
import { Facts } from '../../parts/Facts.tsx';
import { visible } from '../../parts/visible.ts';

/** More names than this are counted. */
const MOST_NAMES = 100;

/** What the project's tests said of an attempt. */
export function TestResult({ tests }: { tests: TestReport | null }) {
  if (!tests) return null;
  const { outcome, total, failing, coverage, durationMs, exitCode } = tests;
  return (
    <>
      <Facts
        facts={[
          ['outcome', outcome === 'absent' ? 'the project has no test command' : outcome],
          ['tests', total !== null && `${total}, ${failing.length} of them failing`],
          ['coverage', coverage !== null && percent(coverage)],
          ['duration', duration(durationMs)],
          ['exit code', exitCode !== null && exitCode !== 0 && String(exitCode)],
        ]}
      />
      {failing.length > 0 && (
        <Code block mt="xs" tabIndex={0} role="region" aria-label="Failing tests">
          {failing.slice(0, MOST_NAMES).map(visible).join('\n')}
        </Code>
      )}
      {failing.length > MOST_NAMES && (
        <Text size="xs" c="var(--vigil-soft)">
          and {count(failing.length - MOST_NAMES, 'more')}
        </Text>
      )}
    </>
  );
}

import { usd } from '../../../shared/explain/describeAgents.ts';
import { duration, score } from '../../../shared/explain/format.ts';
import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Section } from '../../parts/Section.tsx';
import { visible } from '../../parts/visible.ts';

/** What came of it, against what was expected. */
export function Outcome({ told }: { told: ExplanationView['outcome'] }) {
  const { status, durationMs, estimateMs, quality, commit, costUsd, lesson } = told;
  return (
    <Section title="Outcome">
      <Facts
        facts={[
          ['status', status],
          [
            'duration',
            `${durationMs === null ? 'none yet' : duration(durationMs)}, estimate ${duration(estimateMs)}`,
          ],
          ['quality', quality !== null && score(quality)],
          ['commit', commit],
          ['cost', costUsd === null ? 'nothing was paid in dollars' : usd(costUsd)],
          ['lesson', visible(lesson)],
        ]}
      />
    </Section>
  );
}

import { dateTime } from '../../../shared/explain/format.ts';
import type { InsightView } from '../../../shared/model/insightApi.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { localOffset } from '../../parts/localOffset.ts';
import { Section } from '../../parts/Section.tsx';
import { visible } from '../../parts/visible.ts';

/** What the engine does otherwise since some time of the period, without having been told to. */
export function Changes({ insight: { changes } }: { insight: InsightView }) {
  return (
    <Section
      title="What changed by itself"
      count={changes.length}
      empty="Nothing: what merges without you, and who gets which work, is as it was."
    >
      <DataTable
        caption="What Vigil does otherwise by itself, newest first"
        columns={['When', 'Where', 'What']}
        rows={changes.map(({ atMs, node, text }, at) => ({
          key: `${atMs}-${at}`,
          cells: [dateTime(atMs, localOffset(atMs)), node, visible(text)],
        }))}
      />
    </Section>
  );
}

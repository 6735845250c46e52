import { duration, kindName, percent, score } from '../../../shared/explain/format.ts';
import type { InsightView } from '../../../shared/model/insightApi.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { Section } from '../../parts/Section.tsx';

/** What the engine goes by now, by kind of work, and how that moved. */
export function Adaptation({ insight: { adapted, estimates } }: { insight: InsightView }) {
  return (
    <Section
      title="What it has learned"
      count={adapted.length}
      empty="Nothing yet: quality bars, durations and what each node is good at follow from results."
    >
      <DataTable
        caption="What decisions go by, by kind of work"
        columns={[
          'Work',
          '#Quality bar',
          '#Three of four within',
          '#Estimates off by',
          'Success expected',
        ]}
        rows={adapted.map(({ kind, bar, barBefore, p75Ms, pSuccess }) => {
          const error = estimates.byKind.find((one) => one.kind === kind)?.factor ?? null;
          return {
            key: kind,
            cells: [
              kindName(kind),
              moved(bar, barBefore),
              p75Ms === null ? '–' : duration(p75Ms),
              error === null ? '–' : `× ${error.toFixed(1)}`,
              pSuccess.map(({ node, value }) => `${percent(value)} on ${node}`).join(', ') || '–',
            ],
          };
        })}
      />
    </Section>
  );
}

function moved(bar: number, before: number | null): string {
  if (before === null || before === bar) return score(bar);
  return `${score(bar)} (${bar > before ? 'up' : 'down'} from ${score(before)})`;
}

import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { count, percent } from '../../../shared/explain/format.ts';
import type { DecisionsView } from '../../../shared/model/insightApi.ts';
import { useDecisions } from '../../api/insightQueries.ts';
import { useStatus } from '../../api/queries.ts';
import { Chart } from '../../parts/Chart.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { PageTitle } from '../../parts/PageTitle.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { Section } from '../../parts/Section.tsx';
import { DecisionRow } from './DecisionRow.tsx';

/** How many decisions are shown, and how many more with each wish. */
const STEP = 50;
const MOST = 1_000;
const BOUNDS = [0, 1] as const;

/** What the engine decided, from what, and how far it trusts itself. */
export default function Decisions() {
  const [search, setSearch] = useSearchParams();
  const asked = Number(search.get('limit') ?? STEP);
  const limit = Math.min(MOST, Math.max(STEP, Number.isInteger(asked) ? asked : STEP));
  const read = useDecisions(limit);
  const status = useStatus();
  return (
    <>
      <PageTitle title="Decisions">
        {status.data
          ? `Confidence ${percent(status.data.confidence)}, autonomy ${status.data.autonomy}.`
          : 'What was decided, and why.'}
      </PageTitle>
      <Reading of={read}>
        {({ decisions }) =>
          decisions.length === 0 ? (
            <Empty title="Nothing was decided yet">
              As soon as there is work, each decision is here with what else could have been done,
              its scores and its reasons. Add a project with <code>vigil up PATH</code>.
            </Empty>
          ) : (
            <>
              <ConfidenceChart decisions={decisions} />
              <Section title="Last decisions" count={decisions.length}>
                <Rows>
                  {decisions.map((decision) => (
                    <DecisionRow key={decision.pos} decision={decision} />
                  ))}
                </Rows>
                {decisions.length === limit && limit < MOST && (
                  <Button
                    mt="sm"
                    size="xs"
                    variant="default"
                    loading={read.isFetching}
                    onClick={() => setSearch({ limit: String(Math.min(MOST, limit * 2)) })}
                  >
                    Show more than {count(limit, 'decision')}
                  </Button>
                )}
              </Section>
            </>
          )
        }
      </Reading>
    </>
  );
}

function ConfidenceChart({ decisions }: DecisionsView) {
  const shown = useMemo(() => {
    const rising = decisions.toReversed();
    return {
      atMs: rising.map(({ atMs }) => atMs),
      lines: [
        {
          name: 'confidence',
          colour: '--vigil-busy',
          values: rising.map(({ confidence }) => confidence),
        },
      ],
    };
  }, [decisions]);
  return <Chart title="Confidence" {...shown} show={percent} bounds={BOUNDS} />;
}

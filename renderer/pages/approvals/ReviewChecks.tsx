import { Text } from '@mantine/core';
import { count } from '../../../shared/explain/format.ts';
import type { Verification } from '../../../shared/model/attempt.ts';
import { CheckList, partsText, qualityText } from '../../parts/Checks.tsx';
import classes from './review.module.css';

/** What a verification found: in full what did not pass, behind one line what did. */
export function ReviewChecks({ verification }: { verification: Verification }) {
  const passed = verification.checks.filter(({ verdict }) => verdict === 'passed');
  const others = verification.checks.filter(({ verdict }) => verdict !== 'passed');
  return (
    <>
      {others.length > 0 && <CheckList checks={others} />}
      <details className={classes.fold}>
        <summary>
          {count(passed.length, 'check')} passed
          <Text span inherit fw={400} c="var(--vigil-soft)">
            , {qualityText(verification)}
          </Text>
        </summary>
        <CheckList checks={passed} />
        <Text size="sm" c="var(--vigil-soft)" mb="xs">
          The quality is made of: {partsText(verification)}
        </Text>
      </details>
    </>
  );
}

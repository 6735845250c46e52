import { createHash } from 'node:crypto';
import type { TestReport } from '../../../shared/model/project.ts';
import { normalise, readTestOutput } from './testOutput.ts';

/** Names kept of failing tests: a report travels in events. */
const MAX_FAILING = 2000;

/** What the output and exit code of a test command mean. The runner's exit code has the last word. */
export function judgeOutput(
  output: string,
  exitCode: number | null,
  timedOut: boolean,
): Pick<TestReport, 'outcome' | 'exitCode' | 'failing' | 'total' | 'signature'> {
  const { failing, total } = readTestOutput(output);
  const signature = createHash('sha256').update(normalise(output)).digest('hex').slice(0, 16);
  const outcome = timedOut
    ? 'timeout'
    : exitCode === 0
      ? 'passed'
      : failing.length > 0
        ? 'failed'
        : 'unreadable';
  return {
    outcome,
    exitCode,
    failing: outcome === 'failed' ? failing.slice(0, MAX_FAILING) : [],
    total,
    signature,
  };
}

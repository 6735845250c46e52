import { count } from '../../../shared/explain/format.ts';
import type { TestReport } from '../../../shared/model/project.ts';

/** What the project's own tests say, in a few words. */
export function baselineText({ outcome, failing, total }: TestReport): string {
  switch (outcome) {
    case 'passed':
      return total === null ? 'the tests pass' : `all ${count(total, 'test')} pass`;
    case 'failed':
      return total === null
        ? `${count(failing.length, 'test')} ${failing.length === 1 ? 'fails' : 'fail'}`
        : `${failing.length} of ${count(total, 'test')} ${failing.length === 1 ? 'fails' : 'fail'}`;
    case 'timeout':
      return 'the tests do not end in time';
    case 'unreadable':
      return 'the tests fail, and their output names none of them';
    case 'absent':
      return 'no test command was found';
  }
}

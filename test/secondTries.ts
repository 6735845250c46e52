import type { Reporter, TestCase } from 'vitest/node';

/** Names the tests that passed only when they were run again: each of them is a test to mend. */
export default class SecondTries implements Reporter {
  private readonly names: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky === true) {
      const first = test.result().errors?.[0]?.message ?? 'no reason given';
      this.names.push(`${test.module.relativeModuleId} > ${test.fullName}: ${first}`);
    }
  }

  onTestRunEnd(): void {
    for (const name of this.names) process.stdout.write(`passed on the second try: ${name}\n`);
  }
}

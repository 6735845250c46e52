import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LiveNode } from './liveNode.ts';

const noGeneration = { cyclesPerDay: 0 };

test('silence past the timeout ends the whole process group; progress does not', async () => {
  const live = await LiveNode.start({
    config: {
      concurrency: { cheap: 2 },
      limits: { ...noGeneration, attemptsPerTask: 1, stallMs: 1_000 },
    },
  });
  const mark = `vigil-test-${process.pid}-${Date.now()}`;
  const [silent, busy] = await live.add(
    {
      title: 'silent',
      run: `sh -c 'sleep 1000 # ${mark}' & sleep 1000 # ${mark}`,
      estimateMinutes: 0.1,
      scope: ['silent.txt'],
    },
    {
      title: 'busy',
      run: 'for i in $(seq 1 140); do echo $i; sleep 0.5; done; echo done > busy.txt',
      estimateMinutes: 0.1,
      scope: ['busy.txt'],
    },
  );
  await live.until(() => live.of('task.failed').length === 1);
  expect(live.of('task.failed')[0]?.task).toBe(silent?.id);
  expect(live.of('attempt.failed')[0]?.failure).toMatchObject({ class: 'external' });
  expect(live.of('attempt.failed')[0]?.failure.reason).toContain('no progress');
  expect(processesWith(mark)).toEqual([]);
  await live.until(() => live.of('merge.done').length === 1);
  expect(live.of('merge.done')[0]?.task).toBe(busy?.id);
  expect(live.of('attempt.overdue')).toContainEqual(expect.objectContaining({ task: busy?.id }));
}, 120_000);

test('no attempt runs longer than the ceiling, progress or not', async () => {
  const live = await LiveNode.start({
    config: { limits: { ...noGeneration, attemptsPerTask: 1, maxAttemptMs: 2_000 } },
  });
  await live.add({ title: 'endless', run: 'while true; do echo on; sleep 0.1; done' });
  await live.until(() => live.of('task.failed').length === 1);
  expect(live.of('attempt.failed')[0]?.failure).toMatchObject({ class: 'too-complex' });
});

/** Command lines of living processes that contain the mark. */
function processesWith(mark: string): string[] {
  const lines = existsSync('/proc/self')
    ? readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? [commandLine(pid)] : []))
    : execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(mark));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It ended while we looked.
    return '';
  }
}

import { expect, test } from 'vitest';
import { startNode, testClock, type TestClock } from './helpers.ts';

/** A clock, and what waits for its time. */
function watchedClock(): { clock: TestClock; pending: Set<() => void> } {
  const real = testClock();
  const pending = new Set<() => void>();
  const clock: TestClock = {
    ...real,
    after: (delayMs: number, callback: () => void) => {
      const act = () => {
        pending.delete(act);
        callback();
      };
      const timer = real.after(delayMs, act);
      pending.add(act);
      return {
        cancel: () => {
          pending.delete(act);
          timer.cancel();
        },
      };
    },
  };
  return { clock, pending };
}

test('a node that is stopped while its port opens listens to nobody, and waits for nothing more', async () => {
  const { clock, pending } = watchedClock();
  const { mesh } = await startNode('n-a', { clock });
  const invited = mesh.invite().catch(() => null);
  await mesh.stop();
  await invited;
  expect(mesh.addresses()).toEqual([]);
  expect(pending.size).toBe(0);
});

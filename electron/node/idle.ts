import { backoffUntilMs } from '../../shared/world/status.ts';
import type { Ledger } from './ledger.ts';

/** Those who wait until a node has nothing left that it could do now. */
export class IdleWaiters {
  private waiting: PromiseWithResolvers<void>[] = [];

  /** Resolves at the next `settle`; rejects when the node fails before. */
  wait(): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    this.waiting.push(waiting);
    return waiting.promise;
  }

  settle(): void {
    for (const { resolve } of this.takeAll()) resolve();
  }

  fail(error: Error): void {
    for (const { reject } of this.takeAll()) reject(error);
  }

  private takeAll(): PromiseWithResolvers<void>[] {
    const { waiting } = this;
    this.waiting = [];
    return waiting;
  }
}

/** Whether a retry only waits out its pause, and will run without anybody's doing. */
export function willRetry(ledger: Ledger): boolean {
  const { world } = ledger;
  if (world.pause) return false;
  const nowMs = ledger.nowMs();
  return [...world.retrying].some((id) => {
    const task = world.tasks.get(id);
    return task !== undefined && backoffUntilMs(task, nowMs) > nowMs;
  });
}

import { messageOf } from '../../../shared/model/errors.ts';
import { checkpoint } from '../../execute/repository/checkpoint.ts';
import type { Workspace } from '../../execute/repository/workspace.ts';
import type { Ledger } from '../ledger.ts';
import type { AttemptContext } from '../attemptContext.ts';

/** Keeps the work in progress of an attempt safe while an agent is at it (X8). */
export class Checkpoints {
  private readonly ledger: Ledger;
  private readonly context: AttemptContext;
  private timer: NodeJS.Timeout | null = null;
  private turn: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger, context: AttemptContext) {
    this.ledger = ledger;
    this.context = context;
  }

  /** Takes one at intervals until `stop`. */
  start(): void {
    this.timer = setInterval(() => void this.take(), this.ledger.limits.checkpointMs);
    this.timer.unref();
  }

  /** Takes a last one and stops. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.take();
  }

  private take(): Promise<void> {
    this.turn = this.turn.then(() => this.takeNow(this.context.workspace));
    return this.turn;
  }

  private async takeNow(workspace: Workspace): Promise<void> {
    const { task, project, attempt } = this.context.order;
    try {
      const commit = await checkpoint(workspace);
      if (commit !== null)
        await this.ledger.commit({
          type: 'attempt.checkpointed',
          task,
          project,
          attempt,
          commit,
        });
    } catch (error) {
      // The work itself goes on: all that is lost is where to go on from, and the next one may succeed.
      process.stderr.write(`vigil: no checkpoint of ${task}: ${messageOf(error)}\n`);
    }
  }
}

import type { Failure, Verification } from '../../shared/model/attempt.ts';
import type { CapReached } from '../../shared/model/budget.ts';
import { describeCap } from '../../shared/explain/describeAgents.ts';
import type { TaskSpec } from '../../shared/model/task.ts';
import { classifyFailure } from '../../shared/policy/failure.ts';
import { reportFor } from '../../shared/policy/report.ts';

/** What the next attempt is told of the output, characters: its end says why it failed. */
const REPORT_CHARS = 8_000;

/** An attempt that ended badly: what kind of failure it is, and what the next attempt is told (X5). */
export class AttemptFailure extends Error {
  override readonly name = 'AttemptFailure';
  readonly failure: Failure;
  readonly report: string;

  private constructor(failure: Failure, report: string) {
    super(failure.reason);
    this.failure = failure;
    this.report = report.slice(-REPORT_CHARS);
  }

  static ofVerification(verification: Verification, spec: TaskSpec): AttemptFailure {
    return new AttemptFailure(
      classifyFailure({ kind: 'verification', verification, spec }),
      reportFor(verification),
    );
  }

  static ofTimeout(how: 'stalled' | 'ceiling', afterMs: number, tail: string): AttemptFailure {
    return new AttemptFailure(
      classifyFailure({ kind: 'timeout', of: 'the command', how, afterMs, tail }),
      tail,
    );
  }

  static ofCommand(exitCode: number | null, signal: string | null, tail: string): AttemptFailure {
    return new AttemptFailure(classifyFailure({ kind: 'command', exitCode, signal, tail }), tail);
  }

  static ofAgent(agent: string, outcome: string, detail: string): AttemptFailure {
    return new AttemptFailure(classifyFailure({ kind: 'agent', agent, outcome, detail }), detail);
  }

  /** Nothing is left for this attempt to do, and it has not failed. */
  static ofInterruption(reason: string): AttemptFailure {
    return new AttemptFailure(classifyFailure({ kind: 'interrupted', reason }), '');
  }

  /** A cap was reached: the work is kept, and the attempt does not count. */
  static ofBudget(reached: CapReached): AttemptFailure {
    const reason = `paused by its budget: ${describeCap(reached)}`;
    return new AttemptFailure(classifyFailure({ kind: 'interrupted', reason }), '');
  }

  static ofConflict(files: readonly string[]): AttemptFailure {
    const failure = classifyFailure({ kind: 'conflict', files });
    return new AttemptFailure(
      failure,
      `${failure.reason}. Start again from the integrated tree as it is now.`,
    );
  }
}

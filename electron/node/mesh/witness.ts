import type { EventBody } from '../../../shared/model/events.ts';
import type { Ledger } from '../ledger.ts';

/**
 * Tells the log what happens at the edge of the mesh. Until the node has begun it only remembers it: a log that
 * was restored from a backup must first get back what it lacks, or it would go on with a second history.
 */
export class Witness {
  private readonly ledger: Ledger;
  private readonly fail: (error: unknown) => void;
  private held: EventBody[] | null = [];

  constructor({ ledger, fail }: { ledger: Ledger; fail: (error: unknown) => void }) {
    this.ledger = ledger;
    this.fail = fail;
  }

  record(body: EventBody): void {
    if (this.held) this.held.push(body);
    else this.write([body]);
  }

  /** Records what was held, and all from now on at once. */
  begin(): void {
    const held = this.held ?? [];
    this.held = null;
    this.write(held);
  }

  private write(bodies: readonly EventBody[]): void {
    const { ledger, fail } = this;
    try {
      ledger.record(...bodies);
      ledger.durable().catch(fail);
    } catch (error) {
      fail(error);
    }
  }
}

import type { ApprovalView, BudgetChangeView } from '../../shared/model/agentApi.ts';
import type { Approval } from '../../shared/model/approval.ts';
import type { ApprovalId } from '../../shared/model/ids.ts';
import type { Budget } from '../../shared/model/budget.ts';
import { VigilError } from '../../shared/model/errors.ts';
import type { EventBody } from '../../shared/model/events.ts';
import { describeSubject } from '../../shared/explain/describeAgents.ts';
import { raisedCaps } from '../../shared/policy/budget.ts';
import type { Ledger } from './ledger.ts';

/** What humans are asked and what they answer (O1); unanswered means no. */
export class Oversight {
  private readonly ledger: Ledger;
  private readonly answered: () => void;

  constructor(ledger: Ledger, answered: () => void) {
    this.ledger = ledger;
    this.answered = answered;
  }

  /** Questions that nobody has answered, oldest first. */
  open(): ApprovalView[] {
    return this.ledger.world.supply.approvals
      .filter(({ answer }) => answer === null)
      .map(({ answer: _, ...approval }) => ({
        ...approval,
        text: describeSubject(approval.subject),
      }));
  }

  /** Throws `not-found` unless it is open. */
  find(id: ApprovalId): ApprovalView {
    const found = this.open().find((approval) => approval.id === id);
    if (found) return found;
    throw new VigilError(
      'not-found',
      `${id} is not an open question`,
      '`vigil approvals list` shows what is; a question is answered once.',
    );
  }

  /** Answers a question and does what a yes allows. Throws `not-found`. */
  async answer(
    id: ApprovalId,
    answer: 'approved' | 'denied',
    who: string,
    reason: string,
  ): Promise<ApprovalView> {
    const asked = this.find(id);
    const { task, project } = asked;
    await this.ledger.commit(
      { type: 'approval.answered', approval: id, task, project, answer, who, reason },
      ...(answer === 'approved' ? consequences(asked, who) : this.refusals(asked, who)),
    );
    this.answered();
    return asked;
  }

  /** A task whose own command may not run has nothing left to do; an agent does without. */
  private refusals({ id, task, subject }: ApprovalView, who: string): EventBody[] {
    const spec = task === null ? undefined : this.ledger.world.tasks.get(task)?.spec;
    if (subject.kind !== 'permission' || spec?.executor.kind !== 'command') return [];
    const reason = `${id} was denied: ${subject.title}`;
    return [{ type: 'task.cancelled', task: spec.id, project: spec.project, who, reason }];
  }

  /** Sets the caps when none rises; otherwise asks first, and nothing changes until the answer (O1). */
  async setBudget(budget: Budget, who: string): Promise<BudgetChangeView> {
    const { supply } = this.ledger.world;
    const raised = raisedCaps(supply.budget, budget);
    if (raised.length === 0) {
      await this.ledger.commit({ type: 'budget.set', budget, who });
      this.answered();
      return { set: true, approval: null, budget };
    }
    const approval = this.ledger.world.freshApprovalId();
    await this.ledger.commit({
      type: 'approval.asked',
      approval,
      task: null,
      project: null,
      subject: { kind: 'budget', budget, raised },
      reason: `${who} asked for it`,
    });
    return { set: false, approval, budget: supply.budget };
  }
}

function consequences(asked: Omit<Approval, 'answer'>, who: string): EventBody[] {
  const { id: approval, subject, task, project } = asked;
  switch (subject.kind) {
    case 'budget':
      return [{ type: 'budget.set', budget: subject.budget, who, approval }];
    case 'task-budget': {
      if (task === null || project === null) return [];
      const { tokens, calls } = subject;
      return [{ type: 'budget.granted', task, project, who, approval, tokens, calls }];
    }
    case 'permission':
      // The next attempt of the task looks it up.
      return [];
  }
}

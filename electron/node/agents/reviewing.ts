import type { Check } from '../../../shared/model/attempt.ts';
import type { CommitId } from '../../../shared/model/ids.ts';
import { reviewerOf } from '../../../shared/decide/route.ts';
import { mayExplore } from '../../../shared/policy/budget.ts';
import { parseReview, reviewReport } from '../../../shared/prompt/review.ts';
import { diffText } from '../../execute/repository/commit.ts';
import { git } from '../../execute/repository/git.ts';
import { AttemptFailure } from '../attemptFailure.ts';
import type { Ledger } from '../ledger.ts';
import type { AttemptContext } from '../attemptContext.ts';
import type { AgentHost } from './agentHost.ts';
import { promptFor } from './prompts.ts';

/** Bytes of a diff that a reviewer is shown; what is longer is for a human. */
const MAX_DIFF_BYTES = 40_000;
/** An answer that does not parse is asked for once more, with what was wrong with it. */
const MAX_ASKS = 2;

/**
 * Has an agent other than the writer judge a result that passed its checks (X4). What is no clear yes or
 * no is `unknown`, and then a human has to look.
 */
export async function reviewByAgent(
  ledger: Ledger,
  host: AgentHost,
  context: AttemptContext,
  commit: CommitId,
): Promise<Check> {
  const { order, task, runtime, workspace, signal } = context;
  const { world } = ledger;
  const writer = order.route?.choice;
  const reviewer = writer ? reviewerOf(world, task, order.node, writer) : null;
  if (!reviewer) return unknown('no agent is there to review it');
  if (!mayExplore(world.supply.spend, world.supply.budget, ledger.nowMs()))
    return unknown('the day’s soft cap is reached, so no agent reviews');
  const diff = await diffText(runtime.clone.repository, workspace.base, commit, MAX_DIFF_BYTES + 1);
  if (Buffer.byteLength(diff) > MAX_DIFF_BYTES)
    return unknown('the change is too large for a reviewer to see whole');
  const parts = [{ kind: 'diff' as const, name: `${task.spec.id}`, text: diff }];
  const { choice } = reviewer;
  let trouble: string | null = null;
  for (let asked = 0; asked < MAX_ASKS; asked += 1) {
    const notes = trouble === null ? [] : [`Your last answer could not be read: ${trouble}`];
    let text: string;
    try {
      ({ text } = await host.run({
        context,
        role: 'reviewer',
        ...reviewer,
        category: 'validation',
        prompt: promptFor(ledger, context, 'reviewer', parts, notes),
      }));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AttemptFailure && !error.failure.interrupted)
        return unknown(error.failure.reason);
      throw error;
    } finally {
      // Whatever a reviewer did to the files is not part of the result.
      await git(workspace.path, ['reset', '--quiet', '--hard', commit]);
    }
    const parsed = parseReview(text);
    if (parsed.ok) {
      const approved = parsed.value.verdict === 'approve';
      return {
        name: 'review',
        verdict: approved ? 'passed' : 'failed',
        detail: `${choice.agent} with ${choice.target.model}: ${reviewReport(parsed.value)}`,
      };
    }
    trouble = parsed.error;
  }
  return unknown(`${choice.agent} gave no verdict that could be read: ${trouble ?? ''}`);
}

function unknown(detail: string): Check {
  return { name: 'review', verdict: 'unknown', detail };
}

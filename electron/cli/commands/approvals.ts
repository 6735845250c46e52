import type { Command } from 'commander';
import { z } from 'zod';
import { ApprovalView } from '../../../shared/model/agentApi.ts';
import type { ApprovalId } from '../../../shared/model/ids.ts';
import { parseApprovalId } from '../arguments.ts';
import { renderAnswer, renderApproval, renderApprovals } from '../render/approvals.ts';
import { action, type Session } from '../session.ts';

const Approvals = z.object({ approvals: z.array(ApprovalView) });

export function addApprovalCommands(program: Command): void {
  const approvals = program
    .command('approvals')
    .description('questions to you: money, and acts that agents may not decide');
  approvals
    .command('list')
    .description('list those that are open')
    .action(
      action(async (session) => {
        const client = await session.client();
        session.show(await client.call('GET', '/v1/approvals', Approvals), (reply, look) =>
          renderApprovals(reply.approvals, look),
        );
      }),
    );
  approvals
    .command('show')
    .description('show one: what a yes allows, and why it is asked')
    .argument('<approval>', 'its id, for example A-3', parseApprovalId)
    .action(
      action(async (session, id: ApprovalId) => {
        const client = await session.client();
        session.show(await client.call('GET', `/v1/approvals/${id}`, ApprovalView), renderApproval);
      }),
    );
  for (const [name, verdict, description] of [
    ['approve', 'approved', 'say yes'],
    ['deny', 'denied', 'say no; no answer means no as well'],
  ] as const)
    approvals
      .command(name)
      .description(description)
      .argument('<approval>', 'its id, for example A-3', parseApprovalId)
      .option('--reason <text>', 'why, for the log', '')
      .action(
        action((session, id: ApprovalId, options: { reason: string }) =>
          answer(session, id, verdict, options.reason),
        ),
      );
}

async function answer(
  session: Session,
  id: ApprovalId,
  verdict: 'approved' | 'denied',
  reason: string,
): Promise<void> {
  const client = await session.client();
  const body = { answer: verdict, reason };
  const answered = await client.call('POST', `/v1/approvals/${id}`, ApprovalView, body);
  session.show(answered, (approval) => renderAnswer(approval, verdict, client.online));
}

import { createHash } from 'node:crypto';
import type { Approval } from '../../shared/model/approval.ts';
import type { BodyOf } from '../../shared/model/events.ts';
import type { ApprovalId } from '../../shared/model/ids.ts';
import type { TaskSpec } from '../../shared/model/task.ts';
import { publication } from '../../shared/policy/reserved.ts';
import type { Ledger } from './ledger.ts';

/** Of an act as it is shown; what is longer is told apart by its digest. */
const MAX_ACT = 1_000;

/** What a yes to a command allows: the same command again, by the same task. */
export function actOfCommand(command: string): string {
  return actOf(`run ${command}`);
}

/** An act in a length that can be shown; two that differ stay different. */
export function actOf(text: string): string {
  if (text.length <= MAX_ACT) return text;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return `${text.slice(0, MAX_ACT)}… (${text.length} characters, sha256 ${digest})`;
}

/** The question that a task's own command raises when others would see what it does (O4); null: none. */
export function askToPublish(
  ledger: Ledger,
  { id, project, executor }: TaskSpec,
  approval: ApprovalId,
): BodyOf<'approval.asked'> | null {
  if (executor.kind !== 'command') return null;
  const what = publication(executor.run);
  if (what === null) return null;
  const act = actOfCommand(executor.run);
  return {
    type: 'approval.asked',
    approval,
    task: id,
    project,
    subject: { kind: 'permission', node: ledger.store.node, title: act, act },
    reason: `${what}: what others see waits for a human, always`,
  };
}

/** What a human said to a task's command; undefined: nobody was asked. */
export function answerTo(ledger: Ledger, task: TaskSpec['id'], run: string): Approval | undefined {
  const act = actOfCommand(run);
  return ledger.world.supply.approvals.find(
    ({ task: of, subject }) => of === task && subject.kind === 'permission' && subject.act === act,
  );
}

import type { AgentRole } from '../../../shared/model/agent.ts';
import type { TaskSpec } from '../../../shared/model/task.ts';
import {
  decidePermission,
  type PermissionDecision,
  type PermissionRequest,
} from '../../../shared/policy/permission.ts';
import type { Ledger } from '../ledger.ts';
import { actOf, actOfCommand } from '../publication.ts';

/**
 * Answers what an agent asks for. What oversight keeps for humans becomes a question to them (O1); until
 * it is answered the answer is no, and the agent is told so.
 */
export function permissionsFor(
  ledger: Ledger,
  spec: TaskSpec,
  role: AgentRole,
): (request: PermissionRequest) => Promise<PermissionDecision> {
  // A tester may add tests wherever the project keeps them; that it changes nothing else is its role's rule.
  const rules = { scope: role === 'tester' ? [] : spec.scope, role, denylist: [] };
  return async (request) => {
    const decision = decidePermission(request, rules);
    if (decision.answer !== 'ask') return decision;
    const act = actOfRequest(request);
    const { supply } = ledger.world;
    const known = supply.approvals.find(
      ({ task, subject }) =>
        task === spec.id && subject.kind === 'permission' && subject.act === act,
    );
    if (known?.answer === 'approved')
      return { answer: 'allow', reason: `a person allowed it (${known.id})` };
    if (known?.answer === 'denied')
      return { answer: 'deny', reason: `a person refused it (${known.id}): do without it` };
    const id = known?.id ?? ledger.world.freshApprovalId();
    if (!known) {
      await ledger.commit({
        type: 'approval.asked',
        approval: id,
        task: spec.id,
        project: spec.project,
        subject: { kind: 'permission', node: ledger.store.node, title: act, act },
        reason: decision.reason,
      });
    }
    const reason = `${decision.reason}; ${id} asks one. Do without it now, or stop and say what is left`;
    return { answer: 'ask', reason };
  };
}

/** What a yes allows: the same act again, and nothing else. */
function actOfRequest({ kind, title, paths, command }: PermissionRequest): string {
  if (command !== null) return actOfCommand(command);
  return actOf(paths.length > 0 ? `${kind} ${paths.join(', ')}` : `${kind}: ${title}`);
}

import type { PermissionOption, RequestPermissionResponse } from '@agentclientprotocol/sdk';
import type { PermissionDecision, PermissionRequest } from '../../../shared/policy/permission.ts';
import type { ToolCall } from './toolCall.ts';
import { worktreePath } from './worktreePath.ts';

/** A tool call as a permission request that the rules can read. */
export async function permissionRequest(
  worktree: string,
  { kind, title, paths, command }: ToolCall,
): Promise<PermissionRequest> {
  const resolved = await Promise.all(paths.map((path) => worktreePath(worktree, path)));
  return { kind, title, paths: [...new Set(resolved)], command };
}

/**
 * The option that says a decision, for this once: a lasting yes is never given, even when the agent
 * offers nothing else. The reason goes along for agents that read it.
 */
export function permissionAnswer(
  { answer, reason }: PermissionDecision,
  options: readonly PermissionOption[],
): RequestPermissionResponse {
  const option =
    answer === 'allow'
      ? options.find(({ kind }) => kind === 'allow_once')
      : (options.find(({ kind }) => kind === 'reject_once') ??
        options.find(({ kind }) => kind === 'reject_always'));
  return {
    outcome:
      option === undefined
        ? { outcome: 'cancelled' }
        : { outcome: 'selected', optionId: option.optionId },
    _meta: { reason },
  };
}

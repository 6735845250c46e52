import { z } from 'zod';
import { readClaim, type ClaimedUsage } from './claimedUsage.ts';

const Chunk = z.looseObject({
  messageId: z.string().nullish().catch(null),
  content: z.looseObject({ type: z.string(), text: z.string().optional() }),
});

const PlanEntry = z.object({ content: z.string(), status: z.string().catch('pending') });
export type PlanEntry = z.infer<typeof PlanEntry>;

/** What an agent tells of its work, as far as Vigil uses it. */
export type SessionUpdate =
  | {
      readonly kind: 'message' | 'thought';
      readonly text: string;
      readonly messageId: string | null;
    }
  | { readonly kind: 'tool'; readonly call: unknown }
  | { readonly kind: 'plan'; readonly entries: readonly PlanEntry[] }
  | { readonly kind: 'usage'; readonly claim: ClaimedUsage }
  | { readonly kind: 'mode'; readonly mode: string }
  | { readonly kind: 'other'; readonly name: string };

const Notification = z.looseObject({
  params: z.looseObject({ update: z.looseObject({ sessionUpdate: z.string() }) }),
});

/**
 * Reads a `session/update`. What a later version of the protocol added, or an agent got wrong, is
 * `other`: progress, but nothing to act on; null when it is no update at all.
 */
export function readSessionUpdate(message: unknown): SessionUpdate | null {
  const parsed = Notification.safeParse(message);
  if (!parsed.success) return null;
  const { update } = parsed.data.params;
  const other: SessionUpdate = { kind: 'other', name: update.sessionUpdate };
  switch (update.sessionUpdate) {
    case 'agent_message_chunk':
    case 'agent_thought_chunk': {
      const chunk = Chunk.safeParse(update);
      if (!chunk.success) return other;
      return {
        kind: update.sessionUpdate === 'agent_message_chunk' ? 'message' : 'thought',
        text: chunk.data.content.text ?? `[${chunk.data.content.type}]`,
        messageId: chunk.data.messageId ?? null,
      };
    }
    case 'tool_call':
    case 'tool_call_update':
      return { kind: 'tool', call: update };
    case 'plan': {
      const plan = z.object({ entries: z.array(PlanEntry) }).safeParse(update);
      return plan.success ? { kind: 'plan', entries: plan.data.entries } : other;
    }
    case 'usage_update':
      return { kind: 'usage', claim: readClaim(update) };
    case 'current_mode_update': {
      const mode = z.looseObject({ currentModeId: z.string() }).safeParse(update);
      return mode.success ? { kind: 'mode', mode: mode.data.currentModeId } : other;
    }
    default:
      return other;
  }
}

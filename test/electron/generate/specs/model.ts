import { z } from 'zod';
import type { Ask } from '../../../../electron/generate/specs/askFor.ts';
import type { SpecDraft } from '../../../../shared/prompt/specPrompt.ts';
import { startModelServer, type ModelServer } from '../../../models/modelServer.ts';
import { say } from '../../../models/reply.ts';

const Completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
});

/** A model on loopback that gives these replies, one after the other, and how to ask it. */
export async function modelSaying(
  ...replies: readonly (string | object)[]
): Promise<{ server: ModelServer; ask: Ask }> {
  const server = await startModelServer({
    script: ({ index }) => {
      const reply = replies[index] ?? 'nothing more to say';
      return say(typeof reply === 'string' ? reply : JSON.stringify(reply));
    },
  });
  const ask: Ask = async ({ system, prompt, maxTokens }) => {
    const response = await fetch(`${server.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'scripted',
        max_tokens: maxTokens,
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: prompt },
        ],
      }),
    });
    if (!response.ok) throw new Error(`the provider answers ${response.status}`);
    const { choices } = Completion.parse(await response.json());
    return { text: choices[0]?.message.content ?? '' };
  };
  return { server, ask };
}

export const draft: SpecDraft = {
  title: 'TODO in src/upload/send.ts: retry when the connection breaks',
  type: 'implementation',
  instructions: 'Do what this comment of src/upload/send.ts asks for.',
  acceptance: ['The comment is gone.'],
  deliverables: ['src/upload/send.ts'],
  references: ['src/upload/send.ts'],
  scope: ['src/upload/send.ts', '**/*.test.*'],
  estimateMs: 1_800_000,
  risk: 'low',
};

export const files = [
  'src/upload/send.ts',
  'src/upload/queue.ts',
  'src/billing/pay.ts',
  'test/send.test.ts',
  '.github/workflows/ci.yml',
  'vigil.yaml',
];

/** A reply as a good model gives it. */
export const goodReply = {
  title: 'Retry an upload when its connection breaks',
  type: 'implementation',
  instructions:
    'In `send()` of src/upload/send.ts, catch a connection that breaks and try again up to three times with twice the delay each time. Remove the TODO.',
  acceptance: ['Three tries are made before `send()` throws.', 'A test breaks the connection.'],
  deliverables: ['src/upload/send.ts', 'test/send.test.ts'],
  scope: ['src/upload/send.ts', 'test/send.test.ts'],
  references: ['src/upload/send.ts'],
  estimateMinutes: 45,
  risk: 'low',
  after: [],
};

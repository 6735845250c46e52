import { open } from 'node:fs/promises';
import { z } from 'zod';
import { AgentRole } from '../../shared/model/agent.ts';
import { TaskId } from '../../shared/model/ids.ts';
import { attemptLogPath, transcriptPath } from './layout.ts';

/** What an attempt leaves in the home of the node that ran it: its output, and a transcript for each role. */
export const AttemptFile = z.strictObject({
  task: TaskId,
  attempt: z.coerce.number().int().positive(),
  file: z.union([z.literal('output'), AgentRole]),
});
export type AttemptFile = z.infer<typeof AttemptFile>;

/** Longest piece of an output that one request returns, bytes. */
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** A transcript is bounded when it is written; a cut line is no entry. */
const MAX_TRANSCRIPT_BYTES = 16 * 1024 * 1024;

/** How much of such a file is given at most, bytes. */
export function mostBytesOf({ file }: AttemptFile): number {
  return file === 'output' ? MAX_OUTPUT_BYTES : MAX_TRANSCRIPT_BYTES;
}

/** The last `tail` bytes of it, within {@link mostBytesOf}; null when this home does not have it. */
export async function readAttemptFile(
  home: string,
  wanted: AttemptFile,
  tail = Infinity,
): Promise<Buffer | null> {
  const { task, attempt, file } = wanted;
  const path =
    file === 'output'
      ? attemptLogPath(home, task, attempt)
      : transcriptPath(home, task, attempt, file);
  const handle = await open(path).catch(() => null);
  if (!handle) return null;
  try {
    const { size } = await handle.stat();
    const bytes = Math.min(size, tail, mostBytesOf(wanted));
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, size - bytes);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

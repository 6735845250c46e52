import { z } from 'zod';
import { VigilError } from '../../shared/model/errors.ts';
import { childEntry } from './package.ts';
import { runScript } from './runTool.ts';

/** What the child process reads from its standard input. */
export const EditExportsRequest = z.object({
  file: z.string(),
  text: z.string(),
  names: z.array(z.string()),
});

const EditExportsResult = z.object({ text: z.string(), removed: z.array(z.string()) });
type EditExportsResult = z.infer<typeof EditExportsResult>;

/**
 * The text of a file without these exports, in a child process: the TypeScript compiler would be half of
 * an idle node's memory. Throws `command-failed` or `timeout`.
 */
export async function editExports(
  request: z.infer<typeof EditExportsRequest>,
  options: { readonly root: string; readonly signal?: AbortSignal },
): Promise<EditExportsResult> {
  const entry = childEntry('editExports', new URL('./editExportsProcess.ts', import.meta.url));
  const { root: cwd, signal } = options;
  const run = await runScript(entry, [], {
    cwd,
    signal,
    input: JSON.stringify(request),
  });
  if (run.code !== 0) {
    throw new VigilError(
      'command-failed',
      `The exports of ${request.file} could not be taken back: ${run.stderr.trim().slice(-500)}`,
      'Run vigil doctor.',
    );
  }
  return EditExportsResult.parse(JSON.parse(run.stdout));
}

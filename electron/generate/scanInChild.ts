import { VigilError } from '../../shared/model/errors.ts';
import { childEntry } from '../tools/package.ts';
import { runScript } from '../tools/runTool.ts';
import type { WrapCommand } from '../tools/wrapCommand.ts';
import type { ScanInput } from './context.ts';
import { ScanResult } from './scanResult.ts';

/** A scan that takes longer has met a project that it cannot handle, ms. */
const SCAN_TIMEOUT_MS = 10 * 60_000;

/**
 * Looks for work in a process of its own, ended with its group on abort or after 10 minutes, so that
 * an idle node keeps none of its memory. `wrap` holds it, with the project's own code that its tools load.
 * Throws `command-failed` or `timeout`.
 */
export async function scanInChild(
  input: ScanInput,
  signal?: AbortSignal,
  wrap?: WrapCommand,
): Promise<ScanResult> {
  const entry = childEntry('scan', new URL('./scanProcess.ts', import.meta.url));
  const run = await runScript(entry, [], {
    cwd: input.root,
    input: JSON.stringify(input),
    signal,
    wrap,
    timeoutMs: SCAN_TIMEOUT_MS,
  });
  if (run.code !== 0)
    throw new VigilError(
      'command-failed',
      `The scan failed: ${run.stderr.trim().slice(-500)}`,
      'Run vigil doctor.',
    );
  return ScanResult.parse(JSON.parse(run.stdout.trimEnd().split('\n').at(-1) ?? ''));
}

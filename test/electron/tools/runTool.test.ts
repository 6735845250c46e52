import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { runTool } from '../../../electron/tools/runTool.ts';

const cwd = mkdtempSync(join(tmpdir(), 'vigil-tool-'));

describe('a tool', () => {
  it('gets its input and gives both streams and its exit code', async () => {
    const run = await runTool('/bin/sh', ['-c', 'cat; echo err >&2; exit 3'], { cwd, input: 'in' });
    expect(run).toEqual({ code: 3, stdout: 'in', stderr: 'err\n' });
  });

  it('that is absent, or too slow, is an error that names it', async () => {
    await expect(runTool('/no/such/tool', [], { cwd })).rejects.toMatchObject({
      code: 'command-failed',
    });
    await expect(
      runTool('/bin/sh', ['-c', 'sleep 600'], { cwd, timeoutMs: 50 }),
    ).rejects.toMatchObject({ code: 'timeout' });
  });

  it('is ended with its children when it is no longer wanted', async () => {
    const stop = new AbortController();
    const pidFile = join(cwd, 'pid');
    const run = runTool('/bin/sh', ['-c', `sleep 600 & echo $! > ${pidFile}; wait`], {
      cwd,
      signal: stop.signal,
    });
    await vi.waitFor(() =>
      expect(existsSync(pidFile) && readFileSync(pidFile, 'utf8')).toMatch(/\d\n/),
    );
    stop.abort();
    await expect(run).rejects.toMatchObject({ code: 'command-failed' });
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await vi.waitFor(() => {
      const state = existsSync(`/proc/${pid}/stat`)
        ? readFileSync(`/proc/${pid}/stat`, 'utf8')
        : ') Z ';
      expect(state).toMatch(/\) [ZX] /);
    });
  });

  it('that was not started is not started late', async () => {
    await expect(
      runTool('/bin/sh', ['-c', 'true'], { cwd, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'command-failed' });
  });
});

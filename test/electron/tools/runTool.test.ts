import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { asNode, runScript, runTool } from '../../../electron/tools/runTool.ts';
import { electronProgram } from '../../electronRuntime.ts';

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

// The runtime that the tests can have is of Linux on x64.
describe.runIf(process.platform === 'linux' && process.arch === 'x64')('a script', () => {
  it('runs on the Node of this process', async () => {
    expect(asNode(undefined)).toEqual({});
    const script = join(cwd, 'plain.mjs');
    writeFileSync(script, PRINTS);
    const { stdout } = await runScript(script, ['one'], { cwd });
    expect(JSON.parse(stdout)).toEqual({
      node: process.versions.node,
      asNode: null,
      args: ['one'],
    });
  });

  it('that is started in an Electron runs on its Node, and not as an app', async () => {
    const script = join(cwd, 'script.mjs');
    writeFileSync(script, PRINTS);
    await build({
      stdin: {
        contents: `
          import { runScript } from './electron/tools/runTool.ts';
          // As in the app, where nobody has said that it is a Node.
          delete process.env.ELECTRON_RUN_AS_NODE;
          const run = await runScript(${JSON.stringify(script)}, ['two'], { cwd: '.', timeoutMs: 20_000 });
          process.stdout.write(JSON.stringify({ ...run, own: process.versions.node }));`,
        resolveDir: process.cwd(),
      },
      outfile: join(cwd, 'parent.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node18',
    });
    const env = { ...asNode('25'), DISPLAY: '', WAYLAND_DISPLAY: '' };
    const parent = await runTool(electronProgram(), [join(cwd, 'parent.mjs')], { cwd, env });
    const { code, stdout, own } = Ran.parse(JSON.parse(parent.stdout));
    expect(code).toBe(0);
    expect(own).not.toBe(process.versions.node);
    expect(JSON.parse(stdout)).toMatchObject({ node: own, asNode: '1', args: ['two'] });
  }, 30_000);
});

const PRINTS = `process.stdout.write(JSON.stringify({
  node: process.versions.node,
  electron: process.versions.electron,
  asNode: process.env.ELECTRON_RUN_AS_NODE ?? null,
  args: process.argv.slice(2),
}));`;
const Ran = z.object({ code: z.number(), stdout: z.string(), own: z.string() });

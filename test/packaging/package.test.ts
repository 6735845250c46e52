import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runningNode } from '../../electron/client/runningNode.ts';
import { electronProgram } from '../electronRuntime.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const made = mkdtempSync(join(tmpdir(), 'vigil-packaged-'));
const app = join(made, `vigil-${version()}`);
const home = join(made, 'home');
// The Electron of the tests has a Node that is too old for the engine: another runs it.
const env = { ...process.env, VIGIL_NODE: process.execPath, VIGIL_HOME: home };

const Targets = z.array(z.object({ url: z.string(), title: z.string() }));

async function until<T>(ask: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    await setTimeout(100);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

// The runtime that the tests can have is of Linux on x64.
describe.runIf(process.platform === 'linux' && process.arch === 'x64')('the packaged app', () => {
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    const out = join(made, 'out');
    await run(
      process.execPath,
      [join(root, 'build/package.ts'), '--linux', 'tar.gz', '--output', out],
      {
        cwd: root,
        env: {
          ...process.env,
          ELECTRON_OVERRIDE_DIST_PATH: dirname(electronProgram()),
          // It is unpacked once, here.
          ELECTRON_BUILDER_COMPRESSION_LEVEL: '1',
        },
        maxBuffer: 64_000_000,
      },
    );
    await run('tar', ['xzf', join(out, `vigil-${version()}.tar.gz`), '-C', made]);
    rmSync(out, { recursive: true });
  }, 360_000);

  afterAll(async () => {
    const node = await runningNode(home);
    for (const child of started) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) continue;
      // With all that it started: the app would outlive the script that gave it its screen.
      process.kill(-child.pid, 'SIGTERM');
      await once(child, 'exit');
    }
    // It outlives the app on purpose.
    if (node !== null) {
      process.kill(node.pid, 'SIGTERM');
      await until(async () => ((await runningNode(home)) === null ? true : null));
    }
    rmSync(made, { recursive: true, force: true, maxRetries: 5 });
  }, 60_000);

  it('holds what runs and nothing of what it was made from', () => {
    const engine = join(app, 'resources/app.asar.unpacked');
    for (const file of [
      'bin/vigil.js',
      'dist/vigil.js',
      'dist/scan.js',
      'dist/page/index.html',
      'node_modules/better-sqlite3/prebuilds/linux-x64.node',
      'node_modules/typescript/lib/lib.es2022.d.ts',
    ]) {
      expect(existsSync(join(engine, file)), file).toBe(true);
    }
    for (const file of [
      'electron',
      'renderer',
      'test',
      'dist/vigil.js.map',
      'node_modules/react',
      'node_modules/electron',
      'node_modules/node',
      'node_modules/better-sqlite3/deps',
      'node_modules/better-sqlite3/prebuilds/darwin-arm64.node',
      'node_modules/better-sqlite3/prebuilds/win32-x64.node',
    ]) {
      expect(existsSync(join(engine, file)), file).toBe(false);
    }
  });

  it('cannot be made another program by a variable or a switch of its Node', async () => {
    const fuses = join(root, 'node_modules/@electron/fuses/dist/bin.js');
    const { stdout } = await run(process.execPath, [fuses, 'read', '--app', join(app, 'vigil')], {
      env: { ...process.env, FORCE_COLOR: '0' },
    });
    expect(stdout).toMatch(/RunAsNode is Enabled/);
    expect(stdout).toMatch(/EnableNodeOptionsEnvironmentVariable is Disabled/);
    expect(stdout).toMatch(/EnableNodeCliInspectArguments is Disabled/);
    expect(stdout).toMatch(/OnlyLoadAppFromAsar is Enabled/);
    expect(stdout).toMatch(/EnableCookieEncryption is Enabled/);
  });

  it('starts a node, shows its page, and brings the command line', async () => {
    const port = await freePort();
    const screen = ['-a', '-s', '-screen 0 1280x900x24', 'dbus-run-session', '--'];
    const program = [join(app, 'vigil'), '--no-sandbox', `--remote-debugging-port=${port}`];
    // The second start finds the first, which then shows itself: on a screen of their own, both.
    const both = `"$@" & sleep 0; until [ -f "$VIGIL_HOME/node.json" ]; do sleep 0.1; done; "$1" --no-sandbox; wait`;
    started.push(
      spawn('xvfb-run', [...screen, 'sh', '-c', both, 'sh', ...program], {
        env,
        stdio: 'ignore',
        detached: true,
      }),
    );
    const node = await until(() => runningNode(home));
    const status = await until(async () => {
      const answer = await fetch(`${node.url}/v1/status`, {
        headers: { authorization: `Bearer ${node.token}` },
      }).catch(() => null);
      return answer?.status ?? null;
    });
    expect(status).toBe(200);

    // Its title is set by the page itself once it has read the node's answers.
    const title = await until(async () => {
      const list: unknown = await fetch(`http://127.0.0.1:${port}/json/list`)
        .then((response) => response.json())
        .catch(() => []);
      const pages = Targets.parse(list).filter(({ url }) => url.startsWith('vigil://app/'));
      return pages.find((one) => one.title.endsWith('· Vigil'))?.title ?? null;
    });
    expect(title).toBe('First run · Vigil');

    const { stdout } = await run(join(app, 'resources/vigil'), ['status', '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({ version: version() });
  }, 60_000);
});

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '';
}

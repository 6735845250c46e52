import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentSession } from '../../../../electron/execute/agent/agentSession.ts';
import type { SessionOptions } from '../../../../electron/execute/agent/sessionOptions.ts';
import { findAgents } from '../../../../electron/execute/agent/findAgents.ts';
import { prepareAgent } from '../../../../electron/execute/agent/prepareAgent.ts';
import { parseTranscript } from '../../../../electron/execute/agent/parseTranscript.ts';
import {
  runIsAlive,
  type ProcessRecord,
} from '../../../../electron/execute/command/processGroup.ts';
import { decidePermission, type PermissionRequest } from '../../../../shared/policy/permission.ts';
import { startModelServer, type ModelServer } from '../../../models/modelServer.ts';
import { call, say, stall, type Reply } from '../../../models/reply.ts';
import type { SeenRequest } from '../../../models/seenRequest.ts';
import { shellCall, writeFileCall } from '../../../models/writeFileCall.ts';
import { newWorktree, until } from './agents.ts';

const PROGRAMS = fileURLToPath(new URL('../../../agents/node_modules/.bin', import.meta.url));
const TOKEN = 'vgl-token-of-a-test-0123456789';
const AGENTS = ['opencode', 'claude', 'qwen'] as const;

let server: ModelServer;
let proxy: Server;
let proxyUrl = '';
/** What agents wanted of the network beside their model, as a proxy sees it. */
const reached: string[] = [];
/** What the model does with the request of a worktree; by the folder that its prompt names. */
const scripts = new Map<string, (request: SeenRequest) => Reply>();

beforeAll(async () => {
  proxy = createServer((request, response) => {
    reached.push(`${request.method} ${request.url}`);
    response.writeHead(403).end();
  });
  proxy.on('connect', (request, socket) => {
    socket.on('error', () => undefined);
    reached.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  proxyUrl = `http://127.0.0.1:${address.port}`;
  server = await startModelServer({
    key: TOKEN,
    models: ['scripted'],
    script: (request) => {
      const text = JSON.stringify(request.body);
      const worktree = [...scripts.keys()].find((folder) => text.includes(folder));
      // Titles and checks of the connection carry no tools.
      if (worktree === undefined || request.tools.length === 0) return say('A title');
      return scripts.get(worktree)?.(request) ?? say('done');
    },
  });
});
afterAll(async () => {
  await server.close();
  proxy.close();
});

/** An agent of the tests' own package, its model being the scripted one. */
async function start(id: string, worktree: string, home: string, more: Partial<SessionOptions>) {
  const agents = await findAgents({}, { PATH: PROGRAMS, HOME: '/nonexistent' });
  const agent = agents.find(({ state }) => state.id === id);
  if (agent === undefined) throw new Error(`no agent ${id}`);
  expect(agent.state.detail).toContain(PROGRAMS);
  const node = path.dirname(process.execPath);
  const { sessionMode, ...command } = await prepareAgent(
    {
      ...agent,
      env: {
        PATH: `${node}:${process.env['PATH'] ?? ''}`,
        HTTP_PROXY: proxyUrl,
        HTTPS_PROXY: proxyUrl,
        http_proxy: proxyUrl,
        https_proxy: proxyUrl,
        NO_PROXY: '127.0.0.1',
        no_proxy: '127.0.0.1',
      },
    },
    { ...setup(), home },
  );
  return AgentSession.start({
    command: { ...command, cwd: worktree },
    sessionMode,
    secrets: [TOKEN],
    decide: (request) =>
      decidePermission(request, { scope: ['hello.txt'], role: 'writer', denylist: [] }),
    timeoutMs: 30_000,
    stallMs: 10_000,
    maxMs: 110_000,
    ...more,
  });
}

function setup() {
  return {
    gatewayUrl: server.url,
    token: TOKEN,
    model: 'scripted',
    contextTokens: 200_000,
    outputTokens: 8_000,
    mode: 'ask' as const,
  };
}

describe.each(AGENTS)('%s, the real one', (id) => {
  it(
    'does a task through the gateway, asks first, and goes when it is cancelled',
    { timeout: 120_000 },
    async () => {
      const worktree = await newWorktree();
      const transcriptFile = path.join(await newWorktree(), 'transcript.jsonl');
      const asked: PermissionRequest[] = [];
      const records: ProcessRecord[] = [];
      const stop = new AbortController();
      const hello = path.join(worktree, 'hello.txt');
      const home = await newWorktree();
      const session = await start(id, worktree, home, {
        transcriptFile,
        signal: stop.signal,
        onSpawn: (record) => records.push(record),
        decide: (request) => {
          asked.push(request);
          return decidePermission(request, { scope: ['hello.txt'], role: 'writer', denylist: [] });
        },
      });
      try {
        scripts.set(worktree, (request) =>
          request.toolResults.length > 0
            ? say('The file is there.')
            : call(writeFileCall(request, hello, 'hello\n')),
        );
        const result = await session.prompt(`Write hello.txt in ${worktree}.`);
        expect(result, result.detail).toMatchObject({ outcome: 'ended', stopReason: 'end_turn' });
        expect(result.text).toContain('The file is there.');
        expect(result.toolCalls).toBeGreaterThan(0);
        expect(await readFile(hello, 'utf8')).toBe('hello\n');
        expect(asked).toContainEqual(
          expect.objectContaining({ kind: 'edit', paths: ['hello.txt'] }),
        );

        // A second prompt of the same session wants a file outside of the scope.
        scripts.set(worktree, (request) =>
          request.toolResults.length > 0
            ? say('It was not allowed.')
            : call(writeFileCall(request, path.join(worktree, 'other.txt'), 'gotcha\n')),
        );
        const second = await session.prompt('Write other.txt too.');
        expect(second.text).toContain('It was not allowed.');
        expect(second.denied).toMatchObject([
          { kind: 'edit', paths: ['other.txt'], answer: 'deny' },
        ]);
        await expect(readFile(path.join(worktree, 'other.txt'))).rejects.toThrow('ENOENT');

        // A third one wants what oversight keeps for humans.
        scripts.set(worktree, (request) =>
          request.toolResults.length > 0
            ? say('It was not allowed either.')
            : call(shellCall(request, 'git push origin main')),
        );
        const third = await session.prompt('Push it.');
        expect(third.denied).toMatchObject([{ command: 'git push origin main', answer: 'ask' }]);

        const before = server.requests.length;
        scripts.set(worktree, () => stall);
        const running = session.prompt('Think for ever.');
        await until(() => server.requests.length > before);
        stop.abort();
        expect((await running).outcome).toBe('cancelled');
      } finally {
        await session.close();
      }
      expect(
        server.requests.flatMap(({ messages }) => messages.map(({ text }) => text)).join(),
      ).not.toContain(TOKEN);

      // Its home is kept: a later process goes on with the session.
      scripts.set(worktree, () => say('As I said before.'));
      const earlier = server.requests.length;
      const later = await start(id, worktree, home, { sessionId: session.id });
      const resumed = await later.prompt('What did you do?').finally(() => later.close());
      expect(resumed).toMatchObject({ outcome: 'ended', sessionId: session.id });
      expect(resumed.text).toContain('As I said before.');
      expect(later.resumed).toBe(true);
      // Whichever came last: some agents ask for a title of their own accord.
      const told = server.requests
        .slice(earlier)
        .flatMap(({ messages }) => messages.map(({ text }) => text));
      expect(told).toContain('The file is there.');
      expect(records.length).toBeGreaterThan(0);
      expect(records.filter(({ pid, run }) => runIsAlive(pid, run))).toEqual([]);
      const kinds = parseTranscript(await readFile(transcriptFile, 'utf8')).map(({ kind }) => kind);
      expect(kinds).toEqual(
        expect.arrayContaining(['start', 'prompt', 'tool', 'permission', 'end']),
      );
      expect(await readFile(transcriptFile, 'utf8')).not.toContain(TOKEN);
      expect(reached.splice(0)).toEqual([]);
    },
  );
});

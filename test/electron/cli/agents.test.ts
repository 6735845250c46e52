import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  AgentView,
  ApprovalView,
  BudgetChangeView,
  BudgetView,
  ModelView,
  ProviderView,
} from '../../../shared/model/agentApi.ts';
import { StatusView } from '../../../shared/model/statusApi.ts';
import { connect } from '../../../electron/cli/client.ts';
import { startModelServer, type ModelServer } from '../../models/modelServer.ts';
import { say } from '../../models/reply.ts';
import { cleanEnvironment, collect, Home, printed, ROOT, type Result } from './vigil.ts';

const KEY = 'sk-test-4e1c7a90b2d35f68';

let home: Home;
let server: ModelServer;
beforeAll(async () => {
  home = await Home.create();
  server = await startModelServer({
    script: () => say('ok'),
    models: ['coder', 'nomic-embed-text'],
    key: KEY,
  });
});
afterAll(async () => {
  await server.close();
  await home.remove();
});

/** A command on a machine with no keychain and no agent: nothing of the machine that tests run on is used. */
function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return home.start(args, { PATH: home.folder, DBUS_SESSION_BUS_ADDRESS: undefined, ...env });
}
const vigil = (args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Result> =>
  collect(start(args, env));
/** What the home says, without a process for the question. */
async function read<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
  const client = await connect(home.folder);
  try {
    return await client.call('GET', path, schema);
  } finally {
    await client.close();
  }
}

/** The JSON that a command prints. */
function json<S extends z.ZodType>({ stdout, stderr }: Result, schema: S): z.infer<S> {
  expect(stderr).toBe('');
  return schema.parse(JSON.parse(stdout));
}

describe('providers', () => {
  it('takes one that is known by name with the key from its usual variable', async () => {
    const { code, stdout } = await vigil(['providers', 'add', 'anthropic'], {
      ANTHROPIC_API_KEY: KEY,
    });
    expect(code).toBe(0);
    expect(stdout).toContain('Added anthropic: claude-sonnet-5-5');
    expect(stdout).toContain('taken from ANTHROPIC_API_KEY');
  });

  it('takes any other by its address, and tries it with a real call', async () => {
    const added = await vigil(
      ['providers', 'add', 'mine', '--url', server.baseUrl, '--format', 'openai-chat'].concat([
        '--model',
        'coder@3/15',
        '--key-env',
        'MY_KEY',
      ]),
      { MY_KEY: KEY },
    );
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const tested = await vigil(['providers', 'test', 'mine']);
    expect(tested.stdout).toMatch(/✓ mine .*knows coder/);
    expect(tested.code).toBe(0);
  });

  it('asks a local server for its models, and leaves out those that write nothing', async () => {
    const open = await startModelServer({
      script: () => say('ok'),
      models: ['coder', 'nomic-embed-text'],
    });
    const { stdout, stderr } = await vigil(['providers', 'add', 'ollama', '--url', open.baseUrl]);
    await open.close();
    expect(stderr).toBe('');
    expect(stdout).toContain('Added ollama: coder at');
  });

  it('lists them with where their keys are', async () => {
    const listed = await vigil(['providers', 'list', '--json']);
    const { providers } = json(listed, z.object({ providers: z.array(ProviderView) }));
    const keys = providers.map(({ id, key }) => [id, key]);
    expect(keys).toEqual([
      ['anthropic', 'file'],
      ['mine', 'file'],
      ['ollama', 'none'],
    ]);
    const { models } = await read('/v1/models', z.object({ models: z.array(ModelView) }));
    expect(models.find(({ model }) => model === 'coder')).toMatchObject({
      provider: 'mine',
      price: { input: 3, output: 15 },
    });
  });

  it('changes one without asking for its key again', async () => {
    const price = 'claude-sonnet-5-5=1,2';
    const { code, stdout } = await vigil(['providers', 'add', 'anthropic', '--price', price]);
    expect(code).toBe(0);
    expect(stdout).toContain('Changed anthropic');
  });

  it('keeps keys in the file of keys alone, and prints them nowhere', async () => {
    for (const name of await readdir(home.folder, { recursive: true, withFileTypes: true })) {
      if (!name.isFile() || name.name === 'keys.json') continue;
      const bytes = await readFile(join(name.parentPath, name.name));
      expect(bytes.includes(KEY), name.name).toBe(false);
    }
    expect(JSON.stringify(await vigil(['events']))).not.toContain(KEY);
  });

  it('forgets one with its key', async () => {
    expect((await vigil(['providers', 'remove', 'mine'])).code).toBe(0);
    const kept = await readFile(join(home.folder, 'keys.json'), 'utf8');
    expect(kept).toContain('anthropic');
    expect(kept).not.toContain('mine');
    expect(await vigil(['providers', 'remove', 'mine'])).toMatchObject({ code: 1, stdout: '' });
  });

  it('takes a key that is typed unseen', async () => {
    const command = `"${process.execPath}" electron/cli/main.ts providers add xai --url ${server.baseUrl}`;
    const terminal = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: ROOT,
      env: { ...cleanEnvironment(), VIGIL_HOME: home.folder, DBUS_SESSION_BUS_ADDRESS: undefined },
    });
    const ended = collect(terminal);
    await printed(terminal, /Key for xai \(it is not shown\)/);
    terminal.stdin.write(`${KEY}\n`);
    const { code, stdout } = await ended;
    expect({ code, shown: stdout.includes(KEY) }).toEqual({ code: 0, shown: false });
    expect(stdout).toContain('Added xai');
    expect(await readFile(join(home.folder, 'keys.json'), 'utf8')).toContain(`"xai": "${KEY}"`);
  });

  it.each([
    { args: ['anthropic', '--key', KEY], says: 'not taken from the command line' },
    { args: ['openai'], says: 'Set OPENAI_API_KEY' },
    { args: ['x', '--url', 'https://h/v1', '--format', 'soap'], says: 'soap is no wire format' },
  ])('refuses, and says what to do: vigil providers add $args', async ({ args, says }) => {
    const { code, stdout, stderr } = await vigil(['providers', 'add', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
    expect(stderr).not.toContain(KEY);
  });
});

describe('the budget', () => {
  it('lowers a cap at once and asks before it raises one', async () => {
    const lowered = await vigil(['budget', '--set', 'hour.hard=4', '--set', 'month.rollover=off']);
    expect(lowered.stdout).toContain('hour.hard  $5.00 → $4.00\n');
    expect(lowered.stdout).toContain('month.rollover  off, as it was');
    const raised = await vigil(['budget', '--set', 'hour.hard=8', '--set', 'task.tokens=200k']);
    expect(raised.code).toBe(0);
    expect(raised.stdout).toContain('task.tokens  100000 → 200000 not yet');
    expect(raised.stdout).toContain('A-1 waits for a yes: `vigil approvals approve A-1`');
    expect((await read('/v1/budget', BudgetView)).budget.hour.hard).toBe(4);
  });

  it('is raised by a yes, which is asked for once', async () => {
    const status = await read('/v1/status', StatusView);
    expect(status).toMatchObject({ approvals: 1, spentTodayUsd: null });
    expect(status.attention.join()).toContain('A-1 waits for your yes or no');
    expect((await vigil(['approvals', 'show', '1'])).stdout).toContain(
      'hour.hard from $4.00 to $8.00',
    );
    json(await vigil(['approvals', 'approve', 'a-1', '--json']), ApprovalView);
    const { budget } = await read('/v1/budget', BudgetView);
    expect([budget.hour.hard, budget.task.tokens]).toEqual([8, 200_000]);
    const again = await vigil(['approvals', 'approve', 'A-1']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('not an open question');
  });

  it('stays as it is by a no', async () => {
    const asked = await vigil(['budget', '--set', 'day.hard=70', '--json']);
    const { approval } = json(asked, BudgetChangeView);
    expect(approval).toBe('A-2');
    const denied = await vigil(['approvals', 'deny', 'A-2', '--reason', 'too much']);
    expect(denied.stdout).toContain('The caps stay as they are');
    expect((await read('/v1/budget', BudgetView)).budget.day.hard).toBe(50);
    expect((await vigil(['approvals', 'list'])).stdout).toContain('Nothing waits');
  });
});

it('shows how to get the agents that are not installed', async () => {
  const listed = await vigil(['agents', '--json']);
  const { agents } = json(listed, z.object({ agents: z.array(AgentView) }));
  expect(agents.map(({ id }) => id)).toContain('opencode');
  expect(agents.every(({ ready }) => !ready)).toBe(true);
  const text = (await vigil(['agents', 'opencode'])).stdout;
  expect(text).toMatch(/Not installed\n.*opencode: .*npm install/);
  expect((await vigil(['agents', '--check'])).stdout).toContain('none was started');
});

it('says so when no agent has left a transcript', async () => {
  const { code, stderr } = await vigil(['transcript', 'T-1']);
  expect(code).toBe(1);
  expect(stderr).toContain('no task T-1');
});

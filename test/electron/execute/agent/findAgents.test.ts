import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgentSetup } from '../../../../electron/execute/agent/agentDefinitions.ts';
import { checkAgent } from '../../../../electron/execute/agent/checkAgent.ts';
import { findAgents, type FoundAgent } from '../../../../electron/execute/agent/findAgents.ts';
import { prepareAgent } from '../../../../electron/execute/agent/prepareAgent.ts';
import { AgentConfig } from '../../../../shared/model/agent.ts';
import { newWorktree, testAgent } from './agents.ts';

const setup: Omit<AgentSetup, 'home'> = {
  gatewayUrl: 'http://127.0.0.1:9/of/the/gateway',
  token: 'vgl-token-0123456789',
  model: 'some-model',
  contextTokens: 100_000,
  outputTokens: 4_000,
  mode: 'ask',
};

/** A program of a package, as npm installs it. */
async function program(folder: string, name: string, script: string, version?: string) {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  if (version !== undefined)
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ name, version }));
  return file;
}

async function find(id: string, config: object, from: Record<string, string>): Promise<FoundAgent> {
  const agents = await findAgents({ [id]: AgentConfig.parse(config) }, from);
  const found = agents.find(({ state }) => state.id === id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

/** The tests' own agent as a user would add it to config.yaml. */
async function custom(behaviour: string): Promise<FoundAgent> {
  const { file, args } = testAgent('/', behaviour);
  return find('mine', { command: file, args, format: 'openai-chat' }, { PATH: '' });
}

describe('the agents of a machine', () => {
  it('are found on PATH and in the folders of their installers, with their version', async () => {
    const home = await newWorktree();
    const bin = path.join(home, 'elsewhere');
    const opencode = await program(bin, 'opencode', 'exit 1', '1.18.33');
    const goose = await program(path.join(home, '.local/bin'), 'goose', 'echo "goose v1.2.3-beta"');
    const agents = await findAgents({}, { PATH: bin, HOME: home });
    const states = new Map(agents.map(({ state }) => [String(state.id), state]));
    expect(states.get('opencode')).toMatchObject({
      ready: true,
      version: '1.18.33',
      format: 'openai-chat',
      detail: opencode,
    });
    expect(states.get('goose')).toMatchObject({
      ready: true,
      version: '1.2.3-beta',
      detail: goose,
    });
    expect(states.get('codex')).toMatchObject({ ready: false, version: null });
    expect(states.get('codex')?.detail).toBe(
      'not installed: no codex-acp on PATH; to get it: npm install -g @zed-industries/codex-acp',
    );
  });

  it('are not ready in a format that the gateway does not serve, and say why', async () => {
    const bin = await newWorktree();
    await program(bin, 'gemini', 'exit 1', '0.61.0');
    const { state } = await find('gemini', {}, { PATH: bin });
    expect(state).toMatchObject({ ready: false, version: '0.61.0', format: null });
    expect(state.detail).toContain('a format of its own, which the gateway does not serve');
  });

  it('are what config.yaml says', async () => {
    const bin = await newWorktree();
    const file = await program(bin, 'my-opencode', 'exit 1');
    const from = { PATH: bin };
    const changed = await find('opencode', { command: 'my-opencode', args: ['go'] }, from);
    expect(changed).toMatchObject({ file, args: ['go'], state: { ready: true, name: 'OpenCode' } });
    const off = await find('opencode', { command: 'my-opencode', enabled: false }, from);
    expect(off.state).toMatchObject({ ready: false, detail: 'switched off in config.yaml' });
    const details = await Promise.all(
      [{}, { command: file }, { command: '/no/such' }].map(
        async (config) => (await find('mine', config, from)).state.detail,
      ),
    );
    expect(details).toEqual([
      'config.yaml does not say by which command it starts (agents.mine.command)',
      'config.yaml does not say in which format it calls its model (agents.mine.format)',
      'not installed: /no/such is no program here',
    ]);
  });
});

describe('the preparation of an agent', () => {
  it('gives it a home of its own that only its user reads, and nothing of the user’s settings', async () => {
    const bin = await newWorktree();
    await program(bin, 'codex-acp', 'exit 1');
    const home = path.join(await newWorktree(), 'home');
    process.env['OPENAI_BASE_URL'] = 'https://elsewhere.example';
    const { env, sessionMode } = await prepareAgent(await find('codex', {}, { PATH: bin }), {
      ...setup,
      home,
      mode: 'sandboxed',
    }).finally(() => delete process.env['OPENAI_BASE_URL']);
    expect(env).toMatchObject({ HOME: home, XDG_CONFIG_HOME: `${home}/.config` });
    expect(env['OPENAI_BASE_URL']).toBeUndefined();
    const settings = path.join(home, '.codex/config.toml');
    expect(await readFile(settings, 'utf8')).toContain(`base_url = "${setup.gatewayUrl}/v1"`);
    expect((await stat(settings)).mode & 0o077).toBe(0);
    expect((await stat(home)).mode & 0o077).toBe(0);
    expect(sessionMode).toBe('full-access');
  });

  it.each(['opencode', 'claude-agent-acp', 'codex-acp', 'qwen', 'goose'])(
    'tells %s of gateway, token and model',
    async (name) => {
      const bin = await newWorktree();
      const file = await program(bin, name, 'exit 1');
      const agents = await findAgents({}, { PATH: bin, HOME: bin });
      const agent = agents.find((found) => found.file === file);
      if (agent === undefined) throw new Error(`no ${name}`);
      const home = await newWorktree();
      const { env } = await prepareAgent(agent, { ...setup, home });
      const files = Object.keys(agent.definition?.prepare({ ...setup, home }).files ?? {});
      const written = await Promise.all(files.map((one) => readFile(path.join(home, one), 'utf8')));
      const told = [...Object.values(env), ...written].join('\n');
      for (const value of [setup.gatewayUrl, setup.token, setup.model])
        expect(told).toContain(value);
    },
  );

  it('fills in the placeholders of config.yaml', async () => {
    const bin = await newWorktree();
    const file = await program(bin, 'own', 'exit 1');
    const agent = await find(
      'mine',
      {
        command: file,
        args: ['--model', '${VIGIL_MODEL}'],
        env: { BASE: '${VIGIL_GATEWAY_URL}/v1', KEY: '${VIGIL_TOKEN}' },
        format: 'openai-chat',
      },
      {},
    );
    const { args, env } = await prepareAgent(agent, { ...setup, home: await newWorktree() });
    expect(args).toEqual(['--model', 'some-model']);
    expect(env).toMatchObject({ BASE: `${setup.gatewayUrl}/v1`, KEY: setup.token });
  });
});

describe('the check of an agent', () => {
  it('says that it works, and what it is', async () => {
    const check = await checkAgent(await custom('works'), setup);
    expect(check).toMatchObject({ works: true, detail: 'Obedient 1.2.3' });
    expect(check.startMs).toBeGreaterThan(0);
  });

  it.each([
    ['dies', 'ended with exit code 7: no such model'],
    ['old', 'speaks version 0 of the Agent Client Protocol'],
    ['prints', 'no messages of the protocol, the last one: Welcome!'],
    ['mute', 'did not answer within 1 s of its start'],
    ['locked', 'log in first'],
  ])('says what is wrong with one that is %s', async (behaviour, words) => {
    const check = await checkAgent(await custom(behaviour), setup, { startTimeoutMs: 1000 });
    expect(check.works).toBe(false);
    expect(check.detail).toContain(words);
  });

  it('does not start one that is not ready', async () => {
    const agent = await find('mine', { command: '/no/such', format: 'openai-chat' }, {});
    expect(await checkAgent(agent, setup)).toEqual({
      works: false,
      detail: 'not installed: /no/such is no program here',
      startMs: null,
    });
  });
});

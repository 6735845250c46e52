import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AgentSession } from '../../../../electron/execute/agent/agentSession.ts';
import type {
  AgentResult,
  SessionOptions,
} from '../../../../electron/execute/agent/sessionOptions.ts';
import { AgentEnd } from '../../../../electron/execute/agent/agentEnd.ts';
import { parseTranscript } from '../../../../electron/execute/agent/parseTranscript.ts';
import type { ProcessRecord } from '../../../../electron/execute/command/processGroup.ts';
import { runIsAlive } from '../../../../electron/execute/command/processGroup.ts';
import { decidePermission, type PermissionRequest } from '../../../../shared/policy/permission.ts';
import { newWorktree, no, optionsFor, pidIn, runs, testAgent, until, yes } from './agents.ts';

/** Runs the test agent once. */
async function ask(
  prompt: string,
  {
    behaviour,
    worktree,
    ...more
  }: Partial<SessionOptions> & { behaviour?: string; worktree?: string } = {},
) {
  const folder = worktree ?? (await newWorktree());
  return askOnce({ ...optionsFor(testAgent(folder, behaviour)), ...more }, prompt);
}

/** One session with one prompt; a session that can't be had is a result too. */
async function askOnce(options: SessionOptions, prompt: string): Promise<AgentResult> {
  let session: AgentSession;
  try {
    session = await AgentSession.start(options);
  } catch (error) {
    if (!(error instanceof AgentEnd)) throw error;
    return { ...NOTHING, outcome: error.outcome, detail: error.message };
  }
  try {
    return await session.prompt(prompt);
  } finally {
    await session.close();
  }
}

const NOTHING = {
  stopReason: null,
  sessionId: null,
  text: '',
  plan: [],
  toolCalls: 0,
  usage: { tokens: null, costUsd: null, contextTokens: null },
  denied: [],
  durationMs: 0,
  startMs: null,
} as const;

describe('a session with an agent', () => {
  it('gives the last message, plan, claimed usage and times of a prompt', async () => {
    const result = await ask(
      'say first; plan look write; edit notes.txt hello; usage 5000 0.25; novelty; spell all do ne',
    );
    expect(result).toMatchObject({
      outcome: 'ended',
      stopReason: 'end_turn',
      sessionId: 'new-session',
      text: 'answer: yesalldone',
      plan: [{ content: 'look', status: 'pending' }, { content: 'write' }],
      toolCalls: 1,
      denied: [],
      usage: {
        tokens: { input: 120, output: 30, cacheRead: 7, cacheWrite: 0 },
        costUsd: 0.25,
        contextTokens: 5000,
      },
    });
    expect(result.startMs).toBeGreaterThan(0);
    expect(result.durationMs).toBeGreaterThan(0);
  });

  it('keeps the conversation for a second prompt, with results of its own', async () => {
    const session = await AgentSession.start(optionsFor(testAgent(await newWorktree())));
    try {
      const first = await session.prompt('plan a; edit a.txt x; say one');
      const second = await session.prompt('say two');
      expect(first.toolCalls).toBe(1);
      expect(second).toMatchObject({ text: 'two', toolCalls: 0, plan: [], sessionId: session.id });
      expect(session.version).toBe('Obedient 1.2.3');
    } finally {
      await session.close();
    }
  });

  it('chooses the mode that asks, where the agent has it', async () => {
    const worktree = await newWorktree();
    const transcriptFile = path.join(worktree, 'transcript.jsonl');
    await ask('say hello', { worktree, sessionMode: 'default', transcriptFile });
    expect(parseTranscript(await readFile(transcriptFile, 'utf8'))).toContainEqual(
      expect.objectContaining({ kind: 'mode', mode: 'default' }),
    );
    expect((await ask('say hello', { sessionMode: 'unheard-of' })).outcome).toBe('ended');
  });

  it('goes on with an old session where the agent can, and starts a new one where it cannot', async () => {
    const worktree = await newWorktree();
    const old = { sessionId: 'old-session' };
    const transcriptFile = path.join(worktree, 'transcript.jsonl');
    const session = await AgentSession.start({
      ...optionsFor(testAgent(worktree, 'loads')),
      ...old,
      transcriptFile,
    });
    const result = await session.prompt('say on with it');
    await session.close();
    expect(session.resumed).toBe(true);
    // What the agent repeats of the past is not said again.
    expect(result).toMatchObject({ sessionId: 'old-session', text: 'on with it' });
    expect(await readFile(transcriptFile, 'utf8')).not.toContain('an old answer');
    expect(await ask('say hello', old)).toMatchObject({ sessionId: 'new-session' });
  });

  it('tells a refusal and an error of the agent apart from an end', async () => {
    expect((await ask('say no', { behaviour: 'refuses' })).outcome).toBe('refused');
    const failed = await ask('fail');
    expect(failed.outcome).toBe('failed');
    expect(failed.detail).toContain('the provider answers 402: budget reached');
  });

  it('gives no secret back, whatever the agent says', async () => {
    const secrets = ['vgl-the-token-of-this-attempt'];
    expect((await ask('environment GATEWAY_TOKEN', { secrets })).text).toBe(
      'GATEWAY_TOKEN=[secret]',
    );
  });

  it('has the environment of its command and no other', async () => {
    process.env['SOME_SETTING'] = 'of-the-user';
    try {
      expect((await ask('environment SOME_SETTING')).text).toBe('SOME_SETTING=');
    } finally {
      delete process.env['SOME_SETTING'];
    }
  });
});

describe('permission', () => {
  it('is asked by what the agent will do, and given for one time only', async () => {
    const worktree = await newWorktree();
    const seen: PermissionRequest[] = [];
    const decide = (request: PermissionRequest) => {
      seen.push(request);
      return yes;
    };
    await mkdir(path.join(worktree, 'src'));
    const result = await ask(`edit ${worktree}/src/../notes.txt hello`, { worktree, decide });
    expect(result.text).toBe('answer: yes');
    expect(seen).toMatchObject([{ kind: 'edit', paths: ['notes.txt'], command: null }]);
    expect(await readFile(path.join(worktree, 'notes.txt'), 'utf8')).toBe('hello');
  });

  it('is not given for ever, even when nothing else is offered', async () => {
    expect((await ask('insist')).text).toBe('answer: cancelled');
  });

  it('that is denied is told to the agent and to the caller, with the reason', async () => {
    const worktree = await newWorktree();
    const result = await ask('edit notes.txt hello', { worktree, decide: () => no });
    expect(result.text).toBe('answer: no');
    expect(result.denied).toMatchObject([
      { kind: 'edit', paths: ['notes.txt'], answer: 'deny', reason: no.reason },
    ]);
    await expect(readFile(path.join(worktree, 'notes.txt'))).rejects.toThrow('ENOENT');
  });

  it('that is denied is explained to an agent that ends its turn over it', async () => {
    const result = await ask('try a.txt; try b.txt', { decide: () => no });
    expect(result.denied).toHaveLength(2);
    expect(result.text).toContain(`- Edit a.txt: ${no.reason}\n- Edit b.txt: ${no.reason}\n`);
    // One that goes on by itself is left alone.
    expect((await ask('try a.txt; say another way', { decide: () => no })).text).toBe(
      'another way',
    );
  });

  it('is denied when the rules throw', async () => {
    const result = await ask('edit notes.txt hello', {
      decide: () => Promise.reject(new Error('no such project')),
    });
    expect(result.denied).toMatchObject([{ answer: 'deny' }]);
    expect(result.denied[0]?.reason).toContain('no such project');
  });
});

describe('files that the agent has its client touch', () => {
  const rules = { scope: ['src'], role: 'writer', denylist: [] } as const;
  const decide = (request: PermissionRequest) => decidePermission(request, rules);

  it('are written inside the scope, folders included, and read in part', async () => {
    const worktree = await newWorktree();
    expect((await ask('write src/new/a.txt hello', { worktree, decide })).denied).toEqual([]);
    expect(await readFile(path.join(worktree, 'src/new/a.txt'), 'utf8')).toBe('hello');
    await writeFile(path.join(worktree, 'lines'), 'one\ntwo\nthree\nfour');
    expect((await ask('read lines 2 2', { worktree, decide })).text).toBe('two\nthree');
  });

  it('are not written outside of it, whatever the path looks like', async () => {
    const worktree = await newWorktree();
    const outside = await newWorktree();
    await mkdir(path.join(worktree, 'src'));
    await symlink(outside, path.join(worktree, 'src/away'));
    await symlink(path.join(outside, 'not-there-yet'), path.join(worktree, 'src/dangling'));
    const paths = [
      'README.md',
      `${outside}/a`,
      'src/../../a',
      'src/away/a',
      'src/dangling',
      '.git/config',
    ];
    for (const file of paths) {
      const result = await ask(`write ${file} gotcha`, { worktree, decide });
      expect(result.denied, file).toHaveLength(1);
      expect(result.text, file).toContain(`not written: RequestError: ${result.denied[0]?.reason}`);
    }
    expect(await readFile(path.join(outside, 'a')).catch(() => 'absent')).toBe('absent');
    expect(await readFile(path.join(outside, 'not-there-yet')).catch(() => 'absent')).toBe(
      'absent',
    );
  });

  it('are not read outside of the worktree, nor when they are no files', async () => {
    const worktree = await newWorktree();
    expect((await ask('read /etc/hostname', { worktree, decide })).text).toContain(
      'outside the worktree',
    );
    expect((await ask('read .', { worktree, decide })).text).toContain('not read');
  });
});

describe('commands that the agent has its client run', () => {
  it('run in the worktree and give output and exit code', async () => {
    const worktree = await newWorktree();
    const result = await ask('run pwd && exit 3', { worktree });
    expect(result.text).toBe(`exit 3: ${worktree}`);
  });

  it('do not see the token of the agent', async () => {
    expect((await ask('run echo "[$GATEWAY_TOKEN]"')).text).toBe('exit 0: []');
  });

  it('are refused with the reason', async () => {
    const decide = (request: PermissionRequest) =>
      decidePermission(request, { scope: [], role: 'writer', denylist: [] });
    const result = await ask('run git push origin main', { decide });
    expect(result.text).toContain('a human has to allow');
    expect(result.denied).toMatchObject([{ answer: 'ask', command: 'git push origin main' }]);
  });

  it('end with the session', async () => {
    const worktree = await newWorktree();
    const pidFile = path.join(worktree, 'pid');
    const session = await AgentSession.start(optionsFor(testAgent(worktree)));
    await session.prompt(`leave sh -c 'echo $$ > ${pidFile} && exec sleep 600'`);
    const pid = await pidIn(pidFile);
    expect(await runs(pid)).toBe(true);
    await session.close();
    expect(await runs(pid)).toBe(false);
  });

  it('run in the same sandbox as the agent', async () => {
    const wrapped: string[] = [];
    await ask('run true', {
      wrap: ({ file, args, env }) => {
        wrapped.push(file);
        return Promise.resolve({ file, args, env, cleanup: () => Promise.resolve() });
      },
    });
    expect(wrapped).toEqual([process.execPath, '/bin/sh']);
  });
});

describe('an agent that misbehaves', () => {
  it('and is not there is told so', async () => {
    const worktree = await newWorktree();
    const command = { ...testAgent(worktree), file: '/no/such/agent' };
    const result = await askOnce(optionsFor(command), 'say hello');
    expect(result).toMatchObject({ outcome: 'crashed', startMs: null });
    expect(result.detail).toContain('/no/such/agent could not be started');
  });

  it('and dies at its start is reported with its last words', async () => {
    const result = await ask('say hello', { behaviour: 'dies' });
    expect(result).toMatchObject({ outcome: 'crashed', startMs: null });
    expect(result.detail).toBe('it ended with exit code 7: no such model');
  });

  it('and dies at work is reported with its last words', async () => {
    const result = await ask('say working; crash');
    expect(result).toMatchObject({ outcome: 'crashed', text: 'working', stopReason: null });
    expect(result.detail).toContain('exit code 3: the model was eaten by a dog');
  });

  it('and never answers is given up', async () => {
    const result = await ask('say hello', { behaviour: 'mute', startTimeoutMs: 300 });
    expect(result).toMatchObject({ outcome: 'stalled', startMs: null });
  });

  it('and speaks an old protocol is refused', async () => {
    const result = await ask('say hello', { behaviour: 'old' });
    expect(result.outcome).toBe('protocol-error');
    expect(result.detail).toContain('version 0 of the Agent Client Protocol');
  });

  it('and wants a login says so', async () => {
    const result = await ask('say hello', { behaviour: 'locked' });
    expect(result.outcome).toBe('failed');
    expect(result.detail).toContain('log in first');
  });

  it('and prints rubbish is forgiven some lines, not all', async () => {
    expect(await ask('rubbish 50; say done')).toMatchObject({ outcome: 'ended', text: 'done' });
    expect((await ask('rubbish 500; hang')).outcome).toBe('protocol-error');
    expect((await ask('say hello', { behaviour: 'prints' })).outcome).toBe('protocol-error');
  });

  it('and stops in silence is ended as stalled', async () => {
    const result = await ask('say thinking; hang', {
      timeoutMs: 100,
      stallMs: 300,
      cancelGraceMs: 100,
    });
    expect(result).toMatchObject({ outcome: 'stalled', text: 'thinking' });
  });

  it('and goes on past its time lives as long as it shows progress, up to the ceiling', async () => {
    let overdue = 0;
    const result = await ask('work 50', {
      timeoutMs: 100,
      stallMs: 2000,
      maxMs: 1500,
      onOverdue: () => (overdue += 1),
    });
    // Told to stop at the ceiling, it does.
    expect(result).toMatchObject({ outcome: 'ceiling', stopReason: 'cancelled' });
    expect(result.text.length).toBeGreaterThan(3);
    expect(overdue).toBe(1);
  });

  it('is not stalled while a human thinks about its request', async () => {
    const result = await ask('edit a.txt hello', {
      timeoutMs: 50,
      stallMs: 100,
      decide: () => new Promise((resolve) => setTimeout(() => resolve(yes), 500)),
    });
    expect(result).toMatchObject({ outcome: 'ended', text: 'answer: yes' });
  });
});

describe('the end of an agent', () => {
  it('comes by itself when it is cancelled and complies', async () => {
    const stop = new AbortController();
    const worktree = await newWorktree();
    const session = await AgentSession.start({
      ...optionsFor(testAgent(worktree)),
      signal: stop.signal,
    });
    const running = session.prompt('write begun yes; work 20');
    await until(() =>
      readFile(path.join(worktree, 'begun')).then(
        () => true,
        () => false,
      ),
    );
    stop.abort();
    expect(await running).toMatchObject({
      outcome: 'cancelled',
      stopReason: 'cancelled',
      detail: 'it was told to stop',
    });
  });

  it('is forced when it ignores being cancelled', async () => {
    const stop = new AbortController();
    const worktree = await newWorktree();
    const records: ProcessRecord[] = [];
    const running = ask('write begun yes; work 20', {
      worktree,
      behaviour: 'deaf',
      cancelGraceMs: 200,
      signal: stop.signal,
      onSpawn: (record) => records.push(record),
    });
    await until(() =>
      readFile(path.join(worktree, 'begun')).then(
        () => true,
        () => false,
      ),
    );
    stop.abort();
    const result = await running;
    expect(result).toMatchObject({ outcome: 'cancelled', stopReason: null });
    expect(result.detail).toContain('did not stop within 0.2 s and was ended');
    expect(records).toHaveLength(1);
    expect(records.some(({ pid, run }) => runIsAlive(pid, run))).toBe(false);
  });

  it('does not wait for a human once it is cancelled', async () => {
    const stop = new AbortController();
    const result = await ask('edit a.txt hello', {
      signal: stop.signal,
      decide: () => {
        stop.abort();
        return new Promise(() => undefined);
      },
    });
    expect(result).toMatchObject({ outcome: 'cancelled', text: 'answer: cancelled', denied: [] });
  });

  it('comes at once when it was stopped before it began', async () => {
    expect(await ask('say hello', { signal: AbortSignal.abort() })).toMatchObject({
      outcome: 'cancelled',
      startMs: null,
    });
  });

  it.each(['fork', 'flee'])('takes its children along (%s)', async (order) => {
    const worktree = await newWorktree();
    const result = await ask(`${order} pid; say forked`, { worktree });
    expect(result.outcome).toBe('ended');
    expect(await runs(await pidIn(path.join(worktree, 'pid')))).toBe(false);
  });

  it('takes its children along when it crashed', async () => {
    const worktree = await newWorktree();
    const result = await ask('fork pid; crash', { worktree });
    expect(result.outcome).toBe('crashed');
    expect(await runs(await pidIn(path.join(worktree, 'pid')))).toBe(false);
  });

  it('tidies its sandbox away', async () => {
    let cleaned = 0;
    await ask('say hello', {
      wrap: ({ file, args, env }) =>
        Promise.resolve({ file, args, env, cleanup: () => Promise.resolve(void (cleaned += 1)) }),
    });
    expect(cleaned).toBe(1);
  });

  it('comes before its start when there is no sandbox', async () => {
    const result = await ask('say hello', {
      wrap: () => Promise.reject(new Error('bubblewrap is missing')),
    });
    expect(result).toMatchObject({ outcome: 'crashed', startMs: null });
    expect(result.detail).toContain('bubblewrap is missing');
  });

  it('comes when nobody can write down that it runs', async () => {
    const records: ProcessRecord[] = [];
    await expect(
      ask('say hello', {
        onSpawn: (record) => {
          records.push(record);
          throw new Error('disk full');
        },
      }),
    ).rejects.toThrow('disk full');
    expect(records.some(({ pid, run }) => runIsAlive(pid, run))).toBe(false);
  });
});

describe('a session that is over', () => {
  it('takes no further prompt', async () => {
    const stop = new AbortController();
    const session = await AgentSession.start({
      ...optionsFor(testAgent(await newWorktree())),
      signal: stop.signal,
    });
    stop.abort();
    expect(await session.prompt('say hello')).toMatchObject({ outcome: 'cancelled', text: '' });
    await session.close();
    expect(await session.prompt('say hello')).toMatchObject({ outcome: 'cancelled', text: '' });
  });
});

describe('a transcript', () => {
  it('tells the whole story without the token, even when it comes in pieces', async () => {
    const token = 'vgl-the-token-of-this-attempt';
    const worktree = await newWorktree();
    const transcriptFile = path.join(await newWorktree(), 'deep', 'transcript.jsonl');
    const decide = ({ kind }: PermissionRequest) => (kind === 'edit' ? no : yes);
    await ask(
      `think about it; edit a.txt hello; spell vgl-the-token -of-this-attempt; run echo ${token}; environment GATEWAY_TOKEN; crash`,
      { worktree, transcriptFile, decide, secrets: [token] },
    );
    const text = await readFile(transcriptFile, 'utf8');
    expect(text).not.toContain(token);
    const entries = parseTranscript(await readFile(transcriptFile, 'utf8'));
    expect(entries.map(({ kind }) => kind)).toEqual([
      'noise',
      'start',
      'prompt',
      'thought',
      'tool',
      'permission',
      'message',
      'permission',
      'message',
      'end',
      'noise',
    ]);
    expect(entries[5]).toMatchObject({
      source: 'request',
      answer: 'deny',
      reason: no.reason,
      paths: ['a.txt'],
    });
    expect(entries[6]).toMatchObject({ text: 'answer: no[secret]' });
    expect(entries[7]).toMatchObject({ source: 'terminal', command: 'echo [secret]' });
  });

  it('keeps its start and its end when it grows past its bound, and can still be read', async () => {
    const transcriptFile = path.join(await newWorktree(), 'transcript.jsonl');
    const prompt = Array.from({ length: 200 }, (_, n) => `think ${n} ${'x'.repeat(50)}; say ${n}`);
    await ask(prompt.join('; '), { transcriptFile, transcriptBytes: 20_000 });
    expect((await readFile(transcriptFile)).length).toBeLessThan(20_200);
    const entries = parseTranscript(await readFile(transcriptFile, 'utf8'));
    expect(entries[1]).toMatchObject({ kind: 'start', agent: 'Obedient 1.2.3' });
    expect(entries.filter(({ kind }) => kind === 'gap')).toHaveLength(1);
    expect(entries.at(-1)).toMatchObject({ kind: 'end', outcome: 'ended' });
  });
});

import { spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { agent, methods, ndJsonStream, type AgentContext } from '@agentclientprotocol/sdk';

/**
 * A small agent that does as it is told. The first argument is how it behaves from its start on; a
 * prompt is a line of orders, `;` between them, done one after another.
 */
const behaviour = process.argv[2] ?? 'works';

type Order = (
  context: {
    readonly client: AgentContext;
    readonly sessionId: string;
    readonly signal: AbortSignal;
  },
  words: readonly string[],
) => Promise<unknown>;

const orders: Readonly<Record<string, Order>> = {
  say: (context, words) => say(context, words.join(' ')),
  /** In as many pieces as there are words. */
  spell: async (context, words) => {
    for (const word of words) await say(context, word);
  },
  think: ({ client, sessionId }, words) =>
    update(client, sessionId, {
      sessionUpdate: 'agent_thought_chunk',
      content: { type: 'text', text: words.join(' ') },
    }),
  plan: ({ client, sessionId }, words) =>
    update(client, sessionId, {
      sessionUpdate: 'plan',
      entries: words.map((content) => ({ content, priority: 'medium', status: 'pending' })),
    }),
  novelty: ({ client, sessionId }) =>
    update(client, sessionId, { sessionUpdate: 'from_a_later_version', wonders: 3 }),
  usage: ({ client, sessionId }, [used, amount]) =>
    update(client, sessionId, {
      sessionUpdate: 'usage_update',
      used: Number(used),
      size: 200_000,
      cost: { amount: Number(amount), currency: 'USD' },
    }),
  /** Writes through its client. */
  write: async (context, [file = '', ...content]) => {
    const { client, sessionId } = context;
    await client
      .request(methods.client.fs.writeTextFile, {
        sessionId,
        path: file,
        content: content.join(' '),
      })
      .catch((error: unknown) => say(context, `not written: ${String(error)}`));
  },
  read: async (context, [file = '', line, limit]) => {
    const { client, sessionId } = context;
    const answer = await client
      .request(methods.client.fs.readTextFile, {
        sessionId,
        path: file,
        ...(line !== undefined && { line: Number(line), limit: Number(limit) }),
      })
      .catch((error: unknown) => ({ content: `not read: ${String(error)}` }));
    await say(context, answer.content);
  },
  /** Asks to edit a file, and edits it by itself when it may. */
  edit: async (context, [file = '', ...content]) => {
    const { client, sessionId } = context;
    await update(client, sessionId, {
      sessionUpdate: 'tool_call',
      toolCallId: 'edit-1',
      title: `Edit ${file}`,
      kind: 'edit',
      rawInput: { file_path: file, content: content.join(' ') },
    });
    const { outcome } = await client.request(methods.client.session.requestPermission, {
      sessionId,
      toolCall: { toolCallId: 'edit-1' },
      options: [
        { optionId: 'for-ever', kind: 'allow_always', name: 'Always' },
        { optionId: 'yes', kind: 'allow_once', name: 'Yes' },
        { optionId: 'no', kind: 'reject_once', name: 'No' },
      ],
    });
    const chosen = outcome.outcome === 'selected' ? outcome.optionId : outcome.outcome;
    if (chosen === 'yes') appendFileSync(file, content.join(' '));
    await say(context, `answer: ${chosen}`);
  },
  /** Asks, and ends its turn in silence when it may not, as opencode and qwen do. */
  try: async ({ client, sessionId }, [file = '']) => {
    await client.request(methods.client.session.requestPermission, {
      sessionId,
      toolCall: { toolCallId: file, kind: 'edit', title: `Edit ${file}`, rawInput: { path: file } },
      options: [{ optionId: 'no', kind: 'reject_once', name: 'No' }],
    });
  },
  /** Offers a lasting yes only. */
  insist: async (context) => {
    const { outcome } = await context.client.request(methods.client.session.requestPermission, {
      sessionId: context.sessionId,
      toolCall: { toolCallId: 'x', kind: 'read', title: 'Read everything' },
      options: [{ optionId: 'for-ever', kind: 'allow_always', name: 'Always' }],
    });
    await say(context, `answer: ${outcome.outcome}`);
  },
  run: async (context, words) => {
    const { client, sessionId } = context;
    try {
      const terminal = await client.createTerminal({ sessionId, command: words.join(' ') });
      const { exitCode } = await terminal.waitForExit();
      const { output } = await terminal.currentOutput();
      await terminal.release();
      await say(context, `exit ${exitCode}: ${output.trim()}`);
    } catch (error) {
      await say(context, `not run: ${String(error)}`);
    }
  },
  /** Starts a command and leaves it running. */
  leave: ({ client, sessionId }, words) =>
    client.createTerminal({ sessionId, command: words.join(' ') }),
  environment: (context, [name = '']) => say(context, `${name}=${process.env[name] ?? ''}`),
  fork: (_context, [file = '']) => fork(file, false),
  /** A child in a group of its own, as codex has one. */
  flee: (_context, [file = '']) => fork(file, true),
  crash: () => {
    process.stderr.write('the model was eaten by a dog\n');
    process.exit(3);
  },
  fail: () => Promise.reject(new Error('the provider answers 402: budget reached')),
  rubbish: (_context, [count]) => {
    for (let line = 0; line < Number(count); line++) process.stdout.write(`warning ${line}\n`);
    return Promise.resolve();
  },
  /** Says something now and then until it is cancelled. */
  work: async (context, [everyMs]) => {
    while (!context.signal.aborted && !cancelled) {
      await say(context, '.');
      await sleep(Number(everyMs));
    }
  },
  hang: () => new Promise(() => undefined),
};

let cancelled = false;

function say({ client, sessionId }: { client: AgentContext; sessionId: string }, text: string) {
  return update(client, sessionId, {
    sessionUpdate: 'agent_message_chunk',
    content: { type: 'text', text },
  });
}

function update(client: AgentContext, sessionId: string, change: object): Promise<void> {
  return client.notify<object>('session/update', { sessionId, update: change });
}

function standardInput(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      process.stdin.on('data', (chunk: Buffer) => controller.enqueue(chunk));
      process.stdin.on('end', () => process.exit(0));
    },
  });
}

function fork(file: string, detached: boolean): Promise<void> {
  const child = spawn('/bin/sh', ['-c', 'sleep 600; :'], {
    detached,
    stdio: 'inherit',
  });
  writeFileSync(file, String(child.pid));
  return Promise.resolve();
}

if (behaviour === 'mute') process.stdin.resume();
else if (behaviour === 'dies') {
  process.stderr.write('no such model\n');
  process.exit(7);
} else if (behaviour === 'prints') {
  for (let line = 0; line < 1000; line++) process.stdout.write('Welcome! Type /help for help.\n');
  process.stdin.resume();
} else {
  process.stdout.write('starting up …\n');
  agent({ name: 'test' })
    .onRequest(methods.agent.initialize, () => ({
      protocolVersion: behaviour === 'old' ? 0 : 1,
      agentInfo: { name: 'Obedient', version: '1.2.3' },
      agentCapabilities: { loadSession: behaviour === 'loads' },
    }))
    .onRequest(methods.agent.session.new, () => {
      if (behaviour === 'locked') throw Object.assign(new Error('log in first'), { code: -32_000 });
      return {
        sessionId: 'new-session',
        modes: {
          currentModeId: 'auto',
          availableModes: [
            { id: 'auto', name: 'Auto' },
            { id: 'default', name: 'Ask' },
          ],
        },
      };
    })
    .onRequest(methods.agent.session.load, async ({ client, params }) => {
      await say({ client, sessionId: params.sessionId }, 'an old answer');
      return {};
    })
    .onRequest(methods.agent.session.setMode, async ({ client, params }) => {
      await update(client, params.sessionId, {
        sessionUpdate: 'current_mode_update',
        currentModeId: params.modeId,
      });
      return {};
    })
    .onNotification(methods.agent.session.cancel, () => {
      cancelled = behaviour !== 'deaf';
    })
    .onRequest(methods.agent.session.prompt, async ({ client, params, signal }) => {
      const text = params.prompt.map((block) => (block.type === 'text' ? block.text : '')).join('');
      const context = { client, sessionId: params.sessionId, signal };
      if (text.startsWith('Not allowed:')) await say(context, `told: ${text}`);
      else
        for (const line of text.split(';')) {
          const [order = '', ...words] = line.trim().split(' ');
          await orders[order]?.(context, words);
        }
      return {
        stopReason: cancelled ? 'cancelled' : behaviour === 'refuses' ? 'refusal' : 'end_turn',
        usage: { inputTokens: 120, outputTokens: 30, cachedReadTokens: 7, totalTokens: 157 },
      };
    })
    .connect(ndJsonStream(Writable.toWeb(process.stdout), standardInput()));
}

import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reply } from '../../../models/reply.ts';
import type { SeenRequest } from '../../../models/seenRequest.ts';

/** Where the tests' own package has its agents. */
export const AGENT_PROGRAMS = fileURLToPath(
  new URL('../../../agents/node_modules/.bin/', import.meta.url),
);

/** The Node that runs the tests comes first: some agents want a newer one than the system has. */
const PATH = `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;

/** Real agents that the tests install. */
export const AGENTS = { opencode: 'opencode', claude: 'claude-agent-acp', qwen: 'qwen' } as const;
export type TestAgent = keyof typeof AGENTS;

const FORMATS: Readonly<Record<TestAgent, string>> = {
  opencode: 'openai-chat',
  claude: 'anthropic-messages',
  qwen: 'openai-chat',
};

/** What the scripted model says, by the role of the agent that asks; titles and the like get a word. */
export interface Brain {
  readonly writer: (request: SeenRequest) => Reply | Promise<Reply>;
  readonly tester?: (request: SeenRequest) => Reply | Promise<Reply>;
  readonly reviewer?: (request: SeenRequest) => Reply | Promise<Reply>;
  /** The engine's own calls: specs and the like. */
  readonly engine?: (request: SeenRequest) => Reply | Promise<Reply>;
}

/** The part of `config.yaml` by which a node has these agents of the tests and no others of the machine. */
export function agentSettings(agents: readonly TestAgent[]): Readonly<Record<string, unknown>> {
  const known = ['claude', 'codex', 'opencode', 'qwen', 'goose', 'gemini'];
  return Object.fromEntries(
    known.map((id): [string, unknown] => {
      const agent = agents.find((one) => one === id);
      if (agent === undefined) return [id, { enabled: false }];
      return [id, { command: path.join(AGENT_PROGRAMS, AGENTS[agent]), env: { PATH } }];
    }),
  );
}

/** `config.yaml` of a home whose agents are these of the tests and no others of the machine. */
export function writeConfig(
  home: string,
  agents: readonly TestAgent[],
  limits: readonly string[],
): void {
  const anyDisk = ['leastFreeDiskBytes: 0', 'leastFreeDiskShare: 0'];
  const all = ['pauseAtFailureRate: 1', 'stallMs: 20000', ...anyDisk, ...limits];
  writeFileSync(
    path.join(home, 'config.yaml'),
    [
      'heavyOnBattery: true',
      `limits: { ${all.join(', ')} }`,
      `agents: ${JSON.stringify(agentSettings(agents))}`,
    ].join('\n'),
  );
}

/** A provider whose models are scripted. */
export function scripted(baseUrl: string, agents: readonly TestAgent[]): unknown {
  return {
    key: 'sk-the-key-of-the-provider',
    config: {
      formats: [...new Set(agents.map((id) => FORMATS[id]))],
      baseUrl,
      billing: 'metered',
      models: [{ name: 'scripted', price: { input: 1, output: 5 } }],
    },
  };
}

/** What the scripted model says to a request, by the role of who asks. */
export async function think(brain: Brain, request: SeenRequest): Promise<Reply> {
  const text = `${request.system}\n${request.messages.map((message) => message.text).join('\n')}`;
  const word: Reply = { kind: 'answer', text: 'A title', calls: [], end: 'whole', pieceLength: 24 };
  if (text.includes('You are the reviewer')) return (brain.reviewer ?? approve)(request);
  // A request without tools is for a title or a summary.
  if (request.tools.length === 0) return brain.engine ? brain.engine(request) : word;
  if (text.includes('You are the tester')) return brain.tester ? brain.tester(request) : word;
  return brain.writer(request);
}

/** A path in the worktree that the agent works in: some agents' tools want it absolute. */
export function inWorktree({ system, messages }: SeenRequest, file: string): string {
  const text = `${system}\n${messages.map((message) => message.text).join('\n')}`;
  // The newest there is: a session that is gone on with remembers the worktree of an attempt before.
  const worktree = text
    .match(/\/[^\s"'`<>]+\/projects\/[^/\s]+\/work\/work-\d+-\d+/g)
    ?.findLast((folder) => existsSync(folder));
  return worktree === undefined ? file : path.join(worktree, file);
}

/** A reviewer that finds nothing wrong. */
export function approve(): Reply {
  return {
    kind: 'answer',
    text: '{"verdict": "approve", "findings": [], "summary": "It does what was asked."}',
    calls: [],
    end: 'whole',
    pieceLength: 24,
  };
}

import { randomUUID } from 'node:crypto';
import {
  RequestError,
  type CreateTerminalRequest,
  type TerminalOutputResponse,
  type WaitForTerminalExitResponse,
} from '@agentclientprotocol/sdk';
import type { PermissionDecision, PermissionRequest } from '../../../shared/policy/permission.ts';
import { messageOf } from '../../../shared/model/errors.ts';
import { Tail } from '../command/boundedLog.ts';
import { commandEnvironment } from '../command/environment.ts';
import type { ProcessRecord } from '../command/processGroup.ts';
import type { WrapCommand } from '../../tools/wrapCommand.ts';
import { shellLine } from './toolCall.ts';
import { worktreePath } from './worktreePath.ts';
import { WrappedProcess } from './wrappedProcess.ts';

const MAX_OUTPUT_BYTES = 1024 * 1024;
/** Open at once: more is a loop, not work. */
const MAX_TERMINALS = 32;

export interface TerminalOptions {
  readonly worktree: string;
  /** Added to the scrubbed environment of a project's command: never the agent's own, which holds its token. */
  readonly env: Readonly<Record<string, string>>;
  readonly ask: (request: PermissionRequest) => Promise<PermissionDecision>;
  readonly wrap: WrapCommand;
  readonly onSpawn: (record: ProcessRecord) => void;
  readonly onOutput: () => void;
}

interface Terminal {
  readonly process: WrappedProcess;
  readonly tail: Tail;
  readonly limit: number;
  bytes: number;
  exit: WaitForTerminalExitResponse | null;
}

/** The commands that an agent has its client run for it. */
export class Terminals {
  readonly #options: TerminalOptions;
  readonly #open = new Map<string, Terminal>();

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  /** @throws RequestError with the reason when the command may not or can not run */
  async create(request: CreateTerminalRequest): Promise<string> {
    const { worktree, ask, wrap, env, onSpawn } = this.#options;
    if (this.#open.size >= MAX_TERMINALS)
      throw new RequestError(-32_603, `${MAX_TERMINALS} commands are open already`);
    const args = request.args ?? [];
    const line = args.length === 0 ? request.command : shellLine([request.command, ...args]);
    const folder = await worktreePath(worktree, request.cwd ?? '.');
    const { answer, reason } = await ask({
      kind: 'execute',
      title: line,
      paths: folder === '' ? [] : [folder],
      command: line,
    });
    if (answer !== 'allow') throw new RequestError(-32_603, reason);
    if (folder.startsWith('/'))
      throw new RequestError(-32_603, `${folder} is outside the worktree`);
    const asked = Object.fromEntries((request.env ?? []).map(({ name, value }) => [name, value]));
    const process_ = await WrappedProcess.start({
      command: {
        // Without arguments it is a shell line: several agents send one so.
        file: '/bin/sh',
        args: ['-c', line],
        env: commandEnvironment(process.env, { ...env, ...asked }),
        cwd: `${worktree}/${folder}`,
      },
      wrap,
      onSpawn,
    }).catch((error: unknown) => {
      throw new RequestError(-32_603, messageOf(error));
    });
    const limit = Math.min(request.outputByteLimit ?? MAX_OUTPUT_BYTES, MAX_OUTPUT_BYTES);
    const terminal: Terminal = {
      process: process_,
      tail: new Tail(limit),
      limit,
      bytes: 0,
      exit: null,
    };
    const receive = (chunk: Buffer): void => {
      terminal.tail.push(chunk);
      terminal.bytes += chunk.length;
      this.#options.onOutput();
    };
    process_.stdin.end();
    process_.stdout.on('data', receive);
    process_.stderrStream.on('data', receive);
    void process_.exited.then(({ exitCode, signal }) => {
      terminal.exit = { exitCode, signal };
    });
    const id = randomUUID();
    this.#open.set(id, terminal);
    return id;
  }

  output(id: string): TerminalOutputResponse {
    const { tail, bytes, limit, exit } = this.#get(id);
    // A cut in the middle of a character leaves a mark of it behind.
    const output = tail.bytes().subarray(-limit).toString('utf8');
    return { output, truncated: bytes > limit, exitStatus: exit };
  }

  async waitForExit(id: string): Promise<WaitForTerminalExitResponse> {
    const { exitCode, signal } = await this.#get(id).process.exited;
    return { exitCode, signal };
  }

  async kill(id: string): Promise<void> {
    await this.#get(id).process.end();
  }

  async release(id: string): Promise<void> {
    const terminal = this.#get(id);
    this.#open.delete(id);
    await terminal.process.end();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ process: open }) => open.end()));
    this.#open.clear();
  }

  #get(id: string): Terminal {
    const terminal = this.#open.get(id);
    if (terminal === undefined) throw new RequestError(-32_002, `no terminal ${id}`);
    return terminal;
  }
}

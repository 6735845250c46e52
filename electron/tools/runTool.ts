import { spawn } from 'node:child_process';
import { messageOf, VigilError } from '../../shared/model/errors.ts';
import { unwrapped, type WrapCommand, type WrappedCommand } from './wrapCommand.ts';

export interface ToolOptions {
  readonly cwd: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** Puts it into its sandbox; without one it runs as it is. */
  readonly wrap?: WrapCommand | undefined;
}

export interface ToolRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** No tool may hold up a scan or an attempt for longer, ms. */
const TOOL_TIMEOUT_MS = 5 * 60_000;
/** Set for every tool: what it starts belongs to its process group. */
const IN_GROUP = 'VIGIL_IN_TOOL_GROUP';
/** Output beyond this is a runaway, bytes. */
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Runs a program to its end and returns what it printed, whatever its exit code. Its whole process
 * group is killed on abort, timeout (`timeoutMs`, 5 minutes unless told) or runaway output.
 * Throws `timeout`, `command-failed` or what `wrap` throws.
 */
export async function runTool(
  command: string,
  args: readonly string[],
  options: ToolOptions,
): Promise<ToolRun> {
  const { FORCE_COLOR: _, ...own } = process.env;
  const env = { ...definedIn(own), NO_COLOR: '1', CI: '1', [IN_GROUP]: '1', ...options.env };
  const program = { file: command, args, env, cwd: options.cwd };
  const started = await (options.wrap ?? unwrapped)(program);
  try {
    return await runStarted(args[0] ?? command, started, options);
  } finally {
    await started.cleanup();
  }
}

/**
 * Runs a script on the Node of this process, as `runTool` runs a program. In the packaged app that is
 * Electron, which is a Node only for who says so.
 */
export function runScript(
  script: string,
  args: readonly string[],
  options: ToolOptions,
): Promise<ToolRun> {
  const env = { ...asNode(process.versions['electron']), ...options.env };
  return runTool(process.execPath, [script, ...args], { ...options, env });
}

/** What makes the program of this process a Node. */
export function asNode(electron: string | undefined): Readonly<Record<string, string>> {
  return electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' };
}

function runStarted(
  name: string,
  { file, args, env }: WrappedCommand,
  options: ToolOptions,
): Promise<ToolRun> {
  const { cwd, signal, timeoutMs = TOOL_TIMEOUT_MS } = options;
  // A tool of a tool stays in the outer one's group, so that ending that ends both.
  const leadsGroup = process.env[IN_GROUP] === undefined;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new VigilError('command-failed', `${name} was not started: aborted`, 'Try again.'));
      return;
    }
    const child = spawn(file, args, { cwd, detached: leadsGroup, stdio: 'pipe', env });
    let trouble: VigilError | null = null;
    const end = (error: VigilError): void => {
      trouble ??= error;
      if (child.pid === undefined) return;
      try {
        process.kill(leadsGroup ? -child.pid : child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL'); // the group has gone already
      }
    };
    const onAbort = (): void =>
      end(new VigilError('command-failed', `${name} was stopped`, 'Try again.'));
    const timer = setTimeout(
      () =>
        end(
          new VigilError(
            'timeout',
            `${name} ran past ${timeoutMs} ms`,
            'Ignore large folders in vigil.yaml.',
          ),
        ),
      timeoutMs,
    );
    signal?.addEventListener('abort', onAbort, { once: true });

    const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
    let bytes = 0;
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > OUTPUT_LIMIT_BYTES)
          end(
            new VigilError(
              'command-failed',
              `${name} printed too much`,
              'Run it by hand to see why.',
            ),
          );
        else chunks[stream].push(chunk);
      });
    // A child that ends before it has read its input breaks the pipe; its exit code says more.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');

    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    child.on('error', (error) =>
      settle(() =>
        reject(
          new VigilError(
            'command-failed',
            `${name} could not start: ${messageOf(error)}`,
            `Is ${file} installed?`,
            { cause: error },
          ),
        ),
      ),
    );
    child.on('close', (code, killedBy) =>
      settle(() => {
        if (trouble !== null) reject(trouble);
        else if (code === null)
          reject(
            new VigilError(
              'command-failed',
              `${name} was ended by ${killedBy}`,
              'Look for memory shortage.',
            ),
          );
        else
          resolve({
            code,
            stdout: Buffer.concat(chunks.stdout).toString('utf8'),
            stderr: Buffer.concat(chunks.stderr).toString('utf8'),
          });
      }),
    );
  });
}

function definedIn(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

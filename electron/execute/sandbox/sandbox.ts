import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SandboxManager } from '@anthropic-ai/sandbox-runtime';
import { VigilError, messageOf } from '../../../shared/model/errors.ts';
import type { Program, WrapCommand, WrappedCommand } from '../../tools/wrapCommand.ts';
import { INNER_GATEWAY_PORT, type SandboxPolicy } from './policy.ts';

/** Whether commands can be held on this machine, and what to do when they can't. */
export interface SandboxCheck {
  readonly ok: boolean;
  readonly detail: string;
  readonly help: string | null;
}

const HELP =
  process.platform === 'linux'
    ? 'Install bubblewrap, socat and ripgrep (`sudo apt install bubblewrap socat ripgrep`). Where AppArmor forbids user namespaces (Ubuntu 24.04 and later), allow bwrap: see docs/configuration.md.'
    : 'Seatbelt comes with macOS; ripgrep does not: `brew install ripgrep`.';

let started: Promise<void> | null = null;

/** Looks whether the sandbox's own programs are there. Starts nothing. */
export async function checkSandbox(): Promise<SandboxCheck> {
  if (!SandboxManager.isSupportedPlatform())
    return { ok: false, detail: `there is no sandbox for ${process.platform}`, help: null };
  const { errors } = await SandboxManager.checkDependenciesAsync();
  return errors.length === 0
    ? { ok: true, detail: 'commands and agents can be held', help: null }
    : { ok: false, detail: errors.join('; '), help: HELP };
}

/** Starts the proxies that all sandboxed commands of this process share. Throws `sandbox-unavailable`. */
export function startSandbox(): Promise<void> {
  started ??= start().catch((error: unknown) => {
    started = null;
    throw error;
  });
  return started;
}

/** Ends the proxies. */
export async function stopSandbox(): Promise<void> {
  if (started === null) return;
  await started.catch(() => undefined);
  started = null;
  await SandboxManager.reset();
}

async function start(): Promise<void> {
  const { ok, detail, help } = await checkSandbox();
  if (!ok) throw unavailable(detail, help);
  try {
    await SandboxManager.initialize({
      // Every command brings a list of its own; what none allows is refused.
      network: { allowedDomains: [], deniedDomains: [] },
      filesystem: { denyRead: [], allowWrite: [], denyWrite: [] },
    });
  } catch (error) {
    throw unavailable(messageOf(error), HELP);
  }
}

/** Puts commands into a sandbox with this policy. */
export function sandboxed(policy: SandboxPolicy): WrapCommand {
  return (command) => wrap(command, policy);
}

async function wrap(command: Program, policy: SandboxPolicy): Promise<WrappedCommand> {
  await startSandbox();
  // Whoever presents it gets this command's hosts: it must not be guessed.
  const commandId = randomBytes(24).toString('base64url');
  const gateway = policy.gatewayPort === null ? [] : [`127.0.0.1:${policy.gatewayPort}`];
  SandboxManager.registerCommandNetworkLists(commandId, {
    allowedDomains: [...policy.hosts, ...gateway],
  });
  const release = (): void => SandboxManager.unregisterCommandNetworkLists(commandId);
  try {
    const { argv } = await SandboxManager.wrapWithSandboxArgv(
      innerScript(command, policy),
      BASH,
      {
        filesystem: {
          denyRead: [...policy.hidden],
          allowRead: [...policy.readable, ...policy.writable],
          allowWrite: [...policy.writable],
          denyWrite: [...(policy.readOnly ?? []), ...gitLinks(policy)],
        },
      },
      undefined,
      command.cwd,
      { commandId, commandText: command.file },
    );
    const [file, ...args] = argv;
    if (file === undefined) throw new Error('the sandbox gave no command');
    return {
      file,
      args,
      env: command.env,
      cleanup: () => {
        release();
        SandboxManager.cleanupAfterCommand();
        return Promise.resolve();
      },
    };
  } catch (error) {
    release();
    throw error instanceof VigilError ? error : unavailable(messageOf(error), HELP);
  }
}

/**
 * The file that leads a worktree to its repository: whoever could write it would have our own git run
 * with settings of theirs.
 */
function gitLinks({ writable }: SandboxPolicy): string[] {
  return writable.map((folder) => join(folder, '.git')).filter((file) => existsSync(file));
}

const BASH = '/bin/bash';
/** Where the sandbox's own proxy listens inside, on Linux. */
const INNER_PROXY_PORT = 3128;

/** What runs inside: a way to the gateway, where there is one, and the command in place of the shell. */
function innerScript(command: Program, policy: SandboxPolicy): string {
  const { env, file, args } = command;
  const home =
    env['HOME'] !== undefined && policy.writable.includes(env['HOME'])
      ? env['HOME']
      : policy.homeDir;
  return [
    // The repository can't be written: git must not try to refresh its index there.
    `export TMPDIR=${quote(policy.tempDir)} HOME=${quote(home)} GIT_OPTIONAL_LOCKS=0`,
    ...(policy.gatewayPort === null || process.platform !== 'linux'
      ? []
      : [bridge(policy.gatewayPort)]),
    `exec ${[file, ...args].map(quote).join(' ')}`,
  ].join('\n');
}

/**
 * The sandbox has a loopback of its own, and programs do not use a proxy for theirs: a port of it leads
 * through the sandbox's proxy, which lets this command through to the gateway and to nothing else here.
 */
function bridge(gatewayPort: number): string {
  const listen = `TCP4-LISTEN:${INNER_GATEWAY_PORT},bind=127.0.0.1,fork,reuseaddr,nodelay`;
  const proxy = `PROXY:127.0.0.1:127.0.0.1:${gatewayPort},proxyport=${INNER_PROXY_PORT},proxyauth=$auth`;
  return [
    'auth=${HTTP_PROXY#http://}; auth=${auth%@*}; auth=${auth//%3D/=}',
    `socat ${listen} "${proxy}" </dev/null >/dev/null 2>&1 &`,
    `for _ in $(seq 100); do (: </dev/tcp/127.0.0.1/${INNER_GATEWAY_PORT}) 2>/dev/null && break; sleep 0.02; done`,
    'unset auth',
  ].join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function unavailable(detail: string, help: string | null): VigilError {
  return new VigilError(
    'sandbox-unavailable',
    `commands can't be held on this machine: ${detail}`,
    help ?? 'Run agents on a Linux or macOS machine.',
  );
}

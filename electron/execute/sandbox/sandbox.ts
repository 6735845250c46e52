import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SandboxManager } from '@anthropic-ai/sandbox-runtime';
import { VigilError, messageOf } from '../../../shared/model/errors.ts';
import type { Program, WrapCommand, WrappedCommand } from '../../tools/wrapCommand.ts';
import { checkHosts, INNER_GATEWAY_PORT, type SandboxPolicy } from './policy.ts';
import { refusal, systemProgram } from './systemPrograms.ts';
import { real, toolVariables } from './toolFolders.ts';

/** Whether commands can be held on this machine, and what to do when they can't. */
export interface SandboxCheck {
  readonly ok: boolean;
  readonly detail: string;
  readonly help: string | null;
}

const HELP =
  process.platform === 'linux'
    ? 'Install bubblewrap, socat and ripgrep (`sudo apt install bubblewrap socat ripgrep`).'
    : 'Seatbelt comes with macOS; ripgrep does not: `brew install ripgrep`.';

/** What it is made of, by the names on PATH. */
const PROGRAMS = process.platform === 'linux' ? ['bwrap', 'socat', 'rg'] : ['rg'];

const NAMESPACE_HELP =
  process.platform === 'linux'
    ? 'Allow user namespaces. Ubuntu 24.04 and later: `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, and the same line in a file in /etc/sysctl.d to keep it. Elsewhere user.max_user_namespaces must not be 0. In a container, allow nested namespaces.'
    : null;

let started: Promise<void> | null = null;

/** Looks whether the sandbox's own programs are there, and starts one for the blink of an eye. */
export async function checkSandbox(): Promise<SandboxCheck> {
  if (!SandboxManager.isSupportedPlatform())
    return { ok: false, detail: `there is no sandbox for ${process.platform}`, help: null };
  const missing = PROGRAMS.filter((name) => systemProgram(name) === null);
  if (missing.length > 0)
    return { ok: false, detail: `${missing.join(', ')} not installed`, help: HELP };
  const { errors } = await SandboxManager.checkDependenciesAsync();
  if (errors.length > 0) return { ok: false, detail: errors.join('; '), help: HELP };
  const refused = await refusal();
  return refused === null
    ? { ok: true, detail: 'commands and agents can be held', help: null }
    : { ok: false, detail: refused, help: NAMESPACE_HELP };
}

/** Starts the proxies that all sandboxed commands of this process share. Throws `sandbox-unavailable`. */
function startSandbox(): Promise<void> {
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
  const [bwrapPath, socatPath] = [systemProgram('bwrap'), systemProgram('socat')];
  try {
    await SandboxManager.initialize({
      // Every command brings a list of its own; what none allows is refused.
      network: { allowedDomains: [], deniedDomains: [] },
      filesystem: { denyRead: [], allowWrite: [], denyWrite: [] },
      // What it looks for lies below our own working folder, where no command may write.
      mandatoryDenySearchDepth: 1,
      ...(bwrapPath !== null && { bwrapPath }),
      ...(socatPath !== null && { socatPath }),
    });
  } catch (error) {
    throw unavailable(messageOf(error), HELP);
  }
}

/**
 * Puts commands into a sandbox with this policy. What it returns throws `sandbox-unavailable`, and
 * `invalid-input` for a host that none can be let through to.
 */
export function sandboxed(policy: SandboxPolicy): WrapCommand {
  return (command) => wrap(command, policy);
}

async function wrap(command: Program, policy: SandboxPolicy): Promise<WrappedCommand> {
  checkHosts(policy.hosts);
  await startSandbox();
  // Whoever presents it gets this command's hosts: it must not be guessed.
  const commandId = randomBytes(24).toString('base64url');
  const gateway = policy.gatewayPort === null ? [] : [`127.0.0.1:${policy.gatewayPort}`];
  const release = (): void => SandboxManager.unregisterCommandNetworkLists(commandId);
  try {
    SandboxManager.registerCommandNetworkLists(commandId, {
      allowedDomains: [...policy.hosts, ...gateway],
    });
    const { argv } = await SandboxManager.wrapWithSandboxArgv(
      innerScript(command, policy),
      BASH,
      {
        filesystem: {
          denyRead: policy.hidden.map(literal),
          allowRead: [
            ...policy.readable,
            ...policy.writable,
            RUNTIME_FOLDER,
            ...proxySockets(),
          ].map(literal),
          allowWrite: policy.writable.map(literal),
          denyWrite: [...(policy.readOnly ?? []), ...gitLinks(policy), ...SHARED_SCRATCH]
            .filter((path) => existsSync(path))
            .map(literal),
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
  return writable.map((folder) => join(folder, '.git'));
}

/** Folders may be named like patterns, as `[app]`. */
function literal(path: string): { path: string; literal: true } {
  return { path, literal: true };
}

/** Holds the helper that keeps unix sockets shut: where Vigil lies in a home, it is hidden with that. */
const RUNTIME_FOLDER = fileURLToPath(
  new URL('../vendor', import.meta.resolve('@anthropic-ai/sandbox-runtime')),
);

/** The way from inside to the proxy on Linux, in the folder for temporary files, which is hidden. */
function proxySockets(): string[] {
  const sockets = [
    SandboxManager.getLinuxHttpSocketPath(),
    SandboxManager.getLinuxSocksSocketPath(),
  ];
  return [...new Set(sockets.filter((socket) => socket !== undefined).map(real))];
}

/** Writable to all sandboxed commands of a machine alike, were it not denied. */
const SHARED_SCRATCH = ['/tmp/claude', '/private/tmp/claude'];

const BASH = '/bin/bash';
/** Node's own fetch asks a proxy only when told to. */
const INNER_VARIABLES = { NODE_USE_ENV_PROXY: '1' };
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
    ...Object.entries({
      ...toolVariables(),
      ...INNER_VARIABLES,
      TMPDIR: policy.tempDir,
      HOME: home,
      // The repository can't be written: git must not try to refresh its index there.
      GIT_OPTIONAL_LOCKS: '0',
    }).map(([name, value]) => `export ${name}=${quote(value)}`),
    ...(policy.gatewayPort === null ? [] : [wayToGateway(policy.gatewayPort)]),
    `exec ${[file, ...args].map(quote).join(' ')}`,
  ].join('\n');
}

/** Whether the sandbox has a loopback of its own: on macOS it is the machine's, shut but for the sandbox's proxy. */
const OWN_LOOPBACK = process.platform === 'linux';

/** Where a command in the sandbox finds the gateway that listens on this port of the machine. */
export function innerGatewayUrl(gatewayPort: number): string {
  return `http://127.0.0.1:${OWN_LOOPBACK ? INNER_GATEWAY_PORT : gatewayPort}`;
}

/** Without a loopback of its own, a command reaches the gateway by the sandbox's proxy, as it reaches any host. */
function wayToGateway(gatewayPort: number): string {
  return OWN_LOOPBACK ? bridge(gatewayPort) : 'export NO_PROXY= no_proxy= NODE_USE_ENV_PROXY=1';
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

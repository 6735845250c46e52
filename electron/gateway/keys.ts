import { spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import type { ProviderId } from '../../shared/model/agent.ts';
import { VigilError } from '../../shared/model/errors.ts';

/** Where a key was found. */
export type KeySource = 'environment' | 'keychain' | 'file' | 'none';

/** The name that Vigil's entries have in a keychain. */
const SERVICE = 'vigil';
const FILE = 'keys.json';
/** A keychain that wants to be unlocked may wait for a human; a node can't. */
const KEYCHAIN_MS = 10_000;

const KeyFile = z.record(z.string(), z.string().min(1));

/**
 * The keys of model providers: in the system's keychain where there is one, else in a file that only its
 * user can read. `VIGIL_KEY_<ID>` in the environment goes before both. A key that was looked up is
 * remembered, since each model call asks for it.
 */
export class ProviderKeys {
  private readonly home: string;
  private readonly env: NodeJS.ProcessEnv;
  private readonly keychain: Keychain | null;
  private readonly known = new Map<ProviderId, Found>();

  /** @param home the node's home, where the file is */
  constructor(
    home: string,
    {
      env = process.env,
      platform = process.platform,
    }: { env?: NodeJS.ProcessEnv; platform?: NodeJS.Platform } = {},
  ) {
    this.home = home;
    this.env = env;
    this.keychain = keychainOf(platform, env);
  }

  /** Null when there is none. Throws `unauthorized` for a file that others can read, `invalid-input` for a broken one. */
  get(provider: ProviderId): string | null {
    const known = this.known.get(provider) ?? this.find(provider);
    this.known.set(provider, known);
    return known.key;
  }

  /** Where the key is, looked up anew. Throws as `get` does. */
  source(provider: ProviderId): Promise<KeySource> {
    const found = this.find(provider);
    this.known.set(provider, found);
    return Promise.resolve(found.source);
  }

  /** Keeps a key and says where. Throws `invalid-input` for what can be no key. */
  async set(provider: ProviderId, key: string): Promise<KeySource> {
    if (!/^[\x21-\x7e]+$/.test(key))
      throw new VigilError(
        'invalid-input',
        'a key has no spaces and only printable ASCII characters',
        'Copy it again from the page of the provider.',
      );
    const { [provider]: inFile, ...others } = this.readFile();
    this.known.delete(provider);
    if (this.keychain !== null && (await isKept(this.keychain, provider, key, this.env))) {
      // In one place only, or an old key would come back when the keychain is locked.
      if (inFile !== undefined) this.writeFile(others);
      return 'keychain';
    }
    this.writeFile({ ...others, [provider]: key });
    return 'file';
  }

  /** Removes it from the keychain and the file; what the environment gives stays. */
  async delete(provider: ProviderId): Promise<void> {
    this.known.delete(provider);
    // Fails when the keychain has none, which is as well.
    if (this.keychain !== null) await run(this.keychain.delete(provider), this.env);
    const { [provider]: inFile, ...others } = this.readFile();
    if (inFile !== undefined) this.writeFile(others);
  }

  private find(provider: ProviderId): Found {
    const given = this.env[environmentName(provider)];
    if (given) return { key: given, source: 'environment' };
    const kept = this.keychain === null ? null : look(this.keychain.get(provider), this.env);
    if (kept !== null) return { key: kept, source: 'keychain' };
    const key = this.readFile()[provider] ?? null;
    return { key, source: key === null ? 'none' : 'file' };
  }

  private readFile(): Record<string, string> {
    const path = join(this.home, FILE);
    if (!existsSync(path)) return {};
    const mode = statSync(path).mode & 0o777;
    if ((mode & 0o077) !== 0)
      throw new VigilError(
        'unauthorized',
        `${path} holds keys and can be read by others (mode ${mode.toString(8)})`,
        `Run \`chmod 600 ${path}\`, and replace the keys in it if others use this machine.`,
      );
    try {
      return KeyFile.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch {
      // Never the parser's own words: they quote the text, and the text is keys.
      throw new VigilError(
        'invalid-input',
        `${path} is not a JSON object of provider names and keys`,
        'Repair it, or remove it and add the keys again with `vigil providers add`.',
      );
    }
  }

  private writeFile(keys: Record<string, string>): void {
    mkdirSync(this.home, { recursive: true, mode: 0o700 });
    const path = join(this.home, FILE);
    writeFileSync(`${path}.new`, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
    // A file that was left there keeps its mode when it is written again.
    chmodSync(`${path}.new`, 0o600);
    renameSync(`${path}.new`, path);
  }
}

/** The environment variable that holds a provider's key: `VIGIL_KEY_OPEN_ROUTER` for `open-router`. */
export function environmentName(provider: ProviderId): string {
  return `VIGIL_KEY_${provider.toUpperCase().replaceAll('-', '_')}`;
}

interface Found {
  readonly key: string | null;
  readonly source: KeySource;
}

/** A command of a keychain's tool, with what it reads from its standard input. */
interface Command {
  readonly tool: string;
  readonly args: readonly string[];
  readonly input: string;
}

interface Keychain {
  /** Prints the key, or fails. */
  get(provider: ProviderId): Command;
  /** Fails when it would not take it: locked, or no session. */
  set(provider: ProviderId, key: string): Command;
  delete(provider: ProviderId): Command;
}

function keychainOf(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): Keychain | null {
  if (platform === 'darwin') {
    const tool = onPath('security', env);
    return tool === null ? null : macKeychain(tool);
  }
  // Without a session there is nothing behind `secret-tool` that could answer.
  const tool = env['DBUS_SESSION_BUS_ADDRESS'] ? onPath('secret-tool', env) : null;
  return tool === null ? null : linuxKeychain(tool);
}

function macKeychain(tool: string): Keychain {
  const entry = (provider: ProviderId): string[] => ['-a', provider, '-s', SERVICE];
  return {
    get: (provider) => ({
      tool,
      args: ['find-generic-password', ...entry(provider), '-w'],
      input: '',
    }),
    set: (provider, key) => {
      // By standard input: arguments of a process can be read by every user.
      const quoted = `"${key.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
      const command = ['add-generic-password', '-U', ...entry(provider), '-w', quoted].join(' ');
      return { tool, args: ['-i'], input: `${command}\n` };
    },
    delete: (provider) => ({
      tool,
      args: ['delete-generic-password', ...entry(provider)],
      input: '',
    }),
  };
}

function linuxKeychain(tool: string): Keychain {
  const entry = (provider: ProviderId): string[] => ['service', SERVICE, 'provider', provider];
  return {
    get: (provider) => ({ tool, args: ['lookup', ...entry(provider)], input: '' }),
    set: (provider, key) => ({
      tool,
      args: ['store', `--label=Vigil: key of ${provider}`, ...entry(provider)],
      input: key,
    }),
    delete: (provider) => ({ tool, args: ['clear', ...entry(provider)], input: '' }),
  };
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | null {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not there, or not to be run: the next folder.
    }
  }
  return null;
}

/** Whether the keychain took the key: its tools do not always say so by their exit code. */
async function isKept(
  keychain: Keychain,
  provider: ProviderId,
  key: string,
  env: NodeJS.ProcessEnv,
): Promise<boolean> {
  return (await run(keychain.set(provider, key), env)) && look(keychain.get(provider), env) === key;
}

/** What a command prints; null when it fails or prints nothing. */
function look({ tool, args, input }: Command, env: NodeJS.ProcessEnv): string | null {
  const { status, stdout } = spawnSync(tool, args, {
    env,
    input,
    timeout: KEYCHAIN_MS,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : null;
}

/** Whether a command did what it was to do; nothing that it prints is kept. */
function run({ tool, args, input }: Command, env: NodeJS.ProcessEnv): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(tool, args, {
      env,
      timeout: KEYCHAIN_MS,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.on('error', () => {
      resolve(false);
    });
    child.on('close', (code) => {
      resolve(code === 0);
    });
    // A tool that ended without reading breaks the pipe; its exit code says what happened.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

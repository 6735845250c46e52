import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { NodeConfig } from '../../shared/model/config.ts';
import { VigilError, messageOf } from '../../shared/model/errors.ts';
import { processIdentity } from '../execute/command/processGroup.ts';
import { parseYaml } from '../../shared/model/parseYaml.ts';

/** What a running node tells the programs on its machine: where its API is. */
export const NodeAddress = z.strictObject({
  pid: z.number().int(),
  /** What tells its process from a later one with the same number; null when the system does not say. */
  identity: z.string().nullable(),
  port: z.number().int(),
  url: z.string(),
});
export type NodeAddress = z.infer<typeof NodeAddress>;

const ADDRESS_FILE = 'node.json';
const TOKEN_FILE = 'token';
const CONFIG_FILES = ['config.yaml', 'config.yml'];

/** The data folder of this user's node: `--home`, else `VIGIL_HOME`, else the platform's own place. */
export function defaultHome(): string {
  return resolve(process.env.VIGIL_HOME || envPaths('vigil', { suffix: '' }).data);
}

/** Makes the home when it is missing, readable by this user only. Throws `invalid-input` when it can't. */
export function prepareHome(home: string): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new VigilError(
      'invalid-input',
      `the home folder ${home} cannot be made: ${messageOf(error)}`,
      'Give another folder with --home, or free the path.',
      { cause: error },
    );
  }
}

/** `config.yaml` of the home, or the defaults. Throws `invalid-input` with the line of the mistake. */
export function readConfig(home: string): NodeConfig {
  const path = CONFIG_FILES.map((name) => join(home, name)).find((file) => existsSync(file));
  return path ? parseYaml(NodeConfig, readFileSync(path, 'utf8'), path) : NodeConfig.parse({});
}

/**
 * Writes one section of `config.yaml` and leaves the rest of the file, comments too, as it is.
 * Throws `invalid-input` when the file is broken.
 */
export function writeSetting(home: string, section: keyof NodeConfig, value: unknown): void {
  const files = CONFIG_FILES.map((name) => join(home, name));
  const path = files.find((file) => existsSync(file)) ?? join(home, 'config.yaml');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  // Says where the file is wrong before anything is written over it.
  if (text !== '') parseYaml(NodeConfig, text, path);
  const document = parseDocument(text);
  document.set(section, value);
  writeFileSync(`${path}.new`, document.toString(), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The API's bearer token, made on first use in a file that only this user can read. */
export function apiToken(home: string): string {
  const path = join(home, TOKEN_FILE);
  const known = readToken(home);
  if (known) return known;
  const token = randomBytes(32).toString('base64url');
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return token;
}

/** The token, or null when no node has run on this home. */
export function readToken(home: string): string | null {
  const path = join(home, TOKEN_FILE);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}

export function writeAddress(home: string, address: NodeAddress): void {
  const path = join(home, ADDRESS_FILE);
  writeFileSync(`${path}.new`, `${JSON.stringify(address)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function clearAddress(home: string): void {
  rmSync(join(home, ADDRESS_FILE), { force: true });
}

/** Where the node of this home is, or null when it has died since it said so. */
export async function livingAddress(home: string): Promise<NodeAddress | null> {
  const address = readAddress(home);
  if (address === null) return null;
  const identity = await processIdentity(address.pid);
  return identity !== null && identity === address.identity ? address : null;
}

/** Where the node of this home was last seen. */
function readAddress(home: string): NodeAddress | null {
  const path = join(home, ADDRESS_FILE);
  if (!existsSync(path)) return null;
  try {
    return NodeAddress.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // Torn by a crash: as good as absent, the next node writes it anew.
    return null;
  }
}

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { NodeConfig } from '../../shared/model/config.ts';
import { VigilError, messageOf } from '../../shared/model/errors.ts';
import { parseYaml } from '../../shared/model/parseYaml.ts';
import { addressFile, readToken, tokenFile, type NodeAddress } from '../client/runningNode.ts';

const CONFIG_FILES = ['config.yaml', 'config.yml'];

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
  const path = tokenFile(home);
  const known = readToken(home);
  if (known) return known;
  const token = randomBytes(32).toString('base64url');
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return token;
}

export function writeAddress(home: string, address: NodeAddress): void {
  const path = addressFile(home);
  writeFileSync(`${path}.new`, `${JSON.stringify(address)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function clearAddress(home: string): void {
  rmSync(addressFile(home), { force: true });
}

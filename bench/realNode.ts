import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskInput } from '../shared/model/taskInput.ts';
import type { NodeConfig } from '../shared/model/config.ts';

/** A home and a repository in a temporary folder. */
export interface Place {
  readonly home: string;
  readonly repository: string;
  remove(): void;
}

/** What a bench sets; the rest is as a user has it. */
export interface PlaceOptions {
  readonly concurrency?: Partial<NodeConfig['concurrency']>;
  readonly limits?: Partial<NodeConfig['limits']>;
  readonly mesh?: Partial<NodeConfig['mesh']>;
  /** Files of the repository, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Makes a fresh home and a git repository with one commit. */
export function makePlace(options: PlaceOptions = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-'));
  const home = join(folder, 'home');
  const repository = join(folder, 'repository');
  mkdirSync(home);
  mkdirSync(repository);
  const { concurrency = {}, limits = {}, mesh = {} } = options;
  // A bench says how fast it is here, also on battery.
  const config = { heavyOnBattery: true, concurrency, limits, mesh };
  // JSON is YAML.
  writeFileSync(join(home, 'config.yaml'), JSON.stringify(config));
  for (const [name, text] of Object.entries(options.files ?? { 'README.md': '# Bench\n' })) {
    mkdirSync(join(repository, name, '..'), { recursive: true });
    writeFileSync(join(repository, name), text);
  }
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: repository, stdio: 'ignore' });
  git('init', '--initial-branch=main');
  git('add', '.');
  git('-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '-m', 'start');
  return {
    home,
    repository,
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

type Fetch = (request: Request) => Promise<Response>;

/** Asks the API; throws what it answered when that is an error. */
export async function ask<T>(
  fetch: Fetch,
  url: string,
  token: string,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST',
): Promise<T> {
  const response = await fetch(
    new Request(url, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** A task as the API takes it, with what a bench has to say of it. */
export type BenchTask = Partial<TaskInput> & Pick<TaskInput, 'title' | 'type'>;

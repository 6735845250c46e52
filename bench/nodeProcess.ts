import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MALLOC, NODE_FLAGS } from '../electron/client/launch.ts';
import type { Tapped } from './linkTap.ts';
import { ask } from './realNode.ts';

/** What a user runs, as `npm run build` made it. */
const PROGRAM = fileURLToPath(new URL('../dist/vigil.js', import.meta.url));
const START_LIMIT_MS = 60_000;
/** How often the address is looked for: what this adds to a start, at most. */
const LOOK_MS = 2;

const TAP = new URL('./linkTap.ts', import.meta.url).href;

export interface ProcessOptions {
  /** What happens at its edges is counted and timed (`linkTap.ts`). */
  readonly tapped?: boolean;
  /** Further flags of Node, such as those of its profiler. */
  readonly flags?: readonly string[];
}

/** A node in a process of its own. */
export interface NodeProcess {
  readonly pid: number;
  /** From the start of the process to its first answer to `GET /v1/status`, ms. */
  readonly startMs: number;
  readonly url: string;
  readonly token: string;
  get<T>(path: string): Promise<T>;
  /** As `get`, for an answer that is not JSON. */
  text(path: string): Promise<string>;
  post<T>(path: string, body: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  /** What was seen at its edges since it started; only of a tapped one. */
  tapped(): Promise<Tapped>;
  /** Ends it as asked (`SIGTERM`) or at once, as a crash does. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts `vigil up` on a home and waits until its API answers. */
export async function startProcess(
  home: string,
  options: ProcessOptions = {},
): Promise<NodeProcess> {
  if (!existsSync(PROGRAM))
    throw new Error('dist/vigil.js is missing: run `npm run bench`, or `npm run build` first');
  const address = join(home, 'node.json');
  rmSync(address, { force: true });
  const begun = performance.now();
  const tap = options.tapped ? ['--import', TAP] : [];
  const up = [PROGRAM, 'up', '--home', home, '--port', '0'];
  const child = spawn(process.execPath, [...NODE_FLAGS, ...tap, ...(options.flags ?? []), ...up], {
    env: { ...process.env, ...MALLOC },
    stdio: ['ignore', 'ignore', 'inherit', ...(options.tapped ? (['ipc'] as const) : [])],
  });
  const gone = once(child, 'exit');
  while (!existsSync(address)) {
    if (child.exitCode !== null || performance.now() - begun > START_LIMIT_MS)
      throw new Error('the node did not start');
    await sleep(LOOK_MS);
  }
  const { url } = JSON.parse(readFileSync(address, 'utf8')) as { url: string };
  const token = readFileSync(join(home, 'token'), 'utf8').trim();
  const get = <T>(path: string) => ask<T>(fetch, `${url}${path}`, token);
  const post = <T>(path: string, body: unknown) => ask<T>(fetch, `${url}${path}`, token, body);
  await get('/v1/status');
  const startMs = performance.now() - begun;
  return {
    pid: child.pid ?? 0,
    startMs,
    url,
    token,
    get,
    text: async (path) =>
      (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })).text(),
    post,
    put: (path, body) => ask(fetch, `${url}${path}`, token, body, 'PUT'),
    tapped: async () => {
      const answer = once(child, 'message') as Promise<[Tapped]>;
      child.send('tapped?');
      return (await answer)[0];
    },
    end: async (signal) => {
      child.kill(signal);
      await gone;
    },
  };
}

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import type { NodeId } from '../../../shared/model/ids.ts';
import type { GitRequest } from './gitRequest.ts';

/** How long a backend has to remove what it was receiving, ms, before it is killed. */
const END_GRACE_MS = 3000;

/** The part of the refs that a node may write in the clones of others. */
function refsFrom(peer: NodeId): string {
  return `refs/vigil/from/${peer}`;
}

/**
 * Starts `git http-backend` for one request of a peer, as the leader of a process group. Git itself refuses
 * what the peer may not write: for a push, every ref outside of its own part is hidden, and hidden refs can
 * be neither made nor moved nor deleted.
 */
export function startBackend(
  repository: string,
  peer: NodeId,
  { method, path, query }: GitRequest,
  { headers }: IncomingMessage,
  maxReceiveBytes: number,
): ChildProcessWithoutNullStreams {
  return spawn('git', ['http-backend'], {
    cwd: repository,
    detached: true,
    stdio: 'pipe',
    env: {
      ...inherited(),
      ...settings([
        ['http.uploadpack', 'true'],
        ['http.receivepack', 'true'],
        ['http.getanyfile', 'false'],
        ['core.hooksPath', '/dev/null'],
        ['gc.auto', '0'],
        ['maintenance.auto', 'false'],
        ['receive.autogc', 'false'],
        ['uploadpack.allowAnySHA1InWant', 'true'],
        ['uploadpack.allowFilter', 'false'],
        // The last one that matches a ref counts.
        ['receive.hideRefs', 'refs'],
        ['receive.hideRefs', `!${refsFrom(peer)}`],
        ['receive.fsckObjects', 'true'],
        ['receive.maxInputSize', String(maxReceiveBytes)],
        // Work in progress is replaced, and what is no longer wanted is removed.
        ['receive.denyNonFastForwards', 'false'],
        ['receive.denyDeletes', 'false'],
      ]),
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROJECT_ROOT: repository,
      PATH_INFO: path,
      REQUEST_METHOD: method,
      QUERY_STRING: query,
      CONTENT_TYPE: headers['content-type'] ?? '',
      REMOTE_USER: peer,
      LC_ALL: 'C',
      ...given('CONTENT_LENGTH', headers['content-length']),
      ...given('HTTP_CONTENT_ENCODING', headers['content-encoding']),
      ...given('GIT_PROTOCOL', protocolOf(headers['git-protocol'])),
    },
  });
}

/**
 * Ends a backend that has not closed yet, and all that it started; first so that git can remove what it has
 * received so far.
 */
export function endBackend(backend: ChildProcessWithoutNullStreams): void {
  const { pid } = backend;
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), END_GRACE_MS);
  // Its last output is read when all of the group are gone.
  backend.once('close', () => clearTimeout(timer));
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone already.
  }
}

function inherited(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env))
    if (value !== undefined && !name.startsWith('GIT_')) env[name] = value;
  return env;
}

function settings(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(pairs.length) };
  pairs.forEach(([key, value], i) => {
    env[`GIT_CONFIG_KEY_${i}`] = key;
    env[`GIT_CONFIG_VALUE_${i}`] = value;
  });
  return env;
}

function given(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

function protocolOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^version=[0-2]$/.test(header) ? header : undefined;
}

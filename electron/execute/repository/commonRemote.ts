import { git, gitLine } from './git.ts';
import { FETCH } from './transfer.ts';

/** How long a remote may take; what it did not give by then comes over the mesh. */
const REMOTE_TIMEOUT_MS = 5 * 60_000;
const PROTOCOLS = ['https', 'http', 'ssh', 'git'];
/** `git@host:path`. A name of one letter is a drive of Windows. */
const SCP_LIKE = /^(?:[\w.-]+@)?\w[\w.-]+:[^:\s][^\s]*$/;

/**
 * The address of a remote as other machines may use it, without passwords and tokens. Null for what has no
 * meaning elsewhere, such as a path, and for what git would run as a program.
 */
export function shareableRemote(url: string): string | null {
  if (!url.includes('://')) return SCP_LIKE.test(url) ? url : null;
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  const protocol = parsed.protocol.slice(0, -1);
  if (!PROTOCOLS.includes(protocol) || parsed.host === '') return null;
  parsed.password = '';
  parsed.search = '';
  parsed.hash = '';
  // Over ssh the name says where to log in; elsewhere it may be the token itself.
  if (protocol !== 'ssh') parsed.username = '';
  return parsed.href;
}

/** Where the user publishes a repository (`origin`), as other machines may use it; null when nowhere. */
export async function commonRemoteOf(repository: string): Promise<string | null> {
  const url = await gitLine(repository, ['remote', 'get-url', 'origin'], { allowExit: [2, 128] });
  return shareableRemote(url);
}

/**
 * Fetches what a remote has of a branch, so that less of it comes over the mesh. Returns whether it
 * answered; whatever it says or does not say, the refs of the home alone count. Nothing is ever pushed there.
 */
export async function fetchFromRemote(
  repository: string,
  remote: string,
  branch: string,
): Promise<boolean> {
  // It comes from another node: it is looked at again before git sees it.
  const url = shareableRemote(remote);
  if (url === null) return false;
  return git(repository, [...FETCH, '--', url, `+refs/heads/${branch}:refs/vigil/remote`], {
    timeoutMs: REMOTE_TIMEOUT_MS,
    env: {
      GIT_ALLOW_PROTOCOL: PROTOCOLS.join(':'),
      // Nobody is there to answer a question.
      GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=10',
      GIT_ASKPASS: 'true',
      GCM_INTERACTIVE: 'never',
    },
    settings: [
      ['http.lowSpeedLimit', '1000'],
      ['http.lowSpeedTime', '15'],
    ],
  }).then(
    () => true,
    () => false,
  );
}

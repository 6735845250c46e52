import { VigilError } from '../../../shared/model/errors.ts';
import type { GitAddress } from '../../../shared/model/gitAddress.ts';
import { git, type GitOptions, type GitResult } from './git.ts';

/** The longest that a transfer may take: the first clone of a large repository over a slow network. */
const LONGEST_TRANSFER_MS = 2 * 60 * 60_000;
/** A connection that moves less than a byte a second for this long is dead; git says something every 5 s. */
const DEAD_AFTER_SECONDS = 60;

/** How every fetch of Vigil is made: nothing but what is named moves, and nothing else is written. */
export const FETCH = [
  'fetch',
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
  '--update-shallow',
] as const;

/**
 * Runs git against another node's clone, without any of the user's own settings: proxies, headers and
 * credentials are for other servers.
 * @throws VigilError `node-unreachable` (also when it was cut on the way), `not-found` (a project or commit
 *   that it lacks), `unauthorized` (a ref that is not ours to write), `too-large`, `peer-disk-full`,
 *   `disk-full`, `git-failed`.
 */
export async function transfer(
  repository: string,
  { authorization }: GitAddress,
  args: readonly string[],
  options: Pick<GitOptions, 'input' | 'allowExit'> = {},
): Promise<GitResult> {
  try {
    return await git(repository, args, {
      ...options,
      timeoutMs: LONGEST_TRANSFER_MS,
      env: {
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_ALLOW_PROTOCOL: 'http',
      },
      settings: [
        ['http.extraHeader', `Authorization: ${authorization}`],
        // Empty: none, whatever the environment says.
        ['http.proxy', ''],
        ['http.followRedirects', 'false'],
        ['http.lowSpeedLimit', '1'],
        ['http.lowSpeedTime', String(DEAD_AFTER_SECONDS)],
        // The receiver shows us only our own part of its refs: git asks it what else it has.
        ['push.negotiate', 'true'],
        ['fetch.fsckObjects', 'true'],
      ],
    });
  } catch (error) {
    throw error instanceof VigilError && error.code === 'git-failed' ? explain(error) : error;
  }
}

const REASONS: readonly (readonly [
  RegExp,
  (said: string) => readonly [VigilError['code'], string, string],
])[] = [
  [
    /remote: .*(?:No space left on device|Disk quota exceeded)/,
    () => [
      'peer-disk-full',
      'The disk of the other node is full.',
      'Free some space there; it is tried again by itself.',
    ],
  ],
  [
    /pack exceeds maximum allowed size/,
    (said) => [
      'too-large',
      `The other node takes no result of this size: ${said}`,
      'Keep large files out of the repository, or work on this project at its home.',
    ],
  ],
  [
    /hidden ref/,
    (said) => [
      'unauthorized',
      `The other node lets nobody but itself change that: ${said}`,
      'Please report this.',
    ],
  ],
  [
    /not our ref|couldn't find remote ref|repository '.*' not found/,
    (said) => [
      'not-found',
      `The other node does not have it: ${said}`,
      'It may not have arrived there yet; it is tried again by itself.',
    ],
  ],
  [
    /returned error: (?:401|50[0-4])|Failed to connect|Couldn't connect|Empty reply|Recv failure|Send failure|RPC failed|early EOF|hung up|unexpected disconnect|too slow|timed out|Connection (?:reset|refused)/i,
    (said) => [
      'node-unreachable',
      `The other node could not be reached, or was lost on the way: ${said}`,
      'Check that it runs and is connected: vigil nodes. It is tried again by itself.',
    ],
  ],
];

function explain(error: VigilError): VigilError {
  const found = REASONS.find(([pattern]) => pattern.test(error.message));
  if (!found) return error;
  return new VigilError(...found[1](shortly(error.message)), { cause: error });
}

/** The line that says why: what the other side said, or else the last one. */
function shortly(message: string): string {
  const lines = message.split('\n');
  return (
    lines.find((line) => /remote: (?:fatal: |vigil: )/.test(line)) ??
    lines.find((line) => /hidden ref|fatal: /.test(line)) ??
    message
  ).trim();
}

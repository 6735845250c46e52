import { spawn } from 'node:child_process';
import { VigilError } from '../../../shared/model/errors.ts';
import { CommitId } from '../../../shared/model/ids.ts';

/** Git older than this lacks configuration through the environment. */
const OLDEST_GIT = '2.31';
/** Long enough for a checkout of a very large repository, short enough that a hung file system shows. */
const DEFAULT_TIMEOUT_MS = 10 * 60_000;
/** Output past this is an error unless the caller set its own bound: nothing asks for more. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
const STDERR_LINES = 6;

/** Settings that hold whatever the user's own configuration says: no hooks, no signing, no surprises. */
const SETTINGS: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.autocrlf', 'false'],
  ['core.fsmonitor', 'false'],
  ['core.quotePath', 'false'],
  ['commit.gpgsign', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['color.ui', 'false'],
  ['diff.noprefix', 'false'],
  ['diff.mnemonicPrefix', 'false'],
  ['submodule.recurse', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  ['protocol.file.allow', 'always'],
  ['rerere.enabled', 'false'],
  ['advice.detachedHead', 'false'],
];

export interface GitOptions {
  /** Written to standard input. */
  readonly input?: string | Buffer;
  /** Added to the scrubbed environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings for this run, in the environment: command lines are for all to see. */
  readonly settings?: readonly (readonly [string, string])[];
  readonly timeoutMs?: number;
  /** Exit codes besides 0 that are an answer, not a failure. */
  readonly allowExit?: readonly number[];
  /** Reading stops after this many bytes; what came until then is the result. */
  readonly maxBytes?: number;
}

export interface GitResult {
  readonly stdout: string;
  readonly exitCode: number;
}

/**
 * Runs git in a folder, with the user's hooks, signing and `GIT_*` variables out of the way and
 * Vigil as author and committer.
 * @throws VigilError `git-failed` with the last lines git printed, `disk-full`, or `timeout`.
 */
export function git(
  cwd: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitResult> {
  const limit = options.maxBytes ?? MAX_OUTPUT_BYTES;
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      cwd,
      env: { ...gitEnvironment(options.settings), ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    let outBytes = 0;
    let stderr = '';
    let cut = false;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    child.stdout.on('data', (chunk: Buffer) => {
      if (cut) return;
      out.push(chunk.subarray(0, limit - outBytes));
      outBytes += chunk.length;
      if (outBytes <= limit) return;
      cut = true;
      child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => {
      stderr = (stderr + text).slice(-16_384);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(spawnError(error, cwd));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      const stdout = Buffer.concat(out).toString('utf8');
      if (late) {
        reject(
          new VigilError(
            'timeout',
            `git ${args[0] ?? ''} did not finish in time in ${cwd}`,
            'Check that the disk answers, then try again.',
          ),
        );
      } else if (cut && options.maxBytes === undefined) {
        reject(
          new VigilError(
            'git-failed',
            `git ${args[0] ?? ''} printed more than ${MAX_OUTPUT_BYTES} bytes`,
            'This repository is larger than Vigil can handle.',
          ),
        );
      } else if (cut || code === 0 || (code !== null && options.allowExit?.includes(code))) {
        resolve({ stdout, exitCode: cut ? 0 : (code ?? 0) });
      } else {
        reject(gitError(args, cwd, stderr));
      }
    });
    // git may end without reading all of its input; its exit code tells what matters.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** As `git`, for the output alone, without the line end. */
export async function gitLine(
  cwd: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<string> {
  return (await git(cwd, args, options)).stdout.trimEnd();
}

/** The commit a revision names, or null when there is none. */
export async function resolveCommit(cwd: string, revision: string): Promise<CommitId | null> {
  const { stdout, exitCode } = await git(
    cwd,
    ['rev-parse', '--quiet', '--verify', '--end-of-options', `${revision}^{commit}`],
    {
      allowExit: [1, 128],
    },
  );
  return exitCode === 0 ? CommitId.parse(stdout.trim().split('\n').at(-1)) : null;
}

/** Whether every commit of `ancestor` is also in `descendant`. */
export async function isAncestor(
  cwd: string,
  ancestor: CommitId,
  descendant: CommitId,
): Promise<boolean> {
  const { exitCode } = await git(cwd, ['merge-base', '--is-ancestor', ancestor, descendant], {
    allowExit: [1],
  });
  return exitCode === 0;
}

function gitEnvironment(added: GitOptions['settings'] = []): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !name.startsWith('GIT_')) env[name] = value;
  }
  const settings = [...SETTINGS, ...added];
  settings.forEach(([key, value], i) => {
    env[`GIT_CONFIG_KEY_${i}`] = key;
    env[`GIT_CONFIG_VALUE_${i}`] = value;
  });
  return {
    ...env,
    GIT_CONFIG_COUNT: String(settings.length),
    GIT_AUTHOR_NAME: 'Vigil',
    GIT_AUTHOR_EMAIL: 'vigil@localhost',
    GIT_COMMITTER_NAME: 'Vigil',
    GIT_COMMITTER_EMAIL: 'vigil@localhost',
    GIT_TERMINAL_PROMPT: '0',
    // Reading the user's repository must not even refresh its index.
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_EDITOR: 'true',
    GIT_PAGER: 'cat',
    LC_ALL: 'C',
  };
}

function gitError(args: readonly string[], cwd: string, stderr: string): VigilError {
  const lines = stderr.trim().split('\n').slice(-STDERR_LINES).join('\n');
  // What the other side of a transfer says of its disk is not said of ours.
  if (/^(?!remote: ).*(?:No space left on device|Disk quota exceeded)/m.test(stderr)) {
    return new VigilError(
      'disk-full',
      `The disk is full: git could not write in ${cwd}.`,
      'Free some space; the work goes on from where it stopped.',
    );
  }
  if (/dubious ownership/.test(stderr)) {
    return new VigilError(
      'git-failed',
      `git does not trust ${cwd}: it belongs to another user.`,
      `Run: git config --global --add safe.directory ${cwd}`,
    );
  }
  const lock = /'([^'\n]+\.lock)': File exists/.exec(stderr)?.[1];
  if (lock !== undefined) {
    return new VigilError(
      'git-failed',
      `git ${args[0] ?? ''} could not write in ${cwd}: ${lock} is in the way.`,
      `Wait until no other git is at work there; if none is, a crash left the file: remove it.`,
    );
  }
  const said = lines === '' ? 'it said nothing' : lines;
  return new VigilError(
    'git-failed',
    `git ${args.find((arg) => !arg.startsWith('-')) ?? ''} failed in ${cwd}: ${said}`,
    'See what git says above; `vigil doctor` checks the project.',
  );
}

function spawnError(error: NodeJS.ErrnoException, cwd: string): VigilError {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
    return new VigilError(
      'git-failed',
      `git could not be started in ${cwd}: the folder or git itself is missing.`,
      `Check that the folder exists and that git ${OLDEST_GIT} or newer is installed.`,
      { cause: error },
    );
  }
  return new VigilError(
    'git-failed',
    `git could not be started in ${cwd}: ${error.message}`,
    'Check that the folder can be read.',
    { cause: error },
  );
}

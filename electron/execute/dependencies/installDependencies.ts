import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { VigilError } from '../../../shared/model/errors.ts';
import type { ProjectProfile } from '../../../shared/model/project.ts';
import { dependencyKey, INSTALL_SCRIPTS } from './dependencyKey.ts';
import type { DependencyStore } from './dependencyStore.ts';
import { commandEnvironment } from '../command/environment.ts';
import { git, gitLine } from '../repository/git.ts';
import { runCommand } from '../command/runCommand.ts';
import type { ProcessRecord } from '../command/processGroup.ts';

const minute = 60_000;
/** An installation from a slow network may take this long, and longer while it prints. */
const INSTALL_TIMEOUT_MS = 10 * minute;
/** npm says nothing while it fetches: silence alone is no sign of a hang for a while. */
const INSTALL_STALL_MS = 5 * minute;
const INSTALL_CEILING_MS = 40 * minute;
const TAIL_LINES = 15;
/** What npm prints besides the reason. */
const NOISE = /^npm (?:warn|notice)\b|^npm error\s+at |A complete log of this run|^\s*$/i;

/** Written into the installed folder of a workspace, so that a second look costs next to nothing. */
const MARKER = path.join('node_modules', '.vigil-installed.json');
const Marker = z.strictObject({ key: z.string(), commit: z.string(), scripts: z.number() });

export interface InstallRequest {
  readonly workspace: string;
  readonly profile: ProjectProfile;
  readonly store: DependencyStore;
  /** Where the output of the install command goes. */
  readonly logFile: string;
  readonly signal?: AbortSignal;
  /** Called when the install command runs, with what is needed to end it after a crash. */
  readonly onSpawn?: (record: ProcessRecord) => void;
}

export interface InstallResult {
  /** `none`: nothing to install. `present`: was there already. `linked`: from the store. `installed`: by the command. */
  readonly kind: 'none' | 'present' | 'linked' | 'installed';
  readonly durationMs: number;
}

/**
 * Puts the dependencies of a workspace in place: the first time with the project's own install command,
 * later by links to what that installed. Tracked files are left as they were, and new ones stay only
 * where git ignores them.
 * @throws VigilError `install-failed` with the end of the output, `disk-full`, `git-failed`.
 */
export async function installDependencies(request: InstallRequest): Promise<InstallResult> {
  const { workspace, profile, store } = request;
  const startedAt = performance.now();
  const done = (kind: InstallResult['kind']): InstallResult => ({
    kind,
    durationMs: performance.now() - startedAt,
  });
  if (profile.install === null) return done('none');
  const key = await dependencyKey(workspace, profile, await nodeVersion());
  const commit = await gitLine(workspace, ['rev-parse', 'HEAD']);
  const marker = await readMarker(workspace);
  if (marker?.key === key && (marker.scripts === 0 || marker.commit === commit))
    return done('present');

  return store.once(key, async () => {
    const entry = await store.find(key);
    if (entry !== null) {
      await store.restore(key, entry, workspace);
      await runScripts(request, entry.scripts);
      await writeMarker(workspace, { key, commit, scripts: entry.scripts.length });
      return done('linked');
    }
    const made = await install(request, profile.install ?? '');
    const folders = made.filter((file) => path.basename(file) === 'node_modules');
    if (folders.length === 0) return done('installed');
    const scripts = made.length > folders.length ? await installScripts(workspace) : [];
    await store.add(key, workspace, { folders, scripts, installMs: performance.now() - startedAt });
    await writeMarker(workspace, { key, commit, scripts: scripts.length });
    return done('installed');
  });
}

/** Runs the install command and returns what it made that git ignores; changes to other files are undone. */
async function install(request: InstallRequest, command: string): Promise<string[]> {
  const { workspace } = request;
  const before = await changes(workspace);
  // What is there may be links into the store, and some installers write into files in place.
  for (const { code, file } of before) {
    if (code === '!!' && path.basename(file) === 'node_modules')
      await rm(path.join(workspace, file), { recursive: true, force: true });
  }
  try {
    await runInstaller(request, command);
  } catch (error) {
    if (!(await lockfileIsBehind(request, command))) throw error;
    await runInstaller(request, command.replace(/^npm ci\b/, 'npm install --no-save'));
  }
  const after = await undoChanges(workspace, before);
  const known = new Set(before.map(({ file }) => file));
  return after
    .filter(
      ({ code, file }) =>
        code === '!!' && (path.basename(file) === 'node_modules' || !known.has(file)),
    )
    .map(({ file }) => file);
}

async function runScripts(request: InstallRequest, scripts: readonly string[]): Promise<void> {
  if (scripts.length === 0) return;
  const before = await changes(request.workspace);
  for (const script of scripts)
    await runInstaller(request, `${request.profile.packageManager} run ${script}`);
  await undoChanges(request.workspace, before);
}

/** Takes back what git sees changed since `before`, ignored files aside: an attempt's diff is the task's alone. */
async function undoChanges(workspace: string, before: readonly Change[]): Promise<Change[]> {
  const known = new Set(before.map(({ file }) => file));
  const after = await changes(workspace);
  for (const { code, file } of after) {
    if (code === '!!' || known.has(file)) continue;
    if (code === '??') await rm(path.join(workspace, file), { recursive: true, force: true });
    else await git(workspace, ['checkout', '--quiet', '--', file]);
  }
  return after;
}

async function runInstaller(
  { workspace, logFile, signal, onSpawn }: InstallRequest,
  command: string,
): Promise<void> {
  const result = await runCommand({
    command,
    cwd: workspace,
    logFile,
    timeoutMs: INSTALL_TIMEOUT_MS,
    stallMs: INSTALL_STALL_MS,
    maxMs: INSTALL_CEILING_MS,
    ...(signal === undefined ? {} : { signal }),
    ...(onSpawn === undefined ? {} : { onSpawn }),
  });
  if (result.exitCode === 0 && result.timedOut === false && !result.aborted) return;
  const said = result.tail
    .trim()
    .split('\n')
    .filter((line) => !NOISE.test(line))
    .slice(-TAIL_LINES)
    .join('\n');
  if (/ENOSPC|No space left on device/.test(said)) {
    throw new VigilError(
      'disk-full',
      `The disk is full: \`${command}\` could not write.`,
      'Free some space; the work goes on from where it stopped.',
    );
  }
  const how = result.aborted
    ? 'was stopped'
    : result.timedOut === false
      ? `failed with exit code ${result.exitCode ?? 'none'}`
      : 'did not finish in time';
  throw new VigilError(
    'install-failed',
    `\`${command}\` ${how}:\n${said}`,
    `Run it yourself in the repository, or set another \`install:\` in vigil.yaml. Log: ${logFile}`,
  );
}

/**
 * Whether `npm ci` refused because the lockfile does not fit the manifest, or lacks optional packages of
 * this platform: people's own `npm install` gets over that, so ours does.
 */
async function lockfileIsBehind({ logFile }: InstallRequest, command: string): Promise<boolean> {
  if (!/^npm ci\b/.test(command)) return false;
  return /npm ci. can only install packages when/.test(
    await readFile(logFile, 'utf8').catch(() => ''),
  );
}

interface Change {
  readonly code: string;
  readonly file: string;
}

/** What git sees changed (` M`, `??`) or ignores (`!!`), whole folders as one. */
async function changes(workspace: string): Promise<Change[]> {
  const { stdout } = await git(workspace, [
    'status',
    '--porcelain',
    '-z',
    '--no-renames',
    '--ignored=traditional',
    '--untracked-files=normal',
    '--ignore-submodules=all',
  ]);
  return stdout
    .split('\0')
    .filter((row) => row !== '')
    .map((row) => ({ code: row.slice(0, 2), file: row.slice(3).replace(/\/$/, '') }));
}

async function installScripts(workspace: string): Promise<string[]> {
  const text = await readFile(path.join(workspace, 'package.json'), 'utf8').catch(() => '{}');
  const manifest = z
    .object({ scripts: z.record(z.string(), z.string()).optional() })
    .safeParse(parseJson(text));
  return INSTALL_SCRIPTS.filter((name) => manifest.data?.scripts?.[name] !== undefined);
}

async function readMarker(workspace: string): Promise<z.infer<typeof Marker> | null> {
  const text = await readFile(path.join(workspace, MARKER), 'utf8').catch(() => null);
  return text === null ? null : (Marker.safeParse(parseJson(text)).data ?? null);
}

async function writeMarker(workspace: string, marker: z.infer<typeof Marker>): Promise<void> {
  const file = path.join(workspace, MARKER);
  // A project may have installed only in a package below, or be about to: then every look is a fresh one.
  await rm(file, { force: true });
  await writeFile(file, JSON.stringify(marker)).catch(() => undefined);
}

let knownVersion: Promise<string> | null = null;

/** The ABI of the Node that the project's commands will find, asked once. */
function nodeVersion(): Promise<string> {
  knownVersion ??= promisify(execFile)('node', ['-p', 'process.versions.modules'], {
    env: commandEnvironment(process.env),
  }).then(
    ({ stdout }) => stdout.trim(),
    () => process.versions.modules,
  );
  return knownVersion;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Malformed files are the project's own matter here; the install command reports them.
    return null;
  }
}

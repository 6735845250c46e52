import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Marks every process of one run in its environment, so that those that left the group are found too. */
export const RUN_VARIABLE = 'VIGIL_RUN';

/** Names the home in the environment of every process that a node of it starts: a crash leaves none of them unseen. */
export const HOME_VARIABLE = 'VIGIL_CHILD_OF';

/** How long a group has to end by itself after SIGTERM. */
export const TERM_GRACE_MS = 3000;
/** After SIGKILL only a process that hangs in the kernel remains, and nothing can end that. */
const KILL_GRACE_MS = 5000;
const POLL_MS = 10;

const HAS_PROC = existsSync('/proc/self/stat');
const run = promisify(execFile);

/** A process as it is written down before a crash and found again after it. */
export interface ProcessRecord {
  readonly pid: number;
  /** When it started, as the system tells it; null when that could not be read. */
  readonly identity: string | null;
  /** The mark of its run. */
  readonly run: string;
}

/** What tells this process from a later one with the same number; null when there is none. */
export async function processIdentity(pid: number): Promise<string | null> {
  return (await look(pid))?.identity ?? null;
}

/** Whether that very process is at work: one that only waits to be reaped by who started it is not. */
export async function processRuns(pid: number, identity: string): Promise<boolean> {
  const seen = await look(pid);
  return seen?.identity === identity && !seen.hasEnded;
}

async function look(pid: number): Promise<{ identity: string; hasEnded: boolean } | null> {
  if (HAS_PROC) {
    const stat = readStat(pid);
    if (stat === null) return null;
    return { identity: `${bootId()}/${stat.startedTicks}`, hasEnded: hasEnded(stat.state) };
  }
  return run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
  }).then(
    ({ stdout }) => {
      const [, state, identity] = /^(\S+)\s+(.+)$/.exec(stdout.trim()) ?? [];
      return state && identity ? { identity, hasEnded: hasEnded(state) } : null;
    },
    () => null,
  );
}

/** Of a process's state as /proc and `ps` write it: a zombie, or one being taken off the list. */
function hasEnded(state: string): boolean {
  return state.startsWith('Z') || state.startsWith('X');
}

/** Ends what a run left behind, only where it is provably that run's. Returns whether there was anything. */
export async function endLeftover(record: ProcessRecord): Promise<boolean> {
  const ours = record.identity !== null && (await processIdentity(record.pid)) === record.identity;
  const group = ours ? record.pid : null;
  // A leader that nobody has reaped yet still answers to its number.
  if (!runIsAlive(group, record.run)) return false;
  await endRun({ group, run: record.run, graceMs: TERM_GRACE_MS });
  return true;
}

/**
 * Ends whatever an earlier node of this home started and that still runs, with the same notice as
 * `endRun`, so that a git at work takes its locks along. Returns how many there were. The caller holds
 * the home: nothing else of it can be alive.
 */
export async function endChildrenOf(home: string): Promise<number> {
  const mark = `${HOME_VARIABLE}=${home}`;
  const found = strays(mark).length;
  if (found > 0) await endMarked(null, mark, TERM_GRACE_MS);
  return found;
}

/** Ends a process group and everything marked with its run: SIGTERM, then SIGKILL; waits until they are gone. */
export async function endRun(target: {
  readonly group: number | null;
  readonly run: string;
  readonly graceMs: number;
}): Promise<void> {
  await endMarked(target.group, runMark(target.run), target.graceMs);
}

/** Whether anything of the run still lives, a process that only waits to be reaped aside. */
export function runIsAlive(group: number | null, run: string): boolean {
  return isAlive(group, runMark(run));
}

function runMark(run: string): string {
  return `${RUN_VARIABLE}=${run}`;
}

function isAlive(group: number | null, mark: string): boolean {
  return (group !== null && groupIsAlive(group)) || strays(mark).length > 0;
}

async function endMarked(group: number | null, mark: string, graceMs: number): Promise<void> {
  if (await signalUntilGone(group, mark, 'SIGTERM', graceMs)) return;
  await signalUntilGone(group, mark, 'SIGKILL', KILL_GRACE_MS);
}

async function signalUntilGone(
  group: number | null,
  mark: string,
  signal: NodeJS.Signals,
  withinMs: number,
): Promise<boolean> {
  const end = performance.now() + withinMs;
  const told = new Set<number>();
  if (group !== null) send(-group, signal);
  for (;;) {
    for (const pid of strays(mark)) {
      if (!told.has(pid)) send(pid, signal);
      told.add(pid);
    }
    if (!isAlive(group, mark)) return true;
    if (performance.now() > end) return false;
    await sleep(POLL_MS);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between, or is no longer ours: both mean that there is nothing to signal.
  }
}

function groupIsAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  if (!HAS_PROC) return true;
  return pids().some((pid) => {
    const stat = readStat(pid);
    return stat !== null && stat.group === group && !hasEnded(stat.state);
  });
}

/** Processes that carry a mark (`NAME=value`), wherever they went. Linux only: elsewhere environments can't be read. */
function strays(mark: string): number[] {
  if (!HAS_PROC) return [];
  return pids().filter((pid) => {
    if (pid === process.pid || !readText(`/proc/${pid}/environ`)?.split('\0').includes(mark))
      return false;
    const state = readStat(pid)?.state;
    return state !== undefined && !hasEnded(state);
  });
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readStat(pid: number): { state: string; group: number; startedTicks: string } | null {
  const text = readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The command's name may hold spaces and brackets: fields count from the last bracket (proc(5): 3, 5 and 22).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, group, startedTicks] = [fields[0], fields[2], fields[19]];
  if (state === undefined || group === undefined || startedTicks === undefined) return null;
  return { state, group: Number(group), startedTicks };
}

function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Processes come and go while we look; one of another user can't be read, and is not ours.
    return null;
  }
}

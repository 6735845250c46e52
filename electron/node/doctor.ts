import { execFile } from 'node:child_process';
import { freemem } from 'node:os';
import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DoctorView } from '../../shared/model/statusApi.ts';
import { VigilError, messageOf } from '../../shared/model/errors.ts';
import type { ProjectId } from '../../shared/model/ids.ts';
import { INTEGRATION_REF } from '../execute/repository/clone.ts';
import { isAncestor, resolveCommit } from '../execute/repository/git.ts';
import type { Containment } from './containment.ts';
import type { Ledger } from './ledger.ts';
import type { Projects } from './projects.ts';

type HealthCheck = DoctorView['checks'][number];

const MIB = 1024 * 1024;
/** With less than this a single install of dependencies can fill the disk. */
const LEAST_DISK_BYTES = 512 * MIB;
const LEAST_MEMORY_BYTES = 200 * MIB;
/** `git worktree move` and `--update-shallow` fetches are safe from here on. */
const LEAST_GIT = [2, 30] as const;
/** Events whose hashes are checked at each look; the whole chain of a long log takes seconds. */
const CHECKED_EVENTS = 20_000;

/** Checks everything the node stands on: is what should be up, up; does what was merged exist (V6). */
export async function runDoctor(
  ledger: Ledger,
  projects: Projects,
  home: string,
): Promise<DoctorView> {
  const checks = [
    await checked('node', checkNode),
    await checked('git', checkGit),
    await checked('home', () => checkHome(home)),
    await checked('disk', () => checkDisk(home)),
    await checked('memory', checkMemory),
    await checked('log', () => checkLog(ledger)),
    await checked('sandbox', () => checkHeld(projects.containment)),
  ];
  for (const id of ledger.world.projects.keys())
    checks.push(...(await checkProject(ledger, projects, id)));
  return { ok: checks.every((check) => check.verdict === 'ok'), checks };
}

/** The mirror is written a second after the first change; a busy machine takes longer. */
const MIRROR_DELAY_MS = 60_000;

type Finding = Omit<HealthCheck, 'name'>;

const ok = (detail: string): Finding => ({ verdict: 'ok', detail, help: null });
const failed = (detail: string, help: string): Finding => ({ verdict: 'failed', detail, help });

/** A check that could not run is unknown, which is not fine (safety rule 9). */
async function checked(
  name: string,
  check: () => Finding | Promise<Finding>,
): Promise<HealthCheck> {
  try {
    return { name, ...(await check()) };
  } catch (error) {
    const help =
      error instanceof VigilError ? error.help : 'Run it again; if it stays, please report it.';
    return { name, verdict: 'unknown', detail: messageOf(error), help };
  }
}

function checkNode(): Finding {
  const { node } = process.versions;
  return Number(node.split('.')[0]) >= 22
    ? ok(`Node ${node}`)
    : failed(`Node ${node} is too old`, 'Install Node 22 or newer.');
}

async function checkGit(): Promise<Finding> {
  const { stdout } = await promisify(execFile)('git', ['--version']);
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
  const [needMajor, needMinor] = LEAST_GIT;
  return major > needMajor || (major === needMajor && minor >= needMinor)
    ? ok(stdout.trim())
    : failed(`${stdout.trim()} is too old`, `Install git ${needMajor}.${needMinor} or newer.`);
}

async function checkHome(home: string): Promise<Finding> {
  const { mode } = await stat(home);
  const token = await stat(join(home, 'token')).catch(() => null);
  const open = [
    (mode & 0o077) !== 0 ? home : null,
    token && (token.mode & 0o077) !== 0 ? join(home, 'token') : null,
  ].filter((path) => path !== null);
  return open.length === 0
    ? ok(`${home}, readable by you only`)
    : failed(
        `others on this machine can read ${open.join(' and ')}`,
        `chmod go= ${open.join(' ')}`,
      );
}

async function checkDisk(home: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(home);
  const free = bavail * bsize;
  const detail = `${(free / 1024 / MIB).toFixed(1)} GiB free`;
  return free >= LEAST_DISK_BYTES
    ? ok(detail)
    : failed(`only ${detail}`, `Free some space on the disk of ${home}.`);
}

function checkMemory(): Finding {
  const free = process.availableMemory?.() ?? freemem();
  const detail = `${Math.round(free / MIB)} MiB available`;
  return free >= LEAST_MEMORY_BYTES
    ? ok(detail)
    : failed(`only ${detail}`, 'Close something, or give the machine more memory.');
}

function checkLog({ store }: Ledger): Finding {
  const from = Math.max(1, store.head.seq - CHECKED_EVENTS);
  const { checked: count, problem } = store.verify(from);
  if (problem !== null)
    return failed(
      `event ${problem.seq}: ${problem.what}`,
      'Restore vigil.db from a backup. Merged work is in git and is not touched.',
    );
  const detail = `${store.head.seq} events, the hashes of the last ${count} are right`;
  const copies = [...store.heads()].filter(([node]) => node !== store.node);
  for (const [node, { seq }] of copies) {
    const copy = store.verify(Math.max(1, seq - CHECKED_EVENTS), node).problem;
    const fork = store.forks.get(node);
    if (copy !== null)
      return failed(
        `the copy of ${node}'s log, event ${copy.seq}: ${copy.what}`,
        'It is put right from another node as soon as one that has it is connected.',
      );
    if (fork !== undefined)
      return failed(
        `the log of ${node} is forked at event ${fork.seq}: ${fork.what}`,
        `Its home was copied or an old backup of it restored: revoke ${node}, and let that machine join anew.`,
      );
  }
  return ok(copies.length === 0 ? detail : `${detail}; of ${copies.length} other nodes too`);
}

async function checkHeld(containment: Containment): Promise<Finding> {
  const { ok: can, detail, help } = await containment.check();
  return can
    ? ok(detail)
    : failed(
        `${detail}: agents do not work here, and commands of projects run as they are`,
        help ?? 'Run agents on a Linux or macOS machine.',
      );
}

async function checkProject(
  ledger: Ledger,
  projects: Projects,
  id: ProjectId,
): Promise<HealthCheck[]> {
  const { trouble, integration } = projects.state(id);
  return [
    await checked(`${id}: repository`, async () => {
      const { clone } = await projects.runtime(id);
      if (!clone.isHome)
        return ok(`on another node, integrated tree seen at ${await clone.integrationHead()}`);
      const user = clone.userRepository;
      const head = await resolveCommit(user, INTEGRATION_REF);
      if (head === null)
        return failed(`${user} has no branch vigil/integration`, `vigil project add ${user}`);
      if (integration !== null && !(await isAncestor(clone.repository, integration, head))) {
        return failed(
          `the integrated tree no longer holds ${integration.slice(0, 10)}, which was merged`,
          `git -C ${user} update-ref ${INTEGRATION_REF} ${integration}`,
        );
      }
      return ok(`${user}, integrated tree at ${head.slice(0, 10)}`);
    }),
    await checked(`${id}: work`, () =>
      trouble ? failed(trouble.reason, trouble.help) : ok('nothing stands in the way'),
    ),
    await checked(`${id}: queue mirror`, async () => {
      const runtime = await projects.runtime(id);
      if (!runtime.clone.isHome) return ok('kept by the node that has the repository');
      const { mirror } = runtime;
      if (mirror.trouble !== null)
        return failed(
          `refs/vigil/queue could not be written: ${mirror.trouble}`,
          'It is tried again with the next change.',
        );
      const seq = await mirror.position();
      const first = ledger.store.read({ project: id, types: ['task.added'], limit: 1 })[0];
      return seq === null && first && first.atMs < ledger.nowMs() - MIRROR_DELAY_MS
        ? failed('refs/vigil/queue is missing', 'Start the node: it writes it anew.')
        : ok(`refs/vigil/queue at event ${seq ?? 0}`);
    }),
  ];
}

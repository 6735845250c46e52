import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const project = join(import.meta.dirname, '../../..');
/** Where the machine sees this checkout, read-only. */
const INSIDE = '/opt/vigil';
/** The Node that runs this test, as the machine sees it. */
const NODE = process.execPath.replace(project, INSIDE);

export const USER = 'someone';

/** A machine with a real systemd as its first process, of which nothing stays when it is stopped. */
export interface SystemdMachine {
  /** Runs a program as root in it; resolves however it ends. */
  readonly root: (...command: readonly string[]) => Promise<Ran>;
  /** Runs a program in a login session of its user. */
  readonly user: (...command: readonly string[]) => Promise<Ran>;
  /** `vigil …` in a login session of its user. */
  readonly vigil: (...args: readonly string[]) => Promise<Ran>;
  /** `sudo vigil …`. */
  readonly sudoVigil: (...args: readonly string[]) => Promise<Ran>;
  readonly stop: () => Promise<void>;
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Everything that the machine writes goes into memory: its root is an overlay, its /tmp, /run, /dev and /var/log
 * are its own. What a boot does to a real machine (emptying /tmp, setting kernel variables, mounting) is masked.
 */
const BOOT = `
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
for folder in tmp run dev var/log; do mount -t tmpfs tmpfs $folder; done
chmod 1777 tmp
for device in null zero full random urandom tty; do
  touch dev/$device
  mount --bind /dev/$device dev/$device
done
mkdir dev/shm dev/pts
chmod 1777 dev/shm
mount -t devpts devpts dev/pts -o newinstance,ptmxmode=666
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mkdir -p .${INSIDE}
mount --bind "$2" .${INSIDE}
mount -o remount,ro,bind .${INSIDE}
ip link set lo up
units=etc/systemd/system
for unit in tmpfiles-setup tmpfiles-setup-dev sysctl modules-load remount-fs sysusers update-utmp \\
  binfmt udevd firstboot machine-id-commit random-seed; do
  ln -sf /dev/null $units/systemd-$unit.service
done
for unit in dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount \\
  sys-fs-fuse-connections.mount proc-sys-fs-binfmt_misc.automount; do
  ln -sf /dev/null $units/$unit
done
cat > $units/machine.target <<UNIT
[Unit]
Requires=dbus.service systemd-logind.service
After=dbus.service systemd-logind.service
UNIT
: > etc/fstab
rm -f etc/machine-id
chroot . systemd-id128 new > etc/machine-id
chroot . useradd --create-home --shell /bin/bash ${USER}
mkdir -p var/log/journal
# No chroot: whoever is in one may not make a user namespace, and no sandbox would work.
mkdir -p mnt
pivot_root . mnt
exec env container=test sh -c 'umount -l /mnt && exec /lib/systemd/systemd --system --unit=machine.target'
`;

/** Boots it; resolves when it runs and its user is logged in. Needs root on Linux. */
export async function bootMachine(): Promise<SystemdMachine> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-machine-'));
  const script = join(folder, 'boot.sh');
  writeFileSync(script, BOOT);
  const cgroup = await ownCgroup();
  const child = spawn(
    'sh',
    [
      ...['-c', 'echo $$ > "$0/cgroup.procs" && exec unshare "$@"', cgroup],
      ...['--pid', '--fork', '--kill-child', '--mount', '--cgroup', '--uts', '--ipc', '--net'],
      ...['sh', script, folder, project],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'], TERM: 'dumb' } },
  );
  let said = '';
  child.stderr.on('data', (part: Buffer) => (said = (said + part.toString()).slice(-4_000)));
  const root = (...command: readonly string[]) => {
    const first = childOf(child);
    if (first === null) return Promise.resolve({ code: 1, out: '', err: 'it has not begun' });
    return ran('nsenter', [
      ...['--target', `${first}`, '--mount', '--pid', '--uts', '--ipc', '--cgroup', '--net'],
      ...['--wd=/', '--', ...command],
    ]);
  };
  const until = async (what: string, ...command: readonly string[]) => {
    for (;;) {
      if ((await root(...command)).code === 0) return;
      if (child.exitCode !== null) throw new Error(`no machine (${what}): ${said}`);
      await setTimeout(100);
    }
  };
  await until('boot', 'systemctl', 'is-system-running');
  await root('loginctl', 'enable-linger', USER);
  const uid = (await root('id', '-u', USER)).out.trim();
  const runtime = `XDG_RUNTIME_DIR=/run/user/${uid}`;
  const user = (...command: readonly string[]) =>
    root('runuser', '--login', USER, '-c', [runtime, ...command.map(shellWord)].join(' '));
  await until(
    'its user',
    'runuser',
    '--login',
    USER,
    '-c',
    `${runtime} systemctl --user is-system-running`,
  );
  await root('loginctl', 'disable-linger', USER);
  const cli = [NODE, `${INSIDE}/bin/vigil.js`];
  return {
    root,
    user,
    vigil: (...args) => user(...cli, ...args),
    sudoVigil: (...args) => root(...cli, ...args),
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null) {
        const first = childOf(child);
        // With the first process of its namespace every other one ends.
        if (first !== null) process.kill(first, 'SIGKILL');
        await gone;
      }
      await removeCgroup(cgroup);
    },
  };
}

/** The process that `unshare` made; null until it is there. */
function childOf({ pid }: ChildProcess): number | null {
  if (pid === undefined) return null;
  try {
    const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return first === undefined || first === '' ? null : Number(first);
  } catch {
    // It has ended.
    return null;
  }
}

/** A control group of the second kind, which the machine takes for the whole tree. */
async function ownCgroup(): Promise<string> {
  const mounted = await ran('findmnt', ['--noheadings', '--output', 'TARGET', '-t', 'cgroup2']);
  const tree = mounted.out.split('\n')[0]?.trim();
  if (tree === undefined || tree === '') throw new Error('this machine has no cgroup2');
  const folder = join(tree, `vigil-test-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

async function removeCgroup(folder: string): Promise<void> {
  const below = await ran('find', [folder, '-depth', '-type', 'd']);
  for (const path of below.out.split('\n').filter(Boolean)) {
    try {
      rmdirSync(path);
    } catch {
      // Something in it has not ended yet; the next run has its own.
    }
  }
}

function ran(program: string, args: readonly string[]): Promise<Ran> {
  // The machine has buses of its own.
  const { DBUS_SESSION_BUS_ADDRESS, DBUS_SYSTEM_BUS_ADDRESS, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(program, args, { env, maxBuffer: 16_000_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
    });
  });
}

function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

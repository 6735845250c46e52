import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where systems put a browser that Playwright can drive. */
const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** What the tests need of the system: how to see whether it is there, and Debian's package of it. */
const NEEDED: readonly {
  readonly what: string;
  readonly there: () => boolean;
  readonly debian: string;
}[] = [
  { what: 'Chromium or Chrome', there: () => findBrowser() !== null, debian: 'chromium' },
  // The sandbox stands on these three on Linux, and on ripgrep elsewhere too.
  { what: 'bubblewrap', there: () => !onLinux || onPath('bwrap'), debian: 'bubblewrap' },
  { what: 'socat', there: () => !onLinux || onPath('socat'), debian: 'socat' },
  { what: 'ripgrep', there: () => onPath('rg'), debian: 'ripgrep' },
  // The shell: a screen and a session bus for it, and what Electron is linked to beyond Chromium.
  { what: 'Xvfb', there: () => !onLinux || onPath('Xvfb'), debian: 'xvfb' },
  { what: 'dbus-daemon', there: () => !onLinux || onPath('dbus-daemon'), debian: 'dbus' },
  ...(
    [
      ['libgtk-3.so.0', 'libgtk-3-0'],
      ['libnss3.so', 'libnss3'],
      ['libasound.so.2', 'libasound2'],
      ['libgbm.so.1', 'libgbm1'],
      ['libcups.so.2', 'libcups2'],
      ['libatk-bridge-2.0.so.0', 'libatk-bridge2.0-0'],
      ['libatspi.so.0', 'libatspi2.0-0'],
      ['libxkbcommon.so.0', 'libxkbcommon0'],
      ['libXcomposite.so.1', 'libxcomposite1'],
      ['libXdamage.so.1', 'libxdamage1'],
      ['libXfixes.so.3', 'libxfixes3'],
      ['libXrandr.so.2', 'libxrandr2'],
      ['libdrm.so.2', 'libdrm2'],
      ['libnotify.so.4', 'libnotify4'],
    ] as const
  ).map(([library, debian]) => ({
    what: library,
    there: () => !onLinux || hasLibrary(library),
    debian,
  })),
  // What the packager makes an archive with.
  { what: '7za', there: () => !onLinux || onPath('7za'), debian: 'p7zip-full' },
  // Networks of the tests' own, and clocks that jump.
  { what: 'ip', there: () => !canMakeNetworks || onPath('ip'), debian: 'iproute2' },
  { what: 'iptables', there: () => !canMakeNetworks || onPath('iptables'), debian: 'iptables' },
  // A machine with a systemd of its own, for the service.
  { what: 'systemd', there: () => !canMakeNetworks || existsSync(SYSTEMD), debian: 'systemd' },
  {
    what: 'loginctl',
    there: () => !canMakeNetworks || existsSync(PAM_SYSTEMD),
    debian: 'libpam-systemd',
  },
  { what: 'faketime', there: () => !canMakeNetworks || onPath('faketime'), debian: 'faketime' },
];

/** Debian's folder for the libraries of an architecture, by Node's name of it. */
const MULTIARCH: Readonly<Record<string, string>> = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
};

const SYSTEMD = '/lib/systemd/systemd';
/** What makes a login a session of systemd: without it a user has no manager. */
const PAM_SYSTEMD = '/usr/share/pam-configs/systemd';

const onLinux = process.platform === 'linux';

/** Network namespaces, mounts and rules for packets are for root on Linux. */
export const canMakeNetworks = onLinux && process.getuid?.() === 0;

/** The browser of this machine, or null. */
export function findBrowser(): string | null {
  return BROWSERS.find((path) => existsSync(path)) ?? null;
}

/**
 * Run before the tests: where this is root on Debian (a container, a CI machine), installs what is
 * missing; elsewhere says what to install, and the tests that need it then fail.
 */
function ensurePackages(): void {
  const missing = NEEDED.filter(({ there }) => !there());
  if (missing.length === 0) return;
  const names = missing.map(({ what }) => what).join(', ');
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(`Install for the tests: ${names}.`);
    return;
  }
  console.error(`Installing for the tests: ${names}…`);
  const apt = (...args: string[]) =>
    execFileSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt('update', '-qq');
  const packages = missing.map(({ debian }) => debian);
  apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
}

/** Whether the loader finds it where distributions put it. */
function hasLibrary(name: string): boolean {
  return ['/usr/lib', '/usr/lib64', `/usr/lib/${MULTIARCH[process.arch] ?? ''}`].some((folder) =>
    existsSync(join(folder, name)),
  );
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      // Not in this one.
      return false;
    }
  });
}

if (import.meta.main) ensurePackages();

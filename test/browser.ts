import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where systems put a browser that Playwright can drive. */
const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The browser of this machine, or null. */
export function findBrowser(): string | null {
  return BROWSERS.find((path) => existsSync(path)) ?? null;
}

/**
 * Run before the tests: where there is no browser and this is root on Debian (a container, a CI machine),
 * installs its Chromium; elsewhere says what to do, and the page's tests then fail.
 */
function ensureBrowser(): void {
  if (findBrowser() !== null) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error('No Chromium or Chrome was found: install one for the tests of the page.');
    return;
  }
  console.error('Installing Chromium for the tests of the page…');
  const apt = (...args: string[]) =>
    execFileSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', 'chromium');
}

if (import.meta.main) ensureBrowser();

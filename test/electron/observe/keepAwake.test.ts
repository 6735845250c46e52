import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { detectCapabilities } from '../../../electron/observe/capabilities.ts';
import { KeepAwake } from '../../../electron/observe/keepAwake.ts';
import { folderWith } from './folder.ts';

const PLUGGED = { source: 'ac', charge: 1 } as const;
const ON_BATTERY = { source: 'battery', charge: 1 } as const;
const UNKNOWN = { source: null, charge: null } as const;

/** Programs of these names come first on PATH; each is a shell script. */
function onPath(scripts: Readonly<Record<string, string>>): string {
  const folder = folderWith(
    Object.fromEntries(
      Object.entries(scripts).map(([name, body]) => [name, `#!/bin/sh\n${body}\n`]),
    ),
    0o755,
  );
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  return folder;
}

/** As systemd-inhibit: writes down what it was asked and its number, and runs the command. */
const INHIBIT = `echo "$$ $*" >> "$(dirname "$0")/held"
while [ "\${1#--}" != "$1" ]; do shift; done
"$@"
echo ended >> "$(dirname "$0")/held"`;
/** As caffeinate: until it is ended. */
const CAFFEINATE = `echo "$$ $*" >> "$(dirname "$0")/held"
exec sleep 1000`;

function held(folder: string): string[] {
  const file = join(folder, 'held');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

function isAlive(line: string | undefined): boolean {
  try {
    process.kill(Number(line?.split(' ')[0]), 0);
    return true;
  } catch {
    return false;
  }
}

function keeper(...options: ConstructorParameters<typeof KeepAwake>): KeepAwake {
  const awake = new KeepAwake(...options);
  onTestFinished(() => awake.release());
  return awake;
}

test('Linux is held awake by systemd-inhibit while a task runs on the mains', async () => {
  const folder = onPath({ 'systemd-inhibit': INHIBIT });
  const awake = keeper('ac', 'linux');
  awake.update(false, PLUGGED);
  expect(awake.holding).toBe(false);
  awake.update(true, PLUGGED);
  awake.update(true, PLUGGED);
  await expect.poll(() => held(folder)).toHaveLength(1);
  expect(held(folder)[0]).toMatch(/--what=idle:sleep --mode=block .* cat$/);
  awake.update(false, PLUGGED);
  await expect.poll(() => isAlive(held(folder)[0])).toBe(false);
  expect(awake).toMatchObject({ holding: false, trouble: null });
  awake.update(true, PLUGGED);
  await expect.poll(() => held(folder).filter((line) => line.endsWith('cat'))).toHaveLength(2);
});

test('macOS is held awake by caffeinate, which watches the node', async () => {
  const folder = onPath({ caffeinate: CAFFEINATE });
  const awake = keeper('ac', 'darwin');
  awake.update(true, PLUGGED);
  await expect.poll(() => held(folder)).toHaveLength(1);
  expect(held(folder)[0]).toMatch(new RegExp(`-i -w ${process.pid}$`));
  // Pulled out of the socket.
  awake.update(true, ON_BATTERY);
  await expect.poll(() => isAlive(held(folder)[0])).toBe(false);
});

test('never on battery or on a source that nobody knows, unless told', () => {
  onPath({ 'systemd-inhibit': INHIBIT });
  const holds = (mode: 'ac' | 'always' | 'never', power: Parameters<KeepAwake['update']>[1]) => {
    const awake = keeper(mode, 'linux');
    awake.update(true, power);
    return awake.holding;
  };
  expect([PLUGGED, ON_BATTERY, UNKNOWN].map((power) => holds('ac', power))).toEqual([
    true,
    false,
    false,
  ]);
  expect([PLUGGED, ON_BATTERY, UNKNOWN].map((power) => holds('always', power))).toEqual([
    true,
    true,
    true,
  ]);
  expect([PLUGGED, ON_BATTERY].map((power) => holds('never', power))).toEqual([false, false]);
});

test('a program that is missing or may not hold is told of and tried once', async () => {
  vi.stubEnv('PATH', folderWith());
  onTestFinished(() => void vi.unstubAllEnvs());
  const without = keeper('ac', 'darwin');
  without.update(true, PLUGGED);
  await expect
    .poll(() => without.trouble)
    .toBe('the machine is not kept awake: caffeinate is not there');
  without.update(true, PLUGGED);
  expect(without.holding).toBe(false);
  vi.unstubAllEnvs();
  onPath({ 'systemd-inhibit': 'exit 1' });
  const refused = keeper('ac', 'linux');
  refused.update(true, PLUGGED);
  await expect
    .poll(() => refused.trouble)
    .toBe('the machine is not kept awake: systemd-inhibit ended with 1');
  expect(keeper('ac', 'aix').trouble).toBeNull();
});

test('a node that is killed lets its machine sleep', async () => {
  const folder = onPath({ 'systemd-inhibit': INHIBIT });
  const module = join(import.meta.dirname, '../../../electron/observe/keepAwake.ts');
  const node = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `const { KeepAwake } = await import(${JSON.stringify(module)});
     new KeepAwake('always', 'linux').update(true, { source: null, charge: null });
     setInterval(() => {}, 1000);`,
  ]);
  onTestFinished(() => void node.kill('SIGKILL'));
  await expect.poll(() => held(folder), { timeout: 20_000 }).toHaveLength(1);
  node.kill('SIGKILL');
  await once(node, 'exit');
  await expect.poll(() => held(folder)).toContain('ended');
});

test('a machine has the labels of what works on it', async () => {
  const answers = (docker: string, xcode: string) => {
    onPath({ docker, 'xcode-select': xcode });
    return detectCapabilities('darwin');
  };
  const { arch } = process;
  expect(await answers('echo 27.3.1', 'echo /Applications/Xcode.app/Contents/Developer')).toEqual(
    ['docker', 'macos', arch, 'xcode'].sort(),
  );
  // A client without its daemon, and the command line tools without Xcode.
  const client = "echo 'Cannot connect to the Docker daemon' >&2; echo; exit 1";
  expect(await answers(client, 'echo /Library/Developer/CommandLineTools')).toEqual(
    ['macos', arch].sort(),
  );
  expect(await answers('exit 1', 'exit 2')).toEqual(['macos', arch].sort());
  onPath({ docker: 'exit 1' });
  expect(await detectCapabilities('linux')).toEqual(['linux', arch].sort());
});

test('where another program can hold the machine, only one of the two does', async () => {
  const folder = onPath({ caffeinate: CAFFEINATE, 'systemd-inhibit': 'exit 1' });
  const mac = keeper('ac', 'darwin');
  mac.update(true, PLUGGED, true);
  expect(mac).toMatchObject({ holding: false, asksHelper: true });
  mac.update(true, ON_BATTERY, true);
  expect(mac.asksHelper).toBe(false);
  // The helper has gone: the node does it itself.
  mac.update(true, PLUGGED, false);
  await expect.poll(() => held(folder)).toHaveLength(1);
  expect(mac.asksHelper).toBe(false);

  const linux = keeper('ac', 'linux');
  linux.update(true, PLUGGED, true);
  expect(linux.asksHelper).toBe(false);
  // What holds it here was refused: then the helper is asked, and nothing is left to complain of.
  await expect.poll(() => linux.trouble).toMatch('systemd-inhibit ended with 1');
  linux.update(true, PLUGGED, true);
  expect(linux).toMatchObject({ asksHelper: true, trouble: null });
  linux.update(true, PLUGGED, false);
  expect(linux).toMatchObject({ asksHelper: false });
  expect(linux.trouble).not.toBeNull();

  const never = keeper('never', 'darwin');
  never.update(true, PLUGGED, true);
  expect(never.asksHelper).toBe(false);
});

import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProviderKeys } from '../../../electron/gateway/keys.ts';
import { ProviderId } from '../../../shared/model/agent.ts';

const id = ProviderId.parse('open-router');
const KEY = `sk-"quoted"\\and-long-0123456789`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-keys-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A tool on the PATH that keeps what it is told in a file, as a keychain's own would. */
function tool(name: string, script: string): NodeJS.ProcessEnv {
  writeFileSync(join(folder, name), `#!/bin/sh\nkept="${folder}/kept"\n${script}\n`, {
    mode: 0o755,
  });
  return { PATH: `${folder}:${process.env['PATH']}`, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/there' };
}

const SECRET_TOOL = `echo "$@" >> "${'$'}kept.args"
case "$1" in
  store) cat > "$kept";;
  lookup) cat "$kept";;
  clear) rm -f "$kept";;
esac`;

/** As \`security\` does it: the command comes by standard input, quoted. */
const SECURITY = `echo "$@" >> "$kept.args"
case "$1" in
  -i) sed 's/.*-w "\\(.*\\)"$/\\1/; s/\\\\"/"/g; s/\\\\\\\\/\\\\/g' > "$kept";;
  find-generic-password) cat "$kept";;
  delete-generic-password) rm "$kept";;
esac`;

describe('without a keychain', () => {
  const keys = () => new ProviderKeys(folder, { env: {}, platform: 'linux' });

  it('keeps keys in a file that only its user can read', async () => {
    expect(keys().get(id)).toBeNull();
    expect(await keys().set(id, KEY)).toBe('file');
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
    expect(keys().get(id)).toBe(KEY);
    expect(await keys().source(id)).toBe('file');
    await keys().delete(id);
    expect(await keys().source(id)).toBe('none');
  });

  it('uses a new key at once', async () => {
    const one = keys();
    await one.set(id, 'first');
    expect(one.get(id)).toBe('first');
    await one.set(id, 'second');
    expect(one.get(id)).toBe('second');
    await one.delete(id);
    expect(one.get(id)).toBeNull();
  });

  it('refuses a file that others can read, and says what helps', async () => {
    await keys().set(id, KEY);
    chmodSync(join(folder, 'keys.json'), 0o640);
    const path = join(folder, 'keys.json');
    expect(() => keys().get(id)).toThrow(/can be read by others \(mode 640\)/);
    await expect(keys().set(id, 'other')).rejects.toMatchObject({
      code: 'unauthorized',
      help: expect.stringContaining(`chmod 600 ${path}`) as string,
    });
  });

  it('never quotes a broken file, since its text is keys', () => {
    writeFileSync(join(folder, 'keys.json'), `{"open-router": ${KEY}`, { mode: 0o600 });
    expect(() => keys().get(id)).toThrow(/not a JSON object/);
    expect(() => keys().get(id)).not.toThrow(/sk-/);
  });

  it.each(['', 'two words', 'line\nbreak', 'schlüssel'])('refuses %j as a key', async (key) => {
    await expect(keys().set(id, key)).rejects.toMatchObject({ code: 'invalid-input' });
  });
});

it('takes the key of the environment before any other', async () => {
  const env = { VIGIL_KEY_OPEN_ROUTER: 'from-the-environment' };
  const keys = new ProviderKeys(folder, { env, platform: 'linux' });
  await keys.set(id, KEY);
  expect(keys.get(id)).toBe('from-the-environment');
  expect(await keys.source(id)).toBe('environment');
});

describe.each([
  ['linux', 'secret-tool', SECRET_TOOL],
  ['darwin', 'security', SECURITY],
] as const)('with the keychain of %s', (platform, name, script) => {
  it('keeps keys there, out of the file and out of every argument', async () => {
    const env = tool(name, script);
    const keys = new ProviderKeys(folder, { env, platform });
    expect(keys.get(id)).toBeNull();
    expect(await keys.set(id, KEY)).toBe('keychain');
    expect(new ProviderKeys(folder, { env, platform }).get(id)).toBe(KEY);
    expect(await keys.source(id)).toBe('keychain');
    expect(readFileSync(join(folder, 'kept.args'), 'utf8')).not.toContain('sk-');
    await keys.delete(id);
    expect(keys.get(id)).toBeNull();
  });

  it('falls back to the file when the keychain takes nothing', async () => {
    const keys = new ProviderKeys(folder, { env: tool(name, 'exit 0'), platform });
    expect(await keys.set(id, KEY)).toBe('file');
    expect(keys.get(id)).toBe(KEY);
  });
});

it('has no keychain on Linux without a session', async () => {
  const { PATH } = tool('secret-tool', SECRET_TOOL);
  const keys = new ProviderKeys(folder, { env: { PATH }, platform: 'linux' });
  expect(await keys.set(id, KEY)).toBe('file');
});

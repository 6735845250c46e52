import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canMakeNetworks } from '../../systemPackages.ts';
import { bootMachine, USER, type Ran, type SystemdMachine } from './systemdMachine.ts';

const State = z.object({
  file: z.string().nullable(),
  running: z.boolean(),
  enabled: z.boolean(),
  pid: z.number().nullable(),
  detail: z.string(),
  url: z.string().nullable(),
});

/** Waits for a fact about the machine, asking again and again. */
async function until<T>(ask: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    await setTimeout(100);
  }
}

// A machine of one's own is for root on Linux; elsewhere there is no systemd to try it on.
describe.runIf(canMakeNetworks)('vigil service, on a real systemd', { timeout: 120_000 }, () => {
  let machine: SystemdMachine;
  const state = async () =>
    State.parse(JSON.parse((await machine.vigil('service', 'status', '--json')).out));
  beforeAll(async () => {
    machine = await bootMachine();
  }, 60_000);
  afterAll(() => machine.stop(), 60_000);

  it('of a user: installs, holds sandboxes, starts again after a kill, and goes without a trace', async () => {
    const first = await machine.vigil('service', 'install');
    expect(first.err + first.out).toContain(
      'Wrote /home/someone/.config/systemd/user/vigil.service',
    );
    expect(first.out).toContain('The node answers at http://127.0.0.1:');
    expect(first.out).toContain('loginctl enable-linger');
    expect((await machine.vigil('service', 'install')).out).toContain('nothing was changed');

    // What systemd itself thinks of the file.
    const unit = '/home/someone/.config/systemd/user/vigil.service';
    expect(await machine.user('systemd-analyze', '--user', 'verify', unit)).toEqual({
      code: 0,
      out: '',
      err: '',
    });
    expect((await machine.vigil('doctor')).out).toContain('agents can be held');

    const before = await state();
    expect(before).toMatchObject({ running: true, enabled: true });
    await machine.root('kill', '-9', `${before.pid}`);
    const after = await until(async () => {
      const now = await state();
      return now.url !== null && now.pid !== before.pid ? now : null;
    });
    expect(after.detail).toContain('restarted 1×');

    const token = (await machine.root('cat', '/home/someone/.local/share/vigil/token')).out.trim();
    const logs = await machine.vigil('service', 'logs');
    expect(logs.out).toContain('Vigil 0.');
    expect(logs.out).not.toContain(token);

    expect((await machine.vigil('service', 'uninstall')).out).toContain('is as it was');
    expect(await state()).toMatchObject({ file: null, running: false, enabled: false, url: null });
    expect(
      (await machine.root('test', '-s', '/home/someone/.local/share/vigil/vigil.db')).code,
    ).toBe(0);
    expect((await machine.vigil('service', 'uninstall')).out).toContain('No service');
  });

  it('of the machine: runs as the user that is named, with sandboxes', async () => {
    const options = ['--system', '--user', USER];
    const installed = await machine.sudoVigil('service', 'install', ...options);
    expect(installed.err + installed.out).toContain('Wrote /etc/systemd/system/vigil.service');
    const { pid } = State.parse(
      JSON.parse((await machine.sudoVigil('service', 'status', ...options, '--json')).out),
    );
    expect((await machine.root('ps', '-o', 'user=', '-p', `${pid}`)).out.trim()).toBe(USER);
    expect((await machine.vigil('doctor')).out).toContain('agents can be held');
    const gone = await machine.sudoVigil('service', 'uninstall', ...options);
    expect(gone.out).toContain('removed /etc/systemd/system/vigil.service');
  });

  it('takes a home with spaces, quotes, percent and dollar signs', async () => {
    const home = `/home/someone/it's "100%" $HOME`;
    const installed = await machine.vigil('--home', home, 'service', 'install');
    expect(installed.err + installed.out).toContain(`home ${home}`);
    expect((await machine.root('test', '-s', `${home}/vigil.db`)).code).toBe(0);
    await machine.vigil('--home', home, 'service', 'uninstall');
  });

  it('says what is in its way', async () => {
    const said = async (ran: Promise<Ran>) => (await ran).err;
    expect(await said(machine.vigil('service', 'install', '--system'))).toContain('needs root');
    expect(await said(machine.vigil('service', 'install', '--user', 'bob'))).toContain(
      'for --system',
    );
    expect(await said(machine.sudoVigil('service', 'install', '--system'))).toContain(
      '--user NAME',
    );
    expect(
      await said(machine.sudoVigil('service', 'install', '--system', '--user', 'nobody-such')),
    ).toContain('there is no user nobody-such');
    // root without a session, as with `su`.
    expect(await said(machine.sudoVigil('service', 'install'))).toContain(
      "your user's systemd does not answer",
    );

    const own = '/home/someone/.config/systemd/user/vigil.service';
    await machine.user('sh', '-c', `mkdir -p $(dirname ${own}); echo '[Service]' > ${own}`);
    expect(await said(machine.vigil('service', 'install'))).toContain('was not written by Vigil');
    await machine.root('rm', own);
  });

  it('does not start a second node where one was started by hand', async () => {
    await machine.root(
      ...[
        'systemd-run',
        '--quiet',
        `--uid=${USER}`,
        '--unit=by-hand',
        '--setenv=HOME=/home/someone',
      ],
      ...[process.execPath.replace(join(import.meta.dirname, '../../..'), '/opt/vigil')],
      ...['/opt/vigil/bin/vigil.js', 'up'],
    );
    await until(async () => ((await state()).url === null ? null : true));
    const refused = await machine.vigil('service', 'install');
    expect(refused.err).toContain('started by hand');
    await machine.root('systemctl', 'stop', 'by-hand');
  });
});

describe.runIf(process.platform === 'linux')('vigil service', () => {
  it('says so where systemd does not run', async () => {
    const failed = await new Promise<string>((resolve) => {
      execFile(
        process.execPath,
        [join(import.meta.dirname, '../../../electron/cli/main.ts'), 'service', 'install'],
        {
          env: {
            PATH: process.env['PATH'],
            HOME: '/nonexistent',
            VIGIL_HOME: tmpdir(),
            XDG_RUNTIME_DIR: '/nonexistent',
            DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent',
          },
        },
        (_error, _out, err) => resolve(err),
      );
    });
    expect(failed).toMatch(/systemd does not (run|answer)/);
  });
});

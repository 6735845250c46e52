import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { ServiceSpec } from '../../../shared/service/serviceSpec.ts';
import { systemdUnit, type UnitScope } from '../../../shared/service/systemdUnit.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { ServiceManager, ServiceState } from './manager.ts';
import { mustRun, ownFile, run } from './run.ts';

const UNIT = 'vigil.service';

/** The user's systemd, or the machine's. Throws `conflict` where it does not answer. */
export async function systemd(scope: UnitScope, spec: () => ServiceSpec): Promise<ServiceManager> {
  const flags = scope.kind === 'user' ? ['--user'] : [];
  const file = join(
    scope.kind === 'user'
      ? join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'systemd/user')
      : '/etc/systemd/system',
    UNIT,
  );
  const control = (...args: string[]) => mustRun('systemctl', ...flags, ...args);
  await mustAnswer(scope);

  const state = async (): Promise<ServiceState> => {
    const shown = await run('systemctl', ...flags, 'show', UNIT, `--property=${PROPERTIES}`);
    const is = new Map(shown.out.split('\n').map((line) => splitOnce(line)));
    const pid = Number(is.get('MainPID'));
    const restarts = Number(is.get('NRestarts'));
    return {
      file: existsSync(file) ? file : null,
      running: is.get('ActiveState') === 'active',
      enabled: is.get('UnitFileState') === 'enabled',
      pid: pid > 0 ? pid : null,
      detail:
        `${is.get('ActiveState') ?? 'unknown'} (${is.get('SubState') ?? 'unknown'})` +
        (is.get('Result') === 'success' ? '' : `, last ended by ${is.get('Result') ?? 'unknown'}`) +
        (restarts > 0 ? `, restarted ${restarts}×` : ''),
    };
  };

  return {
    state,
    install: async () => {
      const text = unitText(spec(), scope);
      const done: string[] = [];
      const changed = ownFile(file) !== text;
      if (changed) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
        done.push(`wrote ${file}`);
        await control('daemon-reload');
      }
      const before = await state();
      if (!before.enabled) {
        await control('enable', '--quiet', UNIT);
        done.push(
          scope.kind === 'user' ? 'it starts with your session' : 'it starts with the machine',
        );
      }
      if (changed || !before.running) {
        // What failed too often before is not started again without this.
        await run('systemctl', ...flags, 'reset-failed', UNIT);
        await control('restart', UNIT);
        done.push(before.running ? 'restarted it' : 'started it');
      }
      if (scope.kind === 'user') done.push(...(await linger()));
      return done;
    },
    uninstall: async () => {
      if (ownFile(file) === null) return [];
      await control('disable', '--quiet', '--now', UNIT);
      rmSync(file);
      await control('daemon-reload');
      await run('systemctl', ...flags, 'reset-failed', UNIT);
      return [`stopped it and removed ${file}`];
    },
    logCommand: (lines, follow) => [
      'journalctl',
      ...flags,
      `--unit=${UNIT}`,
      '--no-pager',
      `--lines=${lines}`,
      ...(follow ? ['--follow'] : []),
    ],
  };
}

const PROPERTIES = 'ActiveState,SubState,MainPID,UnitFileState,Result,NRestarts';

async function mustAnswer(scope: UnitScope): Promise<void> {
  const flags = scope.kind === 'user' ? ['--user'] : [];
  const version = await run('systemctl', ...flags, 'show', '--property=Version');
  // In a chroot it answers with nothing and succeeds.
  if (version.out.startsWith('Version=')) return;
  const machine = await run('systemctl', 'show', '--property=Version');
  if (machine.out.startsWith('Version=')) {
    throw new VigilError(
      'conflict',
      `your user's systemd does not answer: ${version.said}`,
      'Log in as this user (by ssh or `machinectl shell NAME@`; `su` is no login), or use `sudo vigil service install --system --user NAME`.',
    );
  }
  throw new VigilError(
    'conflict',
    `systemd does not run on this machine: ${machine.said}`,
    'Have your own service manager run `vigil up` as your user; it ends in order on SIGTERM.',
  );
}

function unitText(spec: ServiceSpec, scope: UnitScope): string {
  try {
    return systemdUnit(spec, scope);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new VigilError('invalid-input', error.message, 'Give a home without control characters.');
  }
}

/** Has the user's manager run while nobody is logged in, or says how. */
async function linger(): Promise<readonly string[]> {
  const { username } = userInfo();
  const now = await run('loginctl', 'show-user', username, '--property=Linger', '--value');
  if (now.out === 'yes') return [];
  const set = await run('loginctl', '--no-ask-password', 'enable-linger', username);
  return [
    set.ok
      ? 'it runs while you are not logged in (loginctl enable-linger)'
      : `it ends when you log out: run \`sudo loginctl enable-linger ${username}\` so that it stays`,
  ];
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}

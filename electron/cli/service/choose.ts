import { mkdirSync, realpathSync, chownSync, existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { MALLOC, NODE_FLAGS } from '../../client/launch.ts';
import type { ServiceSpec } from '../../../shared/service/serviceSpec.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { asNode } from '../../tools/runTool.ts';
import { launchd } from './launchd.ts';
import type { ServiceManager } from './manager.ts';
import { run } from './run.ts';
import { systemd } from './systemd.ts';

export interface ServiceOptions {
  readonly system?: boolean;
  readonly user?: string;
  readonly home?: string;
}

/** The service manager that is meant, and the home that its node has. Throws `misuse` and `conflict`. */
export async function chooseService(
  home: string,
  options: ServiceOptions,
): Promise<{ manager: ServiceManager; home: string }> {
  if (options.user !== undefined && options.system !== true) {
    throw new VigilError('misuse', '--user is for --system', 'Leave it out, or add --system.');
  }
  if (process.platform === 'darwin') {
    if (options.system === true) {
      throw new VigilError(
        'misuse',
        '--system is for Linux',
        'On macOS a launchd agent of your user runs the node: leave --system out.',
      );
    }
    return { manager: launchd(() => specOf(home)), home };
  }
  if (options.system !== true) {
    return { manager: await systemd({ kind: 'user' }, () => specOf(home)), home };
  }
  if (process.getuid?.() !== 0) {
    throw new VigilError(
      'misuse',
      '--system writes to /etc/systemd/system and needs root',
      'Put `sudo` before it, or leave --system out: a service of your user needs no root.',
    );
  }
  const user = options.user ?? process.env['SUDO_USER'];
  if (user === undefined) {
    throw new VigilError(
      'misuse',
      '--system needs to know whose node it is',
      'Add --user NAME: a user who has the projects and is logged in to the agents.',
    );
  }
  const account = await accountOf(user);
  const theirs =
    options.home === undefined && !process.env['VIGIL_HOME']
      ? join(account.folder, '.local/share/vigil')
      : home;
  const spec = () => {
    if (!existsSync(theirs)) {
      // systemd starts nothing in a folder that is not there, and root must not own it.
      const made = mkdirSync(theirs, { recursive: true, mode: 0o700 });
      if (made !== undefined) chownUp(theirs, made, account);
    }
    return specOf(theirs, { HOME: account.folder, USER: user, LOGNAME: user });
  };
  return { manager: await systemd({ kind: 'system', user }, spec), home: theirs };
}

/** What is run: this program, by this Node, with this terminal's way to the agents. */
function specOf(home: string, more: Readonly<Record<string, string>> = {}): ServiceSpec {
  const entry = realpathSync(process.argv[1] ?? '');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return {
    command: [process.execPath, ...NODE_FLAGS, entry, 'up', '--service'],
    home,
    environment: {
      ...more,
      VIGIL_HOME: home,
      PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      ...MALLOC,
      // In the packaged app this Node is Electron's.
      ...asNode(process.versions['electron']),
    },
  };
}

interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly folder: string;
}

async function accountOf(user: string): Promise<Account> {
  const own = userInfo();
  if (own.username === user) return { uid: own.uid, gid: own.gid, folder: own.homedir };
  const [, , uid, gid, , folder] = (await run('getent', 'passwd', user)).out.split(':');
  if (uid === undefined || gid === undefined || folder === undefined) {
    throw new VigilError('not-found', `there is no user ${user}`, 'See `getent passwd` for names.');
  }
  return { uid: Number(uid), gid: Number(gid), folder };
}

/** Gives the folders from `first` down to `folder`, which were just made, to the user. */
function chownUp(folder: string, first: string, { uid, gid }: Account): void {
  for (let path = folder; path.length >= first.length; path = join(path, '..')) {
    chownSync(path, uid, gid);
  }
}

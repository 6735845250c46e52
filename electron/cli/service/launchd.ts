import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { LAUNCHD_LABEL, launchdAgent } from '../../../shared/service/launchdAgent.ts';
import type { ServiceSpec } from '../../../shared/service/serviceSpec.ts';
import type { ServiceManager, ServiceState } from './manager.ts';
import { mustRun, ownFile, run } from './run.ts';

/** The launchd of the user who is logged in. */
export function launchd(spec: () => ServiceSpec): ServiceManager {
  const file = join(homedir(), 'Library/LaunchAgents', `${LAUNCHD_LABEL}.plist`);
  const logFile = join(homedir(), 'Library/Logs/vigil.log');
  const domain = `gui/${process.getuid?.() ?? 0}`;
  const target = `${domain}/${LAUNCHD_LABEL}`;

  const state = async (): Promise<ServiceState> => {
    const printed = await run('launchctl', 'print', target);
    const word = (name: string) => new RegExp(`^\\s*${name} = (.+)$`, 'm').exec(printed.out)?.[1];
    const pid = Number(word('pid'));
    const ended = word('last exit code');
    return {
      file: existsSync(file) ? file : null,
      running: printed.ok && word('state') === 'running',
      enabled: printed.ok,
      pid: pid > 0 ? pid : null,
      detail: printed.ok
        ? `${word('state') ?? 'unknown'}${ended === undefined ? '' : `, last ended with ${ended}`}`
        : 'not loaded',
    };
  };

  return {
    state,
    install: async () => {
      const text = launchdAgent(spec(), logFile);
      const done: string[] = [];
      const changed = ownFile(file) !== text;
      if (changed) {
        mkdirSync(dirname(file), { recursive: true });
        mkdirSync(dirname(logFile), { recursive: true });
        writeFileSync(file, text);
        done.push(`wrote ${file}`);
      }
      const before = await state();
      if (changed && before.enabled) await mustRun('launchctl', 'bootout', target);
      if (changed || !before.enabled) {
        await mustRun('launchctl', 'bootstrap', domain, file);
        done.push('it starts when you log in; started it');
      } else if (!before.running) {
        await mustRun('launchctl', 'kickstart', target);
        done.push('started it');
      }
      return done;
    },
    uninstall: async () => {
      if (ownFile(file) === null) return [];
      if ((await state()).enabled) await mustRun('launchctl', 'bootout', target);
      rmSync(file);
      rmSync(logFile, { force: true });
      return [`stopped it and removed ${file}`];
    },
    logCommand: (lines, follow) => ['tail', '-n', `${lines}`, ...(follow ? ['-F'] : []), logFile],
  };
}

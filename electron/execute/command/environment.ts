import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Names whose values a project's commands have no business to see. */
const SECRET = /TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE_?KEY|CREDENTIAL/i;

/**
 * Names that would tell the project's tools about us instead of themselves: git's state, the npm run or
 * the test runner that started us, our own Node settings. `NPM_CONFIG_*` in capitals is the user's.
 */
const OURS =
  /^(GIT_|npm_|VIGIL_|NODE_(?!EXTRA_CA_CERTS$)|VITEST|JEST_|ELECTRON_|SSH_(AUTH_SOCK|AGENT_PID)$|INIT_CWD$|NO_COLOR$|FORCE_COLOR$)/;

/** Folders on PATH that npm put there for us, not for the project. */
const OUR_PATH = /(^|\/)node_modules\/(\.bin|node\/bin|npm\/.*|@npmcli\/.*)$|\/node-gyp-bin\/?$/;

/**
 * The environment of a project's command: the user's own, without secrets and without what npm,
 * git, a test runner or Vigil itself added, and marked as unattended (`CI=1`, no colour).
 */
export function commandEnvironment(
  from: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value !== undefined && !SECRET.test(name) && !OURS.test(name)) env[name] = value;
  }
  const folders = (from['PATH'] ?? '/usr/local/bin:/usr/bin:/bin')
    .split(':')
    .filter((folder) => folder !== '' && !OUR_PATH.test(folder));
  // A machine whose only Node is the one Vigil runs on still has to be able to test a Node project.
  // (Electron's own, in the packaged app, is no `node`.)
  const own = path.dirname(process.execPath);
  if (
    isExecutable(path.join(own, 'node')) &&
    !folders.some((folder) => isExecutable(path.join(folder, 'node')))
  )
    folders.push(own);
  return { ...env, PATH: folders.join(':'), CI: '1', NO_COLOR: '1', FORCE_COLOR: '0', ...extra };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Absent or not ours to run: both mean that it is not the one.
    return false;
  }
}

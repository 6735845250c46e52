import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  programFolders,
  toolFolders,
  toolVariables,
} from '../../../../electron/execute/sandbox/toolFolders.ts';
import { temporaryFolder } from '../repository.ts';

/** A user's home with these files, and links `from → to`. */
function homeWith(files: readonly string[], links: Readonly<Record<string, string>> = {}): string {
  const home = temporaryFolder();
  for (const file of [...files, ...Object.keys(links)])
    mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
  for (const file of files) writeFileSync(path.join(home, file), '');
  for (const [from, to] of Object.entries(links))
    symlinkSync(path.join(home, to), path.join(home, from));
  return home;
}

function shown(home: string, folders: readonly string[]): string[] {
  return folders.map((folder) => path.relative(home, folder)).sort();
}

function onPath(home: string, ...folders: readonly string[]): string {
  return folders.map((folder) => path.join(home, folder)).join(path.delimiter);
}

test('an installation is shown whole, of other folders only the programs', () => {
  const home = homeWith([
    '.nvm/versions/node/v24/bin/node',
    '.nvm/versions/node/v24/lib/node_modules/npm/index.js',
    '.docker/bin/docker',
    '.docker/config.json',
    'bin/mine',
    '.ssh/id_ed25519',
  ]);
  const path_ = onPath(home, '.nvm/versions/node/v24/bin', '.docker/bin', 'bin', '', 'absent');
  expect(shown(home, toolFolders(path_, home))).toEqual([
    '.docker/bin',
    '.nvm/versions/node/v24',
    'bin',
  ]);
});

test('what links on PATH lead to is shown, and nothing around it', () => {
  const home = homeWith(
    [
      '.local/share/agent/versions/1.0',
      '.local/share/keyrings/login',
      '.local/lib/secret',
      'code/tool/node_modules/tool/cli.js',
      'code/tool/.env',
    ],
    {
      '.local/bin/agent': '.local/share/agent/versions/1.0',
      '.local/bin/tool': 'code/tool/node_modules/tool/cli.js',
    },
  );
  expect(shown(home, toolFolders(onPath(home, '.local/bin'), home))).toEqual([
    '.local/bin',
    '.local/share/agent/versions/1.0',
    'code/tool/node_modules',
  ]);
});

test('a version manager is shown with its tools, and told where they are', () => {
  const home = homeWith(['.volta/bin/node', '.volta/tools/node', '.cargo/credentials.toml']);
  mkdirSync(path.join(home, '.cargo/bin'));
  mkdirSync(path.join(home, '.rustup'));
  const path_ = onPath(home, '.volta/bin', '.cargo/bin');
  expect(shown(home, toolFolders(path_, home))).toEqual(['.cargo/bin', '.rustup', '.volta']);
  expect(toolVariables(path_, home)).toEqual({
    VOLTA_HOME: path.join(home, '.volta'),
    RUSTUP_HOME: path.join(home, '.rustup'),
  });
});

test('a program that is not on PATH is shown with its packages; one in the home itself alone', () => {
  const home = homeWith(['agents/node_modules/@a/agent/dist/index.js', 'agents/.env', 'alone'], {
    'agents/node_modules/.bin/agent': 'agents/node_modules/@a/agent/dist/index.js',
  });
  expect(
    shown(home, programFolders(path.join(home, 'agents/node_modules/.bin/agent'), home)),
  ).toEqual(['agents/node_modules']);
  expect(shown(home, programFolders(path.join(home, 'alone'), home))).toEqual(['alone']);
});

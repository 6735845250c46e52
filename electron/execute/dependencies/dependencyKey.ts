import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ProjectProfile } from '../../../shared/model/project.ts';
import { git } from '../repository/git.ts';

/** Changes with the layout of the store: entries of an older one are not used. */
const STORE_VERSION = 1;

const LOCKFILES = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
];
const SETTINGS = [
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  '.pnpmfile.cjs',
  'pnpm-workspace.yaml',
  'bunfig.toml',
];

/** Scripts of a package that its own installation runs. */
export const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare'] as const;

const Manifest = z.object({
  name: z.unknown().optional(),
  packageManager: z.unknown().optional(),
  workspaces: z.unknown().optional(),
  dependencies: z.unknown().optional(),
  devDependencies: z.unknown().optional(),
  optionalDependencies: z.unknown().optional(),
  peerDependencies: z.unknown().optional(),
  dependenciesMeta: z.unknown().optional(),
  bundledDependencies: z.unknown().optional(),
  bundleDependencies: z.unknown().optional(),
  overrides: z.unknown().optional(),
  resolutions: z.unknown().optional(),
  pnpm: z.unknown().optional(),
  bin: z.unknown().optional(),
  scripts: z.record(z.string(), z.unknown()).optional(),
});

/** Names what an installation depends on: manifests, lock files, settings, patches, Node and the machine. */
export async function dependencyKey(
  workspace: string,
  profile: ProjectProfile,
  nodeVersion: string,
): Promise<string> {
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([
      STORE_VERSION,
      profile.packageManager,
      profile.install,
      nodeVersion,
      process.platform,
      process.arch,
    ]),
  );
  const names = [...LOCKFILES, ...SETTINGS, 'package.json'];
  const pathspecs = [
    ...names.map((name) => `:(glob)**/${name}`),
    'patches',
    '.yarn/patches',
    ':(exclude,glob)**/node_modules/**',
  ];
  const { stdout } = await git(workspace, [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--',
    ...pathspecs,
  ]);
  const files = [...new Set(stdout.split('\0'))].filter((file) => file !== '').sort();
  for (const file of files) {
    // A file that git knows and the attempt deleted counts as absent.
    const content = await readFile(path.join(workspace, file)).catch(() => null);
    if (content === null) continue;
    hash
      .update(`\0${file}\0`)
      .update(
        path.basename(file) === 'package.json' ? relevantPart(content.toString('utf8')) : content,
      );
  }
  return hash.digest('hex').slice(0, 32);
}

/** The parts of a manifest that its installation reads, so that a new description installs nothing anew. */
function relevantPart(text: string): string {
  try {
    const manifest = Manifest.parse(JSON.parse(text));
    const scripts = INSTALL_SCRIPTS.map((name) => manifest.scripts?.[name]);
    return JSON.stringify({ ...manifest, scripts });
  } catch {
    // Not a manifest (a test's broken fixture, say): every change of it counts.
    return text;
  }
}

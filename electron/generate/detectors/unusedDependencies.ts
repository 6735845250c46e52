import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { z } from 'zod';
import { findPackage } from '../../tools/package.ts';
import type { Detector, ScanContext } from '../context.ts';
import { mechanicGap } from '../makeGap.ts';

const PROSE = /(?:^|\/)(?:[^/]+\.(?:md|markdown|txt|rst)|licen[cs]e[^/]*|changelog[^/]*|authors)$/i;
const LOCK =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?)$/;

/** Found by name by a tool, from configuration that may live anywhere: nobody can tell. */
const COMPANION =
  /eslint|prettier|stylelint|jest|mocha|karma|babel|postcss|webpack|rollup|vite|typescript|^@types\/|-config$|-preset|-plugin|commitlint|conventional-changelog|semantic-release|changesets|husky|lint-staged/;

const InstalledManifest = z.looseObject({
  bin: z.unknown().optional(),
  dependencies: z.record(z.string(), z.unknown()).optional().catch(undefined),
  peerDependencies: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

function installed(folder: string): z.infer<typeof InstalledManifest> | null {
  try {
    return InstalledManifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  } catch {
    return null; // a folder that is no package
  }
}

/** What installed packages of the top level ask for: listed to pin its version, or to be somebody's peer. */
function askedFor(root: string): Set<string> {
  const top = join(root, 'node_modules');
  const list = (folder: string): string[] => {
    try {
      return readdirSync(folder).filter((name) => !name.startsWith('.'));
    } catch {
      return []; // nothing is installed
    }
  };
  const folders = list(top).flatMap((name) =>
    name.startsWith('@')
      ? list(join(top, name)).map((below) => join(top, name, below))
      : [join(top, name)],
  );
  return new Set(
    folders.flatMap((folder) => {
      const manifest = installed(folder);
      return [
        ...Object.keys(manifest?.dependencies ?? {}),
        ...Object.keys(manifest?.peerDependencies ?? {}),
      ];
    }),
  );
}

/** Whether it may be somebody's tool, though nothing in the repository starts it. */
function mayBeTool(root: string, name: string): boolean {
  const folder = findPackage(name, root);
  return folder === null || COMPANION.test(name) || installed(folder)?.bin !== undefined;
}

/** Whether anything but the manifest's own list speaks of the package: scripts, configuration, code. */
function isMentioned(context: ScanContext, manifest: string, name: string): boolean {
  return context.files.some((file) => {
    if (PROSE.test(file) || LOCK.test(file)) return false;
    const mentions = context.text(file).split(name).length - 1;
    return mentions > (file === manifest ? 1 : 0);
  });
}

function lockOf(context: ScanContext, manifest: string): string[] {
  const folder = posix.dirname(manifest);
  return context.files.filter(
    (file) => LOCK.test(file) && ['.', folder].includes(posix.dirname(file)),
  );
}

/** Dependencies that no code, script or configuration speaks of. */
export const unusedDependencies: Detector = {
  name: 'unused-dependencies',
  async find(context) {
    const { dependencies } = await context.knip();
    const asked = askedFor(context.root);
    return dependencies
      .filter(
        ({ manifest, name, section }) =>
          context.files.includes(manifest) &&
          !isMentioned(context, manifest, name) &&
          !asked.has(name) &&
          (section === 'dependencies' || !mayBeTool(context.root, name)),
      )
      .map(({ manifest, name, section }) => {
        // A tool that people start by hand, or what is not installed and cannot be looked at.
        const doubtful = section === 'devDependencies' || mayBeTool(context.root, name);
        return mechanicGap(
          {
            detector: 'unused-dependencies',
            file: manifest,
            symbol: name,
            title: `Remove the unused dependency ${name}`,
            type: 'dependency',
            instructions: `Nothing in the project imports or runs ${name}. Remove it from the ${section} of ${manifest} and from the lockfile.`,
            acceptance: [`${manifest} no longer lists ${name}.`],
            deliverables: [manifest],
            scope: [manifest, ...lockOf(context, manifest)],
            evidence: `${manifest} ${section}: ${name}, used nowhere`,
            risk: doubtful ? 'high' : 'medium',
          },
          { kind: 'unused-dependency', manifest, name, section },
        );
      });
  },
};

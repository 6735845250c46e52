import { posix } from 'node:path';
import { findPackage } from '../../tools/package.ts';
import type { Detector, ScanContext } from '../context.ts';
import { mechanicGap } from '../makeGap.ts';

const PROSE = /(?:^|\/)(?:[^/]+\.(?:md|markdown|txt|rst)|licen[cs]e[^/]*|changelog[^/]*|authors)$/i;
const LOCK = /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?)$/;

/** Found by name by a tool, from configuration that may live anywhere: nobody can tell. */
const COMPANION = /eslint|prettier|stylelint|jest|mocha|karma|babel|postcss|webpack|rollup|vite|typescript|^@types\/|-config$|-preset|-plugin/;

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
  return context.files.filter((file) => LOCK.test(file) && ['.', folder].includes(posix.dirname(file)));
}

/** Dependencies that no code, script or configuration speaks of. */
export const unusedDependencies: Detector = {
  name: 'unused-dependencies',
  async find(context) {
    const { dependencies } = await context.knip();
    return dependencies
      .filter(
        ({ manifest, name, section }) =>
          context.files.includes(manifest) &&
          !isMentioned(context, manifest, name) &&
          (section === 'dependencies' || (!COMPANION.test(name) && findPackage(name, context.root) !== null)),
      )
      .map(({ manifest, name, section }) => {
        // A tool that people start by hand, or what is not installed and cannot be looked at.
        const doubtful = section === 'devDependencies' || COMPANION.test(name) || findPackage(name, context.root) === null;
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

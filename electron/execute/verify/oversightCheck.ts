import type { Check } from '../../../shared/model/attempt.ts';
import type { OversightRule } from '../../../shared/model/oversight.ts';
import { majorChanges } from '../../../shared/policy/majorVersions.ts';
import { levelOf, oversightOf, type Change } from '../../../shared/policy/oversight.ts';
import { git } from '../repository/git.ts';
import type { Workspace } from '../repository/workspace.ts';
import { changedLines } from './security/changedLines.ts';
import { textAt } from './security/manifests.ts';

const KINDS: Readonly<Record<string, Change['files'][number]['kind']>> = {
  A: 'added',
  D: 'deleted',
};
const MANIFEST = /(^|\/)package\.json$/;

/**
 * How much say a human has in what HEAD changes (O1, O2): `failed` where the engine may never do it,
 * `unknown` where a human has to say yes, and passed where it may go on by itself.
 * @throws VigilError `git-failed`.
 */
export async function oversightCheck(
  { path: root, base }: Pick<Workspace, 'path' | 'base'>,
  rules: readonly OversightRule[],
): Promise<Check> {
  const change = await changeOf(root, base);
  const findings = oversightOf(change, rules);
  const named = findings.map(({ level, what, file }) => ({
    level,
    what: file === null ? what : `${what} (${file})`,
  }));
  const said = named.map(({ level, what }) => `${level}: ${what}`).join('; ');
  switch (levelOf(findings)) {
    case 'never':
      return check('failed', `only a person may change this: ${said}`);
    case 'approve':
      return check('unknown', `a person has to allow it: ${said}`);
    case 'notify':
      return {
        ...check('passed', `a person is told: ${said}`),
        tells: named.map(({ what }) => what).join('; '),
      };
    case 'autonomous':
      return change.files.some(({ added }) => added === null)
        ? check('unknown', 'a person has to look: the change is too large to be read')
        : check('passed', 'nothing in it is reserved for a person');
  }
}

async function changeOf(root: string, base: string): Promise<Change> {
  const range = ['diff-tree', '-r', '-z', '--name-status', '--no-renames', base, 'HEAD'];
  const fields = (await git(root, range)).stdout.split('\0');
  const lines = await changedLines(root, base);
  const added = new Map(lines?.map((each) => [each.file, each.added.map(({ text }) => text)]));
  const files = fields.flatMap((status, at) => {
    const path = at % 2 === 0 ? fields[at + 1] : undefined;
    if (path === undefined || path === '') return [];
    const read = lines === null ? null : (added.get(path) ?? []);
    return [{ path, kind: KINDS[status] ?? ('changed' as const), added: read }];
  });
  const majors: string[] = [];
  for (const { path } of files.filter((file) => MANIFEST.test(file.path)))
    majors.push(...majorChanges(await textAt(root, base, path), await textAt(root, 'HEAD', path)));
  return { files, majors };
}

function check(verdict: Check['verdict'], detail: string): Check {
  return { name: 'oversight', verdict, detail };
}

import { count, shortCommit } from '../../../shared/explain/format.ts';
import type { ProjectView } from '../../../shared/model/projectApi.ts';
import { facts, paragraph } from './blocks.ts';
import { baselineText } from './baseline.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';

/** The projects, one line each. */
export function renderProjects(projects: readonly ProjectView[], look: Look): string[] {
  if (projects.length === 0) return ['No projects yet. Add one with `vigil project add PATH`.'];
  const { colours } = look;
  return table(
    projects,
    [
      { head: 'project', cell: (project) => project.id, paint: () => colours.bold },
      { head: 'target', cell: (project) => project.target },
      { head: 'open', cell: (project) => String(project.counts.open), align: 'right' },
      { head: 'merged', cell: (project) => String(project.counts.merged), align: 'right' },
      {
        head: 'to promote',
        cell: (project) => (project.ahead === null ? '' : String(project.ahead)),
        align: 'right',
      },
      {
        head: 'trouble',
        cell: (project) => project.trouble?.reason ?? '',
        flexible: true,
        paint: () => colours.red,
      },
      {
        head: 'path',
        cell: (project) => project.path ?? `on ${project.home}`,
        flexible: true,
        paint: () => colours.dim,
      },
    ],
    look,
  );
}

/** One project in full, with where each detected value came from. */
export function renderProject(project: ProjectView, look: Look): string[] {
  const { profile, baseline } = project;
  const from = (field: string) =>
    profile.sources[field] === undefined ? '' : ` (${profile.sources[field]})`;
  return [
    look.colours.bold(project.id),
    ...facts(
      [
        ['path', project.path ?? `on ${project.home}`],
        ['target', project.target],
        ['language', profile.language + from('language')],
        ['packages', profile.packageManager + from('packageManager')],
        ['install', (profile.install ?? 'nothing') + from('install')],
        ['test', (profile.test ?? 'none found') + from('test')],
        ['lint', (profile.lint ?? 'none found') + from('lint')],
        ['formatter', (profile.formatter ?? 'none found') + from('formatter')],
        ['ignored', profile.ignore.join(', ')],
        ['review', profile.review ? 'every result waits for you' : null],
        [
          'baseline',
          baseline === null
            ? 'not recorded yet'
            : `${baselineText(baseline.tests)}, at ${shortCommit(baseline.commit)}`,
        ],
        ['integrated', project.integration],
        [
          'to promote',
          project.ahead === null
            ? null
            : project.ahead === 0
              ? 'nothing'
              : `${count(project.ahead, 'commit')}; bring them to ${project.target} with \`vigil promote ${project.id}\``,
        ],
        [
          'tasks',
          `${project.counts.open} open, ${project.counts.merged} merged, ${project.counts.failed} failed`,
        ],
      ],
      look,
    ),
    ...profile.notes.flatMap((note) => paragraph(note, look, `  ${look.colours.dim('·')} `)),
    ...(project.trouble === null
      ? []
      : paragraph(
          `${project.trouble.reason} ${project.trouble.help}`,
          look,
          `  ${look.colours.red('!')} `,
        )),
  ];
}

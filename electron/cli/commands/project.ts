import { count, shortCommit } from '../../../shared/explain/format.ts';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { ProjectView } from '../../../shared/model/projectApi.ts';
import { CommitId, type ProjectId } from '../../../shared/model/ids.ts';
import { parseProjectId } from '../arguments.ts';
import { renderProject, renderProjects } from '../render/projects.ts';
import { action } from '../session.ts';

const Projects = z.object({ projects: z.array(ProjectView) });
const Promotion = z.object({
  branch: z.string(),
  from: CommitId.nullable(),
  to: CommitId,
  commits: z.number().int(),
});

export function addProjectCommands(program: Command): void {
  const project = program.command('project').description('the repositories that are worked on');
  project
    .command('add')
    .description('add a git repository')
    .argument('<path>', 'its folder')
    .action(
      action(async (session, path: string) => {
        const client = await session.client();
        session.show(
          await client.call('POST', '/v1/projects', ProjectView, { path: resolve(path) }),
          renderProject,
        );
      }),
    );
  project
    .command('list')
    .description('list them')
    .action(
      action(async (session) => {
        const client = await session.client();
        session.show(await client.call('GET', '/v1/projects', Projects), ({ projects }, look) =>
          renderProjects(projects, look),
        );
      }),
    );
  project
    .command('show')
    .description('show one: what was detected, and from what')
    .argument('<id>', 'project id', parseProjectId)
    .action(
      action(async (session, id: ProjectId) => {
        const client = await session.client();
        session.show(await client.call('GET', `/v1/projects/${id}`, ProjectView), renderProject);
      }),
    );
  project
    .command('home')
    .description(
      'merge here from now on, because the node that held the repository is gone for good',
    )
    .argument('<id>', 'project id', parseProjectId)
    .argument('<path>', 'a repository of the project on this machine')
    .option('--revoke', 'put that node out of the mesh, for good')
    .action(
      action(async (session, id: ProjectId, path: string, options: { revoke?: boolean }) => {
        const client = await session.client();
        session.show(
          await client.call('POST', `/v1/projects/${id}/home`, ProjectView, {
            path: resolve(path),
            revoke: options.revoke === true,
          }),
          renderProject,
        );
      }),
    );
  project
    .command('remove')
    .description('stop working on one; the repository itself stays as it is')
    .argument('<id>', 'project id', parseProjectId)
    .action(
      action(async (session, id: ProjectId) => {
        const client = await session.client();
        const reply = await client.call('DELETE', `/v1/projects/${id}`, z.unknown());
        session.show(reply, () => [`Removed ${id}. Its repository is untouched.`]);
      }),
    );
  program
    .command('promote')
    .description('fast-forward the target branch to what was merged')
    .argument('<project>', 'project id', parseProjectId)
    .action(
      action(async (session, id: ProjectId) => {
        const client = await session.client();
        const reply = await client.call('POST', `/v1/projects/${id}/promote`, Promotion);
        session.show(reply, ({ branch, to, commits }) => [
          commits === 0
            ? `${branch} has everything already (${shortCommit(to)}).`
            : `${branch} is now at ${shortCommit(to)}, ${count(commits, 'commit')} further.`,
        ]);
      }),
    );
}

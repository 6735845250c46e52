import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { ProjectView } from '../../../shared/model/projectApi.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { wholeNumber } from '../arguments.ts';
import type { Client } from '../client.ts';
import { runNode } from '../runNode.ts';
import { action, type Session } from '../session.ts';

interface UpOptions {
  port?: number;
  once?: boolean;
  service?: boolean;
}

const Projects = z.object({ projects: z.array(ProjectView) });

export function addUpCommands(program: Command): void {
  program
    .command('up')
    .description('start the node, add these repositories, and work on what they need')
    .argument('[repo...]', 'git repositories')
    .option('--port <n>', 'port of the page and the API; 0 takes any', wholeNumber(0, 65_535))
    .option('--once', 'end when nothing is left that can be done without you')
    .addOption(new Option('--service', 'run by a service manager').hideHelp())
    .action(action(up));
  program
    .command('demo')
    .description('make a sample project with real gaps and work through it')
    .option('--fresh', 'make the sample anew')
    .option('--port <n>', 'port of the page and the API; 0 takes any', wholeNumber(0, 65_535))
    .option('--once', 'end when it is worked through')
    .action(action(demo));
  program
    .command('start', { hidden: true })
    .description('what `npm start` does: `up` with repositories, else `demo`')
    .argument('[repo...]', 'git repositories')
    .option('--port <n>', 'port of the page and the API; 0 takes any', wholeNumber(0, 65_535))
    .option('--once', 'end when nothing is left that can be done without you')
    .action(
      action((session, repositories: string[], options: UpOptions) =>
        repositories.length === 0 ? demo(session, options) : up(session, repositories, options),
      ),
    );
}

async function up(session: Session, repositories: string[], options: UpOptions): Promise<void> {
  await runNode(session, { ...options, story: options.once === true }, async (client) => {
    for (const path of repositories) await addProject(client, path);
  });
}

async function demo(session: Session, options: UpOptions & { fresh?: boolean }): Promise<void> {
  const folder = join(session.home, 'sample');
  await runNode(session, { ...options, story: true }, async (client) => {
    if (options.fresh === true) {
      const { projects } = await client.call('GET', '/v1/projects', Projects);
      const old = projects.find((project) => project.path === folder);
      if (old)
        await client.call('DELETE', `/v1/projects/${encodeURIComponent(old.id)}`, z.unknown());
      await rm(folder, { recursive: true, force: true });
    }
    if (!existsSync(folder)) {
      const { createSample } = await import('../../node/sample/createSample.ts');
      await createSample(folder);
    }
    await addProject(client, folder);
  });
}

/** Adds the repository, or finds that it is there already: `up` may be said again and again. */
async function addProject(client: Client, path: string): Promise<void> {
  try {
    await client.call('POST', '/v1/projects', ProjectView, { path: resolve(path) });
  } catch (error) {
    if (!(error instanceof VigilError && error.code === 'conflict')) throw error;
  }
}

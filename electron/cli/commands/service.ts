import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { VigilError } from '../../../shared/model/errors.ts';
import { runningNode, type RunningNode } from '../../client/runningNode.ts';
import { wholeNumber } from '../arguments.ts';
import { clientOver } from '../client.ts';
import { chooseService, type ServiceOptions } from '../service/choose.ts';
import type { ServiceManager } from '../service/manager.ts';
import { action } from '../session.ts';

/** Opening a large store on a slow disk takes a while; more than this is a failure. */
const START_PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 200;
const MOST_LINES = 100_000;

export function addServiceCommands(program: Command): void {
  const service = program
    .command('service')
    .description('have the system run the node: a systemd unit, or a launchd agent on macOS');
  const withOptions = (command: Command) =>
    command
      .option('--system', "Linux: the machine's systemd instead of your user's; needs root")
      .option('--user <name>', 'with --system: whose node it is');
  withOptions(service.command('install'))
    .description('start the node now and whenever the machine starts; again changes nothing')
    .action(
      action(async (session, options: ServiceOptions) => {
        const { manager, home } = await chooseService(session.home, options);
        const hand = await runningNode(home);
        const before = await manager.state();
        if (hand !== null && !before.running) {
          throw new VigilError(
            'conflict',
            `a node runs already on ${home} (process ${hand.pid}), started by hand`,
            'Stop it with Ctrl-C where it runs, or end that process; then install again.',
          );
        }
        const done = await manager.install();
        const node = await started(manager, home);
        session.show({ home, url: node.url, pid: node.pid, done }, () => [
          ...(done.length === 0
            ? ['It was installed already; nothing was changed.']
            : done.map(sentence)),
          `The node answers at ${node.url} (process ${node.pid}), home ${home}.`,
          `Page: ${node.url}/#token=${node.token}`,
          'See `vigil service status` and `vigil service logs`.',
        ]);
      }),
    );
  withOptions(service.command('uninstall'))
    .description('stop it and take away what install wrote; the home stays')
    .action(
      action(async (session, options: ServiceOptions) => {
        const { manager, home } = await chooseService(session.home, options);
        const done = await manager.uninstall();
        session.show({ home, done }, () =>
          done.length === 0
            ? ['No service of Vigil is installed.']
            : [...done.map(sentence), `The home ${home} is as it was.`],
        );
      }),
    );
  withOptions(service.command('status'))
    .description('whether it is installed, runs and answers; exits 1 when it does not')
    .action(
      action(async (session, options: ServiceOptions) => {
        const { manager, home } = await chooseService(session.home, options);
        const state = await manager.state();
        const node = await answering(home);
        const ok = state.running && node !== null;
        if (!ok) process.exitCode = 1;
        session.show({ ...state, home, url: node?.url ?? null, ok }, () => [
          state.file === null
            ? 'No service of Vigil is installed. `vigil service install` makes one.'
            : `Service: ${state.detail}${state.pid === null ? '' : `, process ${state.pid}`}${state.enabled ? '' : '; it is not started again with the machine'}`,
          ...(state.file === null ? [] : [`File: ${state.file}`]),
          node === null
            ? `No node answers on ${home}.`
            : `The node answers, home ${home}. Page: ${node.url}/#token=${node.token}`,
        ]);
      }),
    );
  withOptions(service.command('logs'))
    .description('what the node printed')
    .option('-n, --lines <n>', 'how many lines', wholeNumber(1, MOST_LINES), 100)
    .option('-f, --follow', 'stay, and print what comes')
    .action(
      action(async (session, options: ServiceOptions & { lines: number; follow?: boolean }) => {
        const { manager } = await chooseService(session.home, options);
        const [file, ...args] = manager.logCommand(options.lines, options.follow === true);
        const child = spawn(file, args, { stdio: 'inherit' });
        // Ctrl-C reaches both; the log's own program ends, and we after it.
        process.once('SIGINT', () => undefined);
        await once(child, 'exit');
        if (child.exitCode !== null && child.exitCode !== 0) {
          throw new VigilError(
            'command-failed',
            'the log could not be read',
            `As root: \`sudo ${[file, ...args].join(' ').replace('--user --unit=', '--user-unit=')}\`. A journal that is only kept in memory is not for users to read.`,
          );
        }
      }),
    );
}

/** The node once it answers. Throws `node-unreachable` when the service failed or takes too long. */
async function started(manager: ServiceManager, home: string): Promise<RunningNode> {
  for (let waitedMs = 0; waitedMs < START_PATIENCE_MS; waitedMs += LOOK_AGAIN_MS) {
    const node = await answering(home);
    if (node !== null) return node;
    await setTimeout(LOOK_AGAIN_MS);
  }
  const { detail } = await manager.state();
  throw new VigilError(
    'node-unreachable',
    `the service was started, but no node answers on ${home}: it is ${detail}`,
    'Read `vigil service logs`; `vigil service uninstall` takes it away again.',
  );
}

async function answering(home: string): Promise<RunningNode | null> {
  const node = await runningNode(home);
  if (node === null) return null;
  try {
    await clientOver(node.url, node.token, (request) => fetch(request)).call(
      'GET',
      '/v1/projects',
      z.unknown(),
    );
    return node;
  } catch {
    // It starts, or it has just ended.
    return null;
  }
}

function sentence(done: string): string {
  return `${done.charAt(0).toUpperCase()}${done.slice(1)}.`;
}

import type { Command } from 'commander';
import { z } from 'zod';
import { StatusView } from '../../../shared/model/statusApi.ts';
import { NodesView } from '../../../shared/model/meshApi.ts';
import { meshText } from '../render/mesh.ts';
import { renderStatus } from '../render/status.ts';
import { action, type Session } from '../session.ts';

export function addStatusCommands(program: Command): void {
  program
    .command('status')
    .description('show what the node does, and what needs you')
    .action(action(showStatus));
  program
    .command('pause')
    .description('start nothing new until `vigil resume`; what runs may end')
    .option('--reason <text>', 'why, for the log', 'asked to')
    .action(
      action(async (session, options: { reason: string }) => {
        await (
          await session.client()
        ).call('POST', '/v1/pause', z.unknown(), { reason: options.reason });
        await showStatus(session);
      }),
    );
  program
    .command('resume')
    .description('start work again')
    .action(
      action(async (session) => {
        await (await session.client()).call('POST', '/v1/resume', z.unknown(), {});
        await showStatus(session);
      }),
    );
}

export async function showStatus(session: Session): Promise<void> {
  const client = await session.client();
  const status = await client.call('GET', '/v1/status', StatusView);
  // A program that wants to know of the others asks for the nodes.
  const mesh =
    session.json || !status.running ? null : await client.call('GET', '/v1/nodes', NodesView);
  session.show(status, (reply, look) => renderStatus(reply, look, mesh && meshText(mesh)));
}

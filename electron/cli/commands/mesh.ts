import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { StatusView } from '../../../shared/model/statusApi.ts';
import {
  DrainView,
  InvitationView,
  JoinedView,
  LeftView,
  NodeView,
  NodesView,
  RevokedView,
} from '../../../shared/model/meshApi.ts';
import { parseInvitation } from '../../mesh/members/invitationLine.ts';
import { wholeNumber } from '../arguments.ts';
import type { Client } from '../client.ts';
import { confirm } from '../confirm.ts';
import { runningNode } from '../../client/runningNode.ts';
import {
  renderDrained,
  renderInvitation,
  renderJoined,
  renderLeft,
  renderMesh,
  renderRevoked,
} from '../render/mesh.ts';
import { renderNode } from '../render/nodes.ts';
import { runNode } from '../runNode.ts';
import { action, type Session } from '../session.ts';

interface Confirmed {
  yes?: boolean;
}

export function addMeshCommands(program: Command): void {
  program
    .command('invite')
    .description('print a line that lets one other machine in, once, within ten minutes')
    .action(action(invite));
  program
    .command('join')
    .description('make this machine a node of the mesh that the line is for')
    .argument(
      '<line...>',
      'what `vigil invite` printed on the other machine; - reads it from standard input',
    )
    .option('--port <n>', 'port of the page and the API; 0 takes any', wholeNumber(0, 65_535))
    .action(action(join));
  program
    .command('nodes')
    .description('the machines: who leads and why, heat, memory, battery, what runs, what they can')
    .argument('[node]', 'one in full, by its name or its id')
    .action(
      action(async (session, node: string | undefined) => {
        const client = await session.client();
        if (node === undefined)
          session.show(await client.call('GET', '/v1/nodes', NodesView), renderMesh);
        else session.show(await client.call('GET', pathOf(node), NodeView), renderNode);
      }),
    );
  for (const [name, drained, description] of [
    ['drain', true, 'have a node finish what runs and take nothing new'],
    ['undrain', false, 'have a node take work again'],
  ] as const)
    program
      .command(name)
      .description(description)
      .argument('[node]', 'its name or its id; this one when it is left away')
      .action(action((session, node: string | undefined) => drain(session, node, drained)));
  program
    .command('revoke')
    .description('put a node out: now, everywhere, and for good')
    .argument('<node>', 'its name or its id')
    .option('--yes', 'do not ask')
    .action(action(revoke));
  program
    .command('leave')
    .description('take this node out of its mesh; it goes on alone with what it has')
    .option('--yes', 'do not ask')
    .action(action(leave));
}

async function invite(session: Session): Promise<void> {
  const client = await session.client();
  const invitation = await client.call('POST', '/v1/mesh/invitations', InvitationView);
  // The line alone on standard output, so that it can be piped to the other machine.
  session.show(invitation, ({ line }) => [line]);
  if (!session.json)
    process.stderr.write(`${renderInvitation(invitation, session.terminal.look()).join('\n')}\n`);
}

/** Joins with the node that runs; where none does, starts one here as `up` would, and goes on running it. */
async function join(
  session: Session,
  pieces: readonly string[],
  options: { port?: number },
): Promise<void> {
  const given = pieces.join(' ');
  const line = given === '-' ? await text(process.stdin) : given;
  // A line that was cut off should not cost the start of a node; spaces in it do no harm.
  parseInvitation(line);
  if (await runningNode(session.home)) {
    await joinWith(session, await session.client(), line);
    return;
  }
  await runNode(session, { ...options, story: false }, (client) => joinWith(session, client, line));
}

async function joinWith(session: Session, client: Client, line: string): Promise<void> {
  const joined = await client.call('POST', '/v1/mesh/join', JoinedView, { line });
  if (session.json) session.terminal.print([JSON.stringify(joined)]);
  else session.terminal.print(renderJoined(joined, session.terminal.look()));
}

async function drain(
  session: Session,
  wanted: string | undefined,
  drained: boolean,
): Promise<void> {
  const client = await session.client();
  const node = wanted ?? (await client.call('GET', '/v1/status', StatusView)).node;
  session.show(
    await client.call('POST', `${pathOf(node)}/drain`, DrainView, { drain: drained }),
    renderDrained,
  );
}

async function revoke(session: Session, wanted: string, { yes }: Confirmed): Promise<void> {
  const client = await session.client();
  const { id, name } = await client.call('GET', pathOf(wanted), NodeView);
  await confirm(
    `${name} (${id}) will be out for good, now and everywhere: its links end, what it does from now on counts nowhere, and its results that have not arrived elsewhere are lost. Revoke it?`,
    yes,
  );
  session.show(await client.call('POST', `${pathOf(id)}/revoke`, RevokedView), renderRevoked);
}

async function leave(session: Session, { yes }: Confirmed): Promise<void> {
  const client = await session.client();
  await confirm(
    'This node will leave its mesh for good: from this home it can never join one again. Leave?',
    yes,
  );
  session.show(await client.call('POST', '/v1/mesh/leave', LeftView), renderLeft);
}

function pathOf(node: string): string {
  return `/v1/nodes/${encodeURIComponent(node)}`;
}

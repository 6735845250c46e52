import { count, duration } from '../../../shared/explain/format.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import type {
  DrainView,
  InvitationView,
  JoinedView,
  LeftView,
  NodeView,
  NodesView,
  RevokedView,
} from '../../../shared/model/meshApi.ts';
import { paragraph } from './blocks.ts';
import type { Look } from './look.ts';
import { renderNodes } from './nodes.ts';
import { clean } from './text.ts';

/** The machines, and who leads and why. */
export function renderMesh(view: NodesView, look: Look): string[] {
  const leader = leaderText(view);
  return [
    ...renderNodes(view.nodes, look),
    ...(leader === null ? [] : ['', ...paragraph(leader, look, '')]),
  ];
}

/** The mesh in one line for `vigil status`; null where there is none. */
export function meshText({ nodes, leadership }: NodesView): string | null {
  if (leadership === null || nodes.length < 2) return null;
  const up = nodes.filter((node) => node.up).length;
  const { leader } = leadership;
  const self = nodes.find((node) => node.self);
  const who =
    leader === null
      ? 'nobody leads'
      : leader === self?.id
        ? 'this one leads'
        : `${nameOf(leader, nodes)} leads`;
  return `${up} of ${count(nodes.length, 'node')} up, ${who}`;
}

/** Null where no node runs: what the log said last is no news. */
function leaderText({ nodes, leadership }: NodesView): string | null {
  if (leadership === null || nodes.every((node) => !node.up)) return null;
  const { leader, term, reason } = leadership;
  return leader === null
    ? `Nobody leads yet: ${reason}.`
    : `${nameOf(leader, nodes)} leads in term ${term}: ${reason}.`;
}

/** Machines may have one name, so the id stands beside it. */
function nameOf(id: NodeId, nodes: readonly NodeView[]): string {
  const name = nodes.find((node) => node.id === id)?.name ?? id;
  return name === id ? id : `${name} (${id})`;
}

/** What is to be done with an invitation. */
export function renderInvitation({ untilMs }: InvitationView, look: Look): string[] {
  return [
    `This lets one machine in, once, within ${duration(untilMs - look.nowMs)}. On that machine run`,
    `  ${look.command} join LINE`,
    'Whoever has the line can use it: send it as you would send a password.',
  ];
}

export function renderJoined({ node, inviter }: JoinedView, look: Look): string[] {
  return [
    `${look.colours.green('Joined')} as ${node}, let in by ${clean(inviter)}. Projects and their code arrive by themselves; \`${look.command} nodes\` shows who is there.`,
  ];
}

export function renderDrained({ node, name, draining }: DrainView, look: Look): string[] {
  return [
    draining
      ? `${clean(name)} (${node}) finishes what runs and takes nothing new. \`${look.command} undrain ${node}\` ends that.`
      : `${clean(name)} (${node}) takes work again.`,
  ];
}

export function renderRevoked({ revoked, name }: RevokedView): string[] {
  return [
    `${clean(name)} (${revoked}) is out. Nodes that are off or cut off now hear of it when they are back.`,
    'It may still have code and history that it had; change keys of yours that it could read. To come back it needs an empty home and a new invitation.',
  ];
}

export function renderLeft({ left }: LeftView): string[] {
  return [
    `${left} has left its mesh and goes on alone with what it has.`,
    'To join one again, start it on an empty home (--home).',
  ];
}

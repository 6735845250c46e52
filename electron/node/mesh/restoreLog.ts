import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { MeshConfig } from '../../../shared/model/config.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import { DocumentSync } from '../../mesh/document/documentSync.ts';
import { RegisterDocument } from '../../mesh/document/registerDocument.ts';
import { openIdentity } from '../../mesh/identity/identity.ts';
import { membersPath, nodeOfHome } from '../../mesh/members/membersFile.ts';
import { Mesh } from '../../mesh/mesh.ts';
import { EventStore } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import { replicateLogs } from './replicateLogs.ts';
import { clock } from './membership.ts';
import { machineName } from './meshNode.ts';

const DATABASE = 'vigil.db';
/** Nothing has come for so long, ms, and it is given up: more than the longest pause between two dials. */
const LIMIT_MS = 12_000;
const LOOK_MS = 100;
/** So many looks in a row must find nothing missing: what one node has just got, it passes on at once. */
const QUIET_LOOKS = 5;

/**
 * Whether a home belongs to a mesh and has lost its database. It must not begin a new log under its old key: the
 * others have the one that it wrote. Throws `home-copied` on another machine than the home's.
 */
async function lostNode(home: string): Promise<NodeId | null> {
  if (hasDatabase(home) || !existsSync(membersPath(home))) return null;
  return nodeOfHome(home, await openIdentity(home));
}

/** Throws `store-corrupt` for a home that `restoreLog` has to see to first. */
export function requireDatabase(home: string): void {
  if (hasDatabase(home) || !existsSync(membersPath(home))) return;
  throw new VigilError(
    'store-corrupt',
    `The home ${home} belongs to a mesh, and its database (${DATABASE}) is gone.`,
    'Start the node with `vigil up`: it gets its log back from the others.',
  );
}

/**
 * Gets the log and the document of a member back whose database is gone, from the copies that the others have. It
 * is all there or not at all: what nobody vouches to be the end of its log must not be continued. Throws
 * `store-corrupt` with what to do when it can't be had, and as `Mesh.open` and `Mesh.start` do.
 */
export async function restoreLog(home: string, config: MeshConfig, clock: Clock): Promise<void> {
  const node = await lostNode(home);
  if (node === null) return;
  process.stderr.write(`vigil: ${DATABASE} is gone; getting it back from the other nodes\n`);
  const folder = path.join(home, 'restoring');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  const store = EventStore.open(folder, node);
  try {
    await copyBack(store, home, config, clock);
  } finally {
    store.close();
  }
  // What is left of the old one is not of this one.
  for (const part of ['-wal', '-shm'].map((end) => path.join(home, `${DATABASE}${end}`)))
    if (existsSync(part)) renameSync(part, `${part}.lost`);
  renameSync(path.join(folder, DATABASE), path.join(home, DATABASE));
  rmSync(folder, { recursive: true, force: true });
}

async function copyBack(
  store: EventStore,
  home: string,
  config: MeshConfig,
  wallClock: Clock,
): Promise<void> {
  const { node } = store;
  const mesh = await Mesh.open({
    ...{ home, node, name: machineName(node), config, clock: wallClock },
    watch: SILENT,
    mayJoin: () => 'it is getting its log back.',
    floor: () => 0,
  });
  const { members, links } = mesh;
  const document = new RegisterDocument({ node });
  const logs = replicateLogs(store, { links, members, clock }, () => undefined);
  // Nothing is passed on: the others have their own links, or get it when this node has started.
  const sync = new DocumentSync({ document, links, clock, reaches: () => true });
  const others = () => members.list().filter((each) => each.node !== node && !each.revoked);
  const missing = () => others().filter((each) => !logs.sources.has(each.node));
  try {
    if (others().length === 0)
      throw new VigilError(
        'store-corrupt',
        'The database of this node is gone, and its mesh has no other node to get it back from.',
        `Put ${DATABASE} back from a backup, or move the folder \`mesh\` out of this home as well: then it starts as a new node, with an empty log.`,
      );
    await mesh.start();
    let seen = { seq: 0, atMs: clock.monotonicMs() };
    for (let quiet = 0; quiet < QUIET_LOOKS;) {
      const nowMs = clock.monotonicMs();
      if (store.head.seq > seen.seq) seen = { seq: store.head.seq, atMs: nowMs };
      const isWhole = missing().length === 0 && logs.ownLog === 'current' && sync.hasAll;
      quiet = isWhole ? quiet + 1 : 0;
      if (nowMs > seen.atMs + LIMIT_MS) break;
      await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
    }
    const silent = missing().map(({ node: each, name }) => {
      const { problem } = mesh.dialStatus(each);
      return `${name} (${each}${problem === null ? '' : `: ${problem}`})`;
    });
    if (silent.length > 0)
      throw lost(node, `The nodes that may have it do not all answer: ${silent.join('; ')}.`);
    await store.flush();
    if (store.head.seq === 0) throw lost(node, 'No other node has anything of it.');
    if (logs.ownLog !== 'current' || !sync.hasAll)
      throw lost(node, 'The others did not pass on all that they have of it.');
    store.replaceDocument(document.encode());
    await store.flush();
  } finally {
    sync.stop();
    logs.stop();
    await mesh.stop();
  }
}

function lost(node: NodeId, why: string): VigilError {
  return new VigilError(
    'store-corrupt',
    `The database of this node is gone, and its log can't be got back from the mesh. ${why}`,
    `Start the nodes that are named and then this one again, or put ${DATABASE} back from a backup. One that is gone for good is not asked any more after \`vigil revoke\` on another node. To give up this log instead: \`vigil revoke ${node}\` on another node, and join anew from an empty home.`,
  );
}

function hasDatabase(home: string): boolean {
  return existsSync(path.join(home, DATABASE));
}

/** What happens on the way is for nobody: there is no log to tell it to yet. */
const SILENT = {
  admitted: () => undefined,
  revoked: () => undefined,
  opened: () => undefined,
  closed: () => undefined,
  failed: () => undefined,
  refused: () => undefined,
  twin: () => undefined,
  incompatible: () => undefined,
  trouble: () => undefined,
};

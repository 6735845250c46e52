import { createServer, request, type Server, type ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { GitServer, type GitServerLimits } from '../../../../electron/mesh/git/gitServer.ts';
import { MeshGit } from '../../../../electron/mesh/git/meshGit.ts';
import type { GitAddress } from '../../../../shared/model/gitAddress.ts';
import { NodeId, ProjectId } from '../../../../shared/model/ids.ts';

/** Nodes whose git travels as between real ones, but for TLS: the requests carry the name of who asks. */

export const app = ProjectId.parse('app');
const ASKED_BY = 'x-test-peer';

export interface GitNode {
  readonly id: NodeId;
  readonly server: GitServer;
  readonly mesh: MeshGit;
  readonly pushes: string[];
  /** The port on which its clones are served. */
  readonly port: number;
  /** Its clone; served as the project `app`. */
  repository: string | null;
  /** All that it has answered or is answering. */
  readonly answers: readonly ServerResponse[];
  /** Has the size of whatever is sent to this node told. */
  counted(listener: (bytes: number) => void): void;
  /** Where this node finds the clone of another. */
  to(peer: GitNode): GitAddress;
}

/** Ports of nodes that are reached by another way than their own, as through something that cuts. */
export type Routes = Map<NodeId, number>;

export async function gitNode(
  name: string,
  others: readonly GitNode[] = [],
  { limits = {}, routes = new Map() }: { limits?: Partial<GitServerLimits>; routes?: Routes } = {},
): Promise<GitNode> {
  const id = NodeId.parse(name);
  const pushes: string[] = [];
  const server = new GitServer({
    repositoryOf: (project) => (project === app ? node.repository : null),
    pushed: (peer, project) => pushes.push(`${peer} ${project}`),
    limits,
  });
  const http = createServer((from, to) =>
    server.handle(from, to, NodeId.parse(from.headers[ASKED_BY])),
  );
  let count: (bytes: number) => void = () => undefined;
  const answers: ServerResponse[] = [];
  http.on('request', (from, to) => {
    answers.push(to);
    from.on('data', (chunk: Buffer) => count(chunk.length));
  });
  const port = await listen(http);
  const mesh = await MeshGit.open((peer, options) => {
    const found = others.find((other) => other.id === peer);
    if (!found) throw new Error('no such node');
    const headers = { ...options.headers, [ASKED_BY]: id };
    return request({
      ...options,
      headers,
      host: '127.0.0.1',
      port: routes.get(peer) ?? found.port,
      agent: false,
    });
  });
  const node: GitNode = {
    id,
    server,
    mesh,
    pushes,
    port,
    repository: null,
    answers,
    counted: (listener) => (count = listener),
    to: (peer) => mesh.address(peer.id, app),
  };
  onTestFinished(async () => {
    await mesh.close();
    await server.close();
    http.closeAllConnections();
    http.close();
  });
  return node;
}

/** A way to a port that is cut once, when so many bytes have come back from or gone to it. */
export async function cuttingRoute(
  port: number,
  cut: { readonly after: number; readonly on: 'fetch' | 'push' },
): Promise<{ port: number; cuts: () => number }> {
  let cuts = 0;
  const server = createTcpServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let bytes = 0;
    const counted = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes < cut.after || cuts > 0) return;
      cuts += 1;
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    };
    const [from, to]: [Socket, Socket] =
      cut.on === 'fetch' ? [upstream, client] : [client, upstream];
    from.on('data', (chunk: Buffer) => {
      counted(chunk);
      if (!to.destroyed) to.write(chunk);
    });
    to.on('data', (chunk: Buffer) => void from.write(chunk));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.end());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, cuts: () => cuts };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A repository on a server that anybody may fetch from, as where a user publishes it. */
export async function publicServer(
  repository: string,
): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  const server = new GitServer({ repositoryOf: () => repository });
  const http = createServer((from, to) => {
    asked += 1;
    server.handle(from, to, NodeId.parse('anybody'));
  });
  const port = await listen(http);
  onTestFinished(async () => {
    await server.close();
    http.closeAllConnections();
    http.close();
  });
  return { url: `http://127.0.0.1:${port}/git/${app}`, asked: () => asked };
}

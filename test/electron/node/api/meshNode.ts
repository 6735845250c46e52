import type { z } from 'zod';
import { ProviderKeys } from '../../../../electron/gateway/keys.ts';
import { parseInvitation } from '../../../../electron/mesh/members/invitationLine.ts';
import { fetchAttemptFile } from '../../../../electron/node/mesh/attemptFilesOfPeers.ts';
import { fetchStory, serveStories } from '../../../../electron/node/mesh/storiesOfPeers.ts';
import type { Mesh } from '../../../../electron/mesh/mesh.ts';
import { ApiServer, listen } from '../../../../electron/node/api/server.ts';
import { systemClock } from '../../../../electron/node/clock.ts';
import { Containment } from '../../../../electron/node/containment.ts';
import { apiToken, prepareHome, readConfig, writeAddress } from '../../../../electron/node/home.ts';
import { Ledger } from '../../../../electron/node/ledger.ts';
import type { MeshControl } from '../../../../electron/node/mesh/meshControl.ts';
import { Projects } from '../../../../electron/node/projects.ts';
import { Services } from '../../../../electron/node/services.ts';
import { processIdentity } from '../../../../electron/execute/command/processGroup.ts';
import { EventStore } from '../../../../electron/store/store.ts';
import { ApiError } from '../../../../shared/model/api.ts';
import type { NodeView } from '../../../../shared/model/meshApi.ts';
import { Concurrency, Limits } from '../../../../shared/model/config.ts';
import { NodeId } from '../../../../shared/model/ids.ts';
import { FIT } from '../../../../shared/model/senses.ts';
import { atEnd, startNode, tempHome, type TestNode } from '../../mesh/helpers.ts';

const concurrency = Concurrency.parse({});

/** A home with its log, its links and its API, as a running node has them; it does no work. */
export class MeshNode {
  readonly home: string;
  readonly ledger: Ledger;
  readonly links: TestNode;
  readonly api: ApiServer;

  private constructor(home: string, ledger: Ledger, links: TestNode, api: ApiServer) {
    this.home = home;
    this.ledger = ledger;
    this.links = links;
    this.api = api;
  }

  /** `lone`: as where the command line opened the home without a node. */
  static async start(
    id: string,
    options: { lone?: boolean; name?: string } = {},
  ): Promise<MeshNode> {
    const home = tempHome();
    prepareHome(home);
    const store = EventStore.open(home, NodeId.parse(id));
    atEnd(() => store.close());
    const ledger = Ledger.open(store, systemClock);
    await ledger.commit({
      type: 'node.started',
      node: store.node,
      version: '1.0.0',
      concurrency,
      capabilities: [],
      limits: Limits.parse({}),
    });
    const links = await startNode(id, { home });
    atEnd(serveStories(links.mesh.http, ledger));
    const config = readConfig(home);
    const containment = new Containment(() => ledger.world.projects, home, config.sandbox);
    const listening = await listen(0);
    const services = new Services({
      ledger,
      projects: new Projects(ledger, home, containment),
      engine: null,
      integrator: null,
      identity: { home, version: '1.0.0', running: { pid: process.pid, url: 'http://127.0.0.1' } },
      config,
      keys: new ProviderKeys(home),
      mesh: options.lone === true ? null : controlOf(ledger, links.mesh),
    });
    const api = ApiServer.serve(listening, services, apiToken(home));
    atEnd(() => api.close());
    return new MeshNode(home, ledger, links, api);
  }

  /** Lets commands that work on the home find this node. */
  async announce(): Promise<void> {
    writeAddress(this.home, {
      pid: process.pid,
      identity: await processIdentity(process.pid),
      port: this.api.port,
      url: this.api.url,
    });
  }

  async call<S extends z.ZodType>(
    method: string,
    path: string,
    schema: S,
    body?: unknown,
  ): Promise<z.infer<S>> {
    const response = await this.request(method, path, body);
    const reply: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(reply)}`);
    return schema.parse(reply);
  }

  /** The status and the code of the error that a request ends with. */
  async refusal(method: string, path: string, body?: unknown): Promise<[number, string, string]> {
    const response = await this.request(method, path, body);
    const { error } = ApiError.parse(await response.json());
    return [response.status, error.code, `${error.message} ${error.help}`];
  }

  private request(method: string, path: string, body?: unknown): Promise<Response> {
    return this.api.fetch(
      new Request(this.api.url + path, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  }
}

/** What people do with the mesh, over real links and a real log; every member is shown alike. */
function controlOf(ledger: Ledger, mesh: Mesh): MeshControl {
  const { node } = ledger.store;
  const nodes = (): NodeView[] => {
    const members = mesh.members.list().filter(({ revoked }) => !revoked);
    const all = members.length === 0 ? [{ node, name: mesh.members.name }] : members;
    return all
      .map(({ node: id, name }) => ({
        id,
        name,
        self: id === node,
        up: id === node || mesh.links.open.has(id),
        leads: ledger.world.leadership?.leader === id,
        draining: ledger.world.nodes.get(id)?.draining === true,
        version: '1.0.0',
        fitness: FIT,
        senses: null,
        running: [],
        slots: {
          agent: { used: 0, max: concurrency.agent },
          cheap: { used: 0, max: concurrency.cheap },
        },
        capabilities: [],
        profile: [],
        notes: [],
      }))
      .sort((a, b) => Number(b.self) - Number(a.self));
  };
  return {
    nodes,
    invite: async () => {
      const line = await mesh.invite();
      return { line, untilMs: parseInvitation(line).expiresAtMs };
    },
    join: async (line) => {
      const { admittedBy } = await mesh.join(line);
      return { node, inviter: mesh.members.byDevice(admittedBy)?.name ?? admittedBy };
    },
    drain: async (id, drain, who) => {
      await ledger.commit({ type: 'node.drained', node: id, who, drain });
    },
    revoke: (id) => Promise.resolve(void mesh.members.revoke(id, 0)),
    attemptFile: (id, file) => fetchAttemptFile(mesh.http, id, file),
    story: (task) => fetchStory(mesh.http, [...mesh.links.open.keys()], task),
    leave: () => Promise.resolve(void mesh.members.revoke(node, ledger.store.head.seq)),
  };
}

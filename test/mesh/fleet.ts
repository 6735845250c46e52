import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { EventView } from '../../shared/model/eventApi.ts';
import { ProjectView } from '../../shared/model/projectApi.ts';
import { StatusView } from '../../shared/model/statusApi.ts';
import { TaskDetail, TaskSummary } from '../../shared/model/taskApi.ts';
import type { EventType } from '../../shared/model/events.ts';
import type { NodeId } from '../../shared/model/ids.ts';
import {
  InvitationView,
  JoinedView,
  type NodeView,
  NodesView,
} from '../../shared/model/meshApi.ts';
import type { Input } from '../electron/node/crashWork.ts';
import { makeRepository } from '../electron/node/userRepository.ts';
import { bundleVigil, VigilProcess, type Exit } from '../electron/node/vigilProcess.ts';
import { userGit } from '../userGit.ts';
import { apiCall } from './apiCall.ts';
import { until } from './until.ts';

const Tasks = z.object({ tasks: z.array(TaskSummary) });
const Events = z.object({ events: z.array(EventView) });
const Projects = z.object({ projects: z.array(ProjectView) });
/** The machines of a mesh of three. */
const NAMES = ['studio', 'laptop', 'rack'] as const;
const INTEGRATION = 'refs/heads/vigil/integration';

/** Where a node runs: on this machine's loopback, or in a network of its own. */
export interface Place {
  /** Starts a command there. */
  readonly within: readonly string[];
  /** The address that others reach it at. */
  readonly address: string;
  /** A socket that leads to the port of its API; null where that can be reached as it is. */
  reach(url: string): Promise<string | null>;
}

const LOOPBACK: Place = { within: [], address: '127.0.0.1', reach: () => Promise.resolve(null) };

export interface NodeOptions {
  readonly place?: Place;
  readonly config?: Readonly<Record<string, unknown>>;
  /** What its `mesh` says otherwise. */
  readonly mesh?: Readonly<Record<string, unknown>>;
  readonly env?: NodeJS.ProcessEnv;
}

/** One machine of a fleet: a home, and the `vigil up` that runs on it now. */
export class FleetNode {
  readonly name: string;
  readonly home: string;
  private readonly entry: string;
  private readonly options: NodeOptions;
  private process: VigilProcess | null = null;
  private socket: string | null = null;
  private known: NodeId | null = null;

  constructor(entry: string, name: string, home: string, options: NodeOptions) {
    this.entry = entry;
    this.name = name;
    this.home = home;
    this.options = options;
    mkdirSync(home, { recursive: true, mode: 0o700 });
    this.configure();
  }

  /** Writes its settings, as they are from its next start on. */
  configure(mesh: NonNullable<NodeOptions['mesh']> = {}): void {
    const { name, home, options } = this;
    const config = {
      mesh: {
        ...{ listen: this.place.address, mdns: false, tailscale: false, port: 0 },
        ...options.mesh,
        ...mesh,
      },
      limits: {
        leastFreeDiskBytes: 0,
        leastFreeDiskShare: 0,
        cyclesPerDay: 0,
        cheapTasksPerHour: 1_000_000,
      },
      heavyOnBattery: true,
      // Commands then see the files that a test lets them wait for.
      sandbox: 'agents',
      concurrency: { cheap: 2 },
      // A label for each, so that a test can say where a task runs.
      capabilities: [name],
      ...options.config,
    };
    writeFileSync(path.join(home, 'config.yaml'), JSON.stringify(config));
  }

  /** Starts it, again when it has ended before; of another build of Vigil when one is given. */
  async start(entry = this.entry): Promise<void> {
    const { within } = this.place;
    this.process = new VigilProcess(entry, this.home, { within, env: this.options.env ?? {} });
    const url = await this.process.ready;
    this.socket = await this.place.reach(url);
    this.known = (await this.status()).node;
  }

  get id(): NodeId {
    if (this.known) return this.known;
    throw new Error(`${this.name} has not been started`);
  }

  get pid(): number {
    return this.running.pid;
  }

  /** `kill -9` of the node and all that it runs, as when the power goes. */
  async crash(): Promise<void> {
    await this.process?.crash('group');
  }

  async stop(): Promise<Exit> {
    return this.running.stop();
  }

  /** How it ended by itself. */
  ended(): Promise<Exit> {
    return this.running.exited;
  }

  pause(): void {
    this.running.pause();
  }

  resume(): void {
    this.running.resume();
  }

  async call<T>(method: string, route: string, shape: z.ZodType<T>, body?: unknown): Promise<T> {
    const url = await this.running.ready;
    const token = readFileSync(path.join(this.home, 'token'), 'utf8').trim();
    return apiCall({ url, token, socket: this.socket }, method, route, shape, body);
  }

  status(): Promise<StatusView> {
    return this.call('GET', '/v1/status', StatusView);
  }

  async nodes(): Promise<z.infer<typeof NodesView>> {
    return this.call('GET', '/v1/nodes', NodesView);
  }

  /** Another node, as this one sees it; undefined when it is no member here. */
  async sees(other: FleetNode): Promise<NodeView | undefined> {
    const { nodes } = await this.nodes();
    return nodes.find(({ id }) => id === other.id);
  }

  async leader(): Promise<NodeId | null> {
    return (await this.nodes()).leadership?.leader ?? null;
  }

  /** Every task, ended ones too. */
  async tasks(): Promise<TaskSummary[]> {
    return (await this.call('GET', '/v1/tasks?all=1', Tasks)).tasks;
  }

  task(id: string): Promise<TaskDetail> {
    return this.call('GET', `/v1/tasks/${id}`, TaskDetail);
  }

  /** Adds tasks; resolves to their ids, which are acknowledged then. */
  async add(...tasks: readonly Input[]): Promise<string[]> {
    const body = { tasks: tasks.map((task) => ({ project: 'app', ...task })) };
    const added = await this.call('POST', '/v1/tasks', Tasks, body);
    return added.tasks.map(({ id }) => id);
  }

  async events(
    query: { type?: EventType; task?: string; after?: number; limit?: number } = {},
  ): Promise<EventView[]> {
    const search = new URLSearchParams(
      Object.entries({ limit: 10_000, ...query }).map(([name, value]) => [name, String(value)]),
    );
    return (await this.call('GET', `/v1/events?${search.toString()}`, Events)).events;
  }

  private get place(): Place {
    return this.options.place ?? LOOPBACK;
  }

  private get running(): VigilProcess {
    if (this.process) return this.process;
    throw new Error(`${this.name} has not been started`);
  }
}

/** Who is who in a mesh of three; `worker` is neither the home nor, where there are enough, the leader. */
export interface Roles {
  readonly leader: FleetNode;
  readonly home: FleetNode;
  readonly worker: FleetNode;
  readonly third: FleetNode;
}

/** Some machines and a project. Whoever makes one ends it. */
export class Fleet {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'vigil-fleet-'));
  /** The repository of the project `app`. */
  readonly user: string;
  readonly nodes: FleetNode[] = [];
  private readonly copies: FleetNode[] = [];
  private vigil: { entry: string; remove: () => void } | null = null;

  /** Without `files` the repository is made by whoever makes the fleet, before `three`. */
  constructor(files: Readonly<Record<string, string>> | null = {}) {
    this.user = path.join(this.folder, 'app');
    if (files !== null) makeRepository(this.user, files);
  }

  /** Makes a machine and starts its node, alone so far. */
  async node(name: string, options: NodeOptions = {}): Promise<FleetNode> {
    this.vigil ??= await bundleVigil();
    const home = path.join(this.folder, name);
    const node = new FleetNode(this.vigil.entry, name, home, options);
    this.nodes.push(node);
    await node.start();
    return node;
  }

  /**
   * Three machines that all see each other. The project comes when it is known who leads, so that a test can
   * say whether the leader is also its home.
   */
  async three(
    home: 'leader' | 'follower',
    options: NodeOptions | ((name: string) => NodeOptions) = {},
  ): Promise<Roles> {
    this.vigil ??= await bundleVigil();
    const nodes = await Promise.all(
      NAMES.map((name) => this.node(name, typeof options === 'function' ? options(name) : options)),
    );
    const [first, ...others] = nodes;
    if (!first) throw new Error('a fleet has nodes');
    for (const other of others) await this.join(first, other);
    const leader = this.find(await this.whole(nodes));
    const [one, two] = nodes.filter((node) => node !== leader);
    if (!one || !two) throw new Error('three nodes have one leader');
    const at = home === 'leader' ? leader : one;
    await at.call('POST', '/v1/projects', ProjectView, { path: this.user });
    await until('the project is known everywhere, with how its tests fare', async () => {
      const all = await Promise.all(
        nodes.map((node) => node.call('GET', '/v1/projects', Projects)),
      );
      return all.every(({ projects }) => projects.some(({ baseline }) => baseline !== null));
    });
    return { leader, home: at, worker: home === 'leader' ? one : two, third: two };
  }

  /**
   * A machine with the home of another copied over while that one runs, but for what is left out. It is not started,
   * and none of `nodes`.
   */
  async copy(
    of: FleetNode,
    name: string,
    options: NodeOptions,
    without: readonly string[] = [],
  ): Promise<FleetNode> {
    this.vigil ??= await bundleVigil();
    const home = path.join(this.folder, name);
    mkdirSync(home, { mode: 0o700 });
    const copied = ['mesh', 'token'].filter((entry) => !without.includes(entry));
    for (const entry of copied)
      cpSync(path.join(of.home, entry), path.join(home, entry), { recursive: true });
    const database = new Database(path.join(of.home, 'vigil.db'), { readonly: true });
    await database.backup(path.join(home, 'vigil.db'));
    database.close();
    const copy = new FleetNode(this.vigil.entry, name, home, options);
    this.copies.push(copy);
    return copy;
  }

  async join(inviter: FleetNode, other: FleetNode): Promise<void> {
    const { line } = await inviter.call('POST', '/v1/mesh/invitations', InvitationView);
    await other.call('POST', '/v1/mesh/join', JoinedView, { line });
  }

  /** Waits until these nodes see each other and agree on who leads. */
  async whole(nodes: readonly FleetNode[] = this.nodes): Promise<NodeId> {
    return until('all nodes see each other and agree on a leader', async () => {
      const views = await Promise.all(nodes.map((node) => node.nodes()));
      const leaders = new Set(views.map(({ leadership }) => leadership?.leader ?? null));
      const [leader = null] = leaders;
      const all = views.every(({ nodes: seen }) =>
        nodes.every(({ id }) =>
          seen.some((each) => each.id === id && each.up && each.version !== ''),
        ),
      );
      return all && leaders.size === 1 && leader;
    });
  }

  find(id: NodeId | null): FleetNode {
    const found = this.nodes.find((node) => node.id === id);
    if (found) return found;
    throw new Error(`no node of this fleet is ${id}`);
  }

  /** The tasks of the integrated tree, the oldest first, from the trailers of its commits. */
  merged(): string[] {
    const rows = userGit(
      this.user,
      ...['log', '--reverse', '--format=%(trailers:key=Vigil-Task,valueonly)', INTEGRATION],
    );
    return rows.split('\n').filter((row) => row !== '');
  }

  /** What a command of `vigil` prints as JSON on a machine of the fleet. */
  async cli(node: FleetNode, ...command: readonly string[]): Promise<unknown> {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [this.vigil?.entry ?? '', ...command, '--json'],
      { env: { ...process.env, VIGIL_HOME: node.home }, maxBuffer: 64 * 1024 * 1024 },
    );
    return JSON.parse(stdout) as unknown;
  }

  /** Waits until all these tasks have merged, as every one of these nodes tells. */
  async untilMerged(
    ids: readonly string[],
    nodes: readonly FleetNode[] = this.nodes,
  ): Promise<void> {
    await until('all tasks have merged', async () => {
      const all = await Promise.all(nodes.map((node) => node.tasks()));
      const open = all.flatMap((tasks, at) =>
        ids.flatMap((id) => {
          const status = tasks.find((task) => task.id === id)?.status ?? 'unknown';
          return status === 'merged' ? [] : [`${id} is ${status} on ${nodes[at]?.name ?? ''}`];
        }),
      );
      if (open.length > 0) throw new Error(open.join(', '));
      return true;
    });
  }

  /** A file of the integrated tree. */
  file(name: string): string {
    return userGit(this.user, 'show', `${INTEGRATION}:${name}`);
  }

  async end(): Promise<void> {
    for (const node of [...this.nodes, ...this.copies]) await node.crash();
    this.vigil?.remove();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { MeshClock } from '../../../electron/mesh/clock.ts';
import type { LinkLimits } from '../../../electron/mesh/link/limits.ts';
import type { Refusal } from '../../../electron/mesh/link/refusals.ts';
import { Mesh, type MeshOptions } from '../../../electron/mesh/mesh.ts';
import { MeshConfig } from '../../../shared/model/config.ts';
import { NodeId } from '../../../shared/model/ids.ts';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function atEnd(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

export function tempHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'vigil-mesh-'));
  atEnd(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** Real timers; a wall clock that a test can move. */
export interface TestClock extends MeshClock {
  offsetMs: number;
}

export function testClock(): TestClock {
  const clock: TestClock = {
    offsetMs: 0,
    nowMs: () => Date.now() + clock.offsetMs,
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, delayMs);
      return { cancel: () => clearTimeout(timer) };
    },
  };
  return clock;
}

/** A node's mesh with everything that it told. */
export interface TestNode {
  readonly node: NodeId;
  readonly home: string;
  readonly mesh: Mesh;
  readonly clock: TestClock;
  readonly log: string[];
  readonly refusals: Refusal[];
}

export interface NodeWish {
  readonly home?: string;
  readonly clock?: TestClock;
  readonly config?: Partial<MeshConfig>;
  readonly limits?: Partial<LinkLimits>;
  readonly mayJoin?: () => string | null;
  readonly floor?: () => number;
  readonly readMachineId?: MeshOptions['readMachineId'];
}

/** A node on loopback, in a home of its own unless one is given. */
export async function startNode(id: string, wish: NodeWish = {}): Promise<TestNode> {
  const node = NodeId.parse(id);
  const home = wish.home ?? tempHome();
  const clock = wish.clock ?? testClock();
  const log: string[] = [];
  const refusals: Refusal[] = [];
  const mesh = await Mesh.open({
    home,
    node,
    name: `machine of ${id}`,
    config: MeshConfig.parse({
      port: 0,
      listen: '127.0.0.1',
      mdns: false,
      tailscale: false,
      ...wish.config,
    }),
    clock,
    mayJoin: wish.mayJoin ?? (() => null),
    floor: wish.floor ?? (() => 0),
    limits: { silentMs: 2_000, ...wish.limits },
    ...(wish.readMachineId ? { readMachineId: wish.readMachineId } : {}),
    watch: {
      admitted: (member) => log.push(`admitted ${member.node}`),
      revoked: (member) => log.push(`revoked ${member.node}`),
      opened: (peer) => log.push(`opened ${peer}`),
      closed: (peer, reason) => log.push(`closed ${peer}: ${reason}`),
      failed: (peer, reason) => log.push(`failed ${peer}: ${reason}`),
      refused: (refusal) => refusals.push(refusal),
      twin: (twin) => log.push(`twin ${twin}`),
      incompatible: (peer, message) => log.push(`incompatible ${peer}: ${message}`),
      trouble: (reason) => log.push(`trouble: ${reason}`),
    },
  });
  atEnd(() => mesh.stop());
  await mesh.start();
  return { node, home, mesh, clock, log, refusals };
}

/** A mesh of these nodes, the first of which founded it, all linked to each other. */
export async function meshOf(...nodes: TestNode[]): Promise<void> {
  const [first, ...others] = nodes;
  for (const other of others) await other.mesh.join((await first?.mesh.invite()) ?? '');
  await allLinked(...nodes);
}

export async function allLinked(...nodes: TestNode[]): Promise<void> {
  await until(() => nodes.every(({ mesh }) => mesh.links.open.size === nodes.length - 1));
}

export async function until(fact: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + 20_000;
  while (!fact()) {
    if (Date.now() > giveUpAt) throw new Error(`waited in vain for ${fact.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The error that an operation ends with. */
export async function errorOf(
  operation: Promise<unknown>,
): Promise<{ code: unknown; message: string }> {
  try {
    await operation;
  } catch (error) {
    if (error instanceof Error)
      return { code: 'code' in error ? error.code : null, message: error.message };
    throw error;
  }
  throw new Error('it went well');
}

/**
 * A port that is free now and stays so: below the range from which the system gives out ports of
 * its own accord, as any connection of any test may take one of those in between.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

function numberOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** A cable between two nodes that can be pulled. */
export class Cable {
  readonly server: Server;
  private readonly sockets = new Set<Socket>();
  /** Bytes are swallowed both ways while this holds. */
  private isDead = false;

  private constructor(target: number) {
    this.server = createServer((near) => {
      if (this.isDead) return void near.destroy();
      const far = connect(target, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(from);
        from.on('data', (data) => {
          if (!this.isDead) to.write(data);
        });
        from.on('error', () => from.destroy());
        from.on('close', () => {
          if (!this.isDead) to.destroy();
        });
      }
    });
  }

  static async to(target: number): Promise<{ cable: Cable; port: number }> {
    const cable = new Cable(target);
    const port = await new Promise<number>((resolve) => {
      cable.server.listen(0, '127.0.0.1', () => resolve(numberOf(cable.server)));
    });
    atEnd(() => {
      for (const socket of cable.sockets) socket.destroy();
      cable.server.close();
    });
    return { cable, port };
  }

  /** From now on nothing passes, and nobody is told. */
  pull(): void {
    this.isDead = true;
  }
}

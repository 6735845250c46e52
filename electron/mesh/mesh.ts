import { randomBytes } from 'node:crypto';
import type { MeshConfig } from '../../shared/model/config.ts';
import type { DeviceId } from '../../shared/model/device.ts';
import { VigilError } from '../../shared/model/errors.ts';
import type { NodeId } from '../../shared/model/ids.ts';
import type { Member } from '../../shared/model/member.ts';
import type { MeshClock } from './clock.ts';
import { Discovery } from './discovery/discovery.ts';
import { Tailscale } from './discovery/tailscale.ts';
import { openIdentity } from './identity/identity.ts';
import type { ReadMachineId } from './identity/machine.ts';
import { Dialer, type DialStatus } from './link/dialer.ts';
import { Handshake, type HandshakeWatch } from './link/handshake.ts';
import { DEFAULT_LIMITS, type LinkLimits } from './link/limits.ts';
import { MeshLinks, type LinkWatch } from './link/meshLinks.ts';
import { PeerHttp } from './link/peerHttp.ts';
import { connectPinned } from './link/pinned.ts';
import { MeshPort } from './link/port.ts';
import { Refusals, type Refusal } from './link/refusals.ts';
import { gossipMembers } from './members/gossip.ts';
import { formatInvitation, parseInvitation } from './members/invitationLine.ts';
import { Invitations } from './members/invitations.ts';
import { joinMesh, type Inviter } from './members/join.ts';
import { checkMayJoin } from './members/mayJoin.ts';
import { Members } from './members/members.ts';
import { OwnPort } from './ownPort.ts';
import { portRoutes } from './portRoutes.ts';

/** What the node is told, for its log and for people. */
export interface MeshWatch extends LinkWatch, Omit<HandshakeWatch, 'incompatible'> {
  admitted(member: Member): void;
  revoked(member: Member): void;
  refused(refusal: Refusal): void;
  /** Null for a node that is no member yet. */
  incompatible(peer: NodeId | null, message: string, help: string): void;
  /** Something of the machine does not work; the mesh goes on without it. */
  trouble(reason: string): void;
}

export interface MeshOptions {
  readonly home: string;
  readonly node: NodeId;
  /** What people call this machine. */
  readonly name: string;
  readonly config: MeshConfig;
  readonly clock: MeshClock;
  readonly watch: MeshWatch;
  /** Why this node can't join another's mesh; null when it can. */
  readonly mayJoin: () => string | null;
  /** The highest task number that is known: a new member's start above it. */
  readonly floor: () => number;
  readonly limits?: Partial<LinkLimits>;
  readonly readMachineId?: ReadMachineId;
}

const BOOT_BYTES = 9;

/** This node's part in the mesh: who it is, who the others are, and the links to them. Alone, it opens no port. */
export class Mesh {
  readonly members: Members;
  readonly links: MeshLinks;
  readonly http: PeerHttp;
  private readonly options: MeshOptions;
  private readonly limits: LinkLimits;
  private readonly invitations: Invitations;
  private readonly refusals: Refusals;
  private readonly discovery: Discovery;
  private readonly handshake: Handshake;
  private readonly dialer: Dialer;
  private readonly port: OwnPort;
  private readonly stops: (() => void)[] = [];
  /** Members of another version, and what to do: also one that dials, and can't be dialled. */
  private readonly incompatible = new Map<NodeId, string>();
  private active: Set<DeviceId>;

  /**
   * Reads identity and members of the home; nothing is listened to or dialled before `start`. Throws
   * `home-copied` on another machine than the home's, `store-corrupt` when its files are damaged.
   */
  static async open(options: MeshOptions): Promise<Mesh> {
    const identity = await openIdentity(options.home, options.readMachineId);
    return new Mesh(options, Members.open(options.home, identity, options.node, options.name));
  }

  private constructor(options: MeshOptions, members: Members) {
    const { clock, watch, config, node } = options;
    const { identity } = members;
    this.options = options;
    this.members = members;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.invitations = new Invitations(options.home, clock);
    this.refusals = new Refusals(clock, (refusal) => watch.refused(refusal));
    const tailscale = config.tailscale ? new Tailscale(clock) : null;
    this.discovery = new Discovery(() => ({ mdns: this.port.mdns, tailscale }));
    this.links = new MeshLinks({
      opened: (peer, address) => {
        this.incompatible.delete(peer);
        this.dialer.opened(peer);
        watch.opened(peer, address);
      },
      closed: (peer, reason) => {
        this.dialer.closed(peer);
        watch.closed(peer, reason);
      },
      failed: (peer, reason) => watch.failed(peer, reason),
    });
    this.handshake = new Handshake({
      identity,
      node,
      boot: randomBytes(BOOT_BYTES).toString('base64url'),
      links: this.links,
      isMember: (device) => members.byDevice(device)?.revoked === null,
      limits: this.limits,
      clock,
      watch: {
        twin: (twin, address) => watch.twin(twin, address),
        incompatible: (peer, message, help) => {
          this.incompatible.set(peer, `${message} ${help}`);
          watch.incompatible(peer, message, help);
        },
      },
    });
    this.dialer = new Dialer({
      node,
      clock,
      random: Math.random,
      peers: () => this.peers(),
      isLinked: (peer) => this.links.open.has(peer),
      dial: (peer, signal) => this.dial(peer, signal),
    });
    this.http = new PeerHttp((peer) => this.connect(peer));
    const inviter: Inviter = {
      members,
      invitations: this.invitations,
      floor: options.floor,
      refused: (address, reason) => this.refusals.add(address, reason),
      incompatible: (_address, message, help) => watch.incompatible(null, message, help),
    };
    const routes = portRoutes(inviter, this.handshake, this.http);
    this.port = new OwnPort({
      config,
      clock,
      members,
      makeServer: () => new MeshPort(identity, routes, this.limits, this.refusals),
      opened: () => this.dialer.refresh(),
      trouble: (reason) => watch.trouble(reason),
    });
    this.active = this.activeDevices();
    this.stops.push(
      gossipMembers(members, this.links),
      members.onChange(() => this.membersChanged()),
    );
  }

  /** Opens the port and dials the others, when there are any. Rejects with `port-in-use`. */
  async start(): Promise<void> {
    if (this.members.isMember) await this.port.open();
  }

  /**
   * One line that lets one other node in within 10 minutes. The first makes this node the founder of a
   * mesh. Rejects with `port-in-use`, `member-revoked`, or `node-unreachable` when this machine has no
   * address that another could reach.
   */
  async invite(): Promise<string> {
    if (this.members.mesh === null) this.members.found([]);
    const own = this.members.byDevice(this.members.identity.device);
    if (!own || own.revoked)
      throw new VigilError(
        'member-revoked',
        'This node was revoked or has left its mesh, and can let nobody in.',
        'Invite from another node, or start this one on an empty home (--home).',
      );
    await this.port.open();
    const addresses = this.addresses();
    if (addresses.length === 0)
      throw new VigilError(
        'node-unreachable',
        'This machine has no network address at which another could reach it.',
        'Connect it to a network, or set `mesh.addresses` in config.yaml.',
      );
    return formatInvitation(this.invitations.issue(own.device, addresses));
  }

  /**
   * Joins the mesh that a line from `vigil invite` is for. Rejects with what is wrong with the line, with
   * the inviter's reason, or with `conflict` when this node has work of its own.
   */
  async join(line: string): Promise<Member> {
    const invitation = parseInvitation(line);
    const { members } = this;
    checkMayJoin(members, invitation, this.options.mayJoin);
    // First, so that the others are told where this node listens.
    await this.port.open();
    try {
      await joinMesh({ members, limits: this.limits, addresses: this.addresses() }, invitation);
    } catch (error) {
      await this.port.close();
      throw error;
    }
    this.dialer.refresh();
    const own = members.byDevice(members.identity.device);
    if (!own) throw new Error('joined, but no member');
    return own;
  }

  /** Where others can reach this node now; empty while it listens to nobody. */
  addresses(): string[] {
    return this.port.addresses();
  }

  /** Why there is no link to a member, as far as this node knows. */
  dialStatus(peer: NodeId): DialStatus {
    const status = this.dialer.status(peer);
    return { ...status, problem: this.incompatible.get(peer) ?? status.problem };
  }

  /** How many strangers were turned away since the start. */
  get refusedCount(): number {
    return this.refusals.total;
  }

  /** Dials all that are not linked at once: the machine has slept, or its network has changed. */
  wake(): void {
    this.dialer.wake();
  }

  /** Ends all links and closes the port. */
  async stop(): Promise<void> {
    this.dialer.stop();
    for (const stop of this.stops) stop();
    this.links.closeAll('the node was stopped');
    this.refusals.stop();
    await this.port.close();
  }

  private peers(): Member[] {
    const own = this.members.identity.device;
    if (!this.members.isMember) return [];
    return this.members.list().filter(({ device, revoked }) => device !== own && !revoked);
  }

  private async dial(peer: Member, signal: AbortSignal): Promise<void> {
    const isUnreachable = this.dialer.status(peer.node).attempts > 0;
    const addresses = await this.discovery.addressesOf(peer, isUnreachable);
    const address = await this.handshake.dial(peer, addresses, signal);
    this.discovery.found(peer.node, address);
  }

  private async connect(peer: NodeId) {
    const member = this.peers().find(({ node }) => node === peer);
    if (!member)
      throw new VigilError(
        'peer-unreachable',
        `${peer} is no member of this mesh`,
        '`vigil nodes` lists the nodes.',
      );
    const addresses = await this.discovery.addressesOf(member, !this.links.open.has(peer));
    const giveUp = AbortSignal.timeout(this.limits.connectMs + this.limits.handshakeMs);
    const { socket } = await connectPinned(
      this.members.identity,
      member.device,
      addresses,
      this.limits,
      giveUp,
    );
    return socket;
  }

  private activeDevices(): Set<DeviceId> {
    const active = this.members.list().filter(({ revoked }) => !revoked);
    return new Set(active.map(({ device }) => device));
  }

  private membersChanged(): void {
    const before = this.active;
    this.active = this.activeDevices();
    const own = this.members.identity.device;
    for (const member of this.members.list()) {
      if (this.active.has(member.device) && !before.has(member.device))
        this.options.watch.admitted(member);
      if (member.revoked && before.has(member.device)) this.options.watch.revoked(member);
    }
    // After all listeners: the one that is put out hears of it before its link ends.
    queueMicrotask(() => {
      for (const [peer, link] of [...this.links.open]) {
        const isOut = this.members.get(peer)?.revoked !== null || !this.active.has(own);
        if (isOut)
          link.close(
            this.active.has(own) ? `${peer} was revoked` : `this node has left or was revoked`,
          );
      }
      for (const device of before) if (!this.active.has(device)) this.port.hangUp(device);
    });
    if (this.port.isOpen) this.dialer.refresh();
  }
}

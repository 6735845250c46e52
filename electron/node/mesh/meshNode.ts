import { hostname } from 'node:os';
import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import type { NodeView } from '../../../shared/model/meshApi.ts';
import type { MeshConfig } from '../../../shared/model/config.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { EventBody } from '../../../shared/model/events.ts';
import type { NodeId, TaskId } from '../../../shared/model/ids.ts';
import type { Member } from '../../../shared/model/member.ts';
import type { NodePresence } from '../../../shared/model/presence.ts';
import { Mesh, type MeshWatch } from '../../mesh/mesh.ts';
import type { AttemptFile } from '../attemptFiles.ts';
import type { Clock } from '../clock.ts';
import type { Ledger } from '../ledger.ts';
import type { Projects } from '../projects.ts';
import type { TaskRegisters } from '../../../shared/model/registers.ts';
import type { Attempt } from '../../../shared/model/attempt.ts';
import type { MeshControl } from './meshControl.ts';
import type { Machine } from './commons.ts';
import { fetchAttemptFile } from './attemptFilesOfPeers.ts';
import { Membership } from './membership.ts';
import { fetchStory } from './storiesOfPeers.ts';
import { Witness } from './witness.ts';
import { nodeViews } from './nodeViews.ts';

/** As `vigil invite` says; its own clock judges. */
const INVITATION_MS = 10 * 60_000;

/** Between two events of the same trouble with a peer, which is met every few seconds while it lasts, ms. */
const TOLD_AGAIN_MS = 3_600_000;

export interface MeshNodeOptions {
  readonly ledger: Ledger;
  readonly projects: Projects;
  readonly home: string;
  readonly config: MeshConfig;
  readonly clock: Clock;
  readonly machine: Machine;
  /** Something changed that a decision depends on. */
  readonly wake: (trigger: string) => void;
  /** A result of another node may have come within reach. */
  readonly resultsMayBe: () => void;
  /** Others have come, gone, or say something else of themselves. */
  readonly peersChanged: () => void;
  readonly fail: (error: unknown) => void;
}

/** This node's part in a mesh. Alone, it does nothing but wait to invite or to be invited. */
export class MeshNode implements MeshControl {
  private readonly options: MeshNodeOptions;
  private readonly mesh: Mesh;
  private readonly witness: Witness;
  private membership: Membership | null = null;

  private constructor(options: MeshNodeOptions, mesh: Mesh, witness: Witness) {
    this.witness = witness;
    this.options = options;
    this.mesh = mesh;
    mesh.members.onChange(() => this.membersChanged());
  }

  /** Reads who this node is and who the others are. Throws as `Mesh.open`. */
  static async open(options: MeshNodeOptions): Promise<MeshNode> {
    const { ledger, home, config, clock } = options;
    const { world, store } = ledger;
    const witness = new Witness(options);
    const mesh: Mesh = await Mesh.open({
      home,
      node: store.node,
      name: machineName(store.node),
      config,
      clock,
      watch: watchInto(options, witness, (device) => mesh.members.byDevice(device)),
      mayJoin: () =>
        world.projects.size === 0 && world.tasks.size === 0 && world.lastTaskNumber === 0
          ? null
          : 'it has projects or tasks of its own, whose numbers are those of tasks of the mesh.',
      floor: () => world.lastTaskNumber,
    });
    return new MeshNode(options, mesh, witness);
  }

  /**
   * Connects to the others, where there are any, and brings the world up to what they know. `started` records
   * that the node has started, once that can't begin a second history of its log.
   */
  async start(started: () => Promise<void>): Promise<void> {
    await this.mesh.start();
    const begin = async () => {
      await started();
      this.witness.begin();
    };
    if (this.mesh.members.isMember) await this.enter(begin);
    else await begin();
  }

  /** Tells the others that this node is being stopped, so that they plan without it. */
  ending(): void {
    this.membership?.ending();
  }

  async stop(): Promise<void> {
    await this.membership?.stop();
    await this.mesh.stop();
  }

  /** What this node says of itself may be different. Cheap. */
  changed(): void {
    this.membership?.tell();
  }

  /** What the others that are there say of themselves. */
  peers(): NodePresence[] {
    return [...(this.membership?.presence.peers().values() ?? [])].map(({ presence }) => presence);
  }

  /** The machine has slept or its network has changed. */
  woke(): void {
    this.mesh.wake();
  }

  /** Makes another node's result usable here; true at once for one of this node. */
  bring(task: TaskRegisters, attempt: Attempt): Promise<boolean> {
    return this.membership?.mover.bring(task, attempt) ?? Promise.resolve(true);
  }

  /** Whether a node was a member and is so no longer. */
  isOut(node: NodeId): boolean {
    return (this.mesh.members.get(node)?.revoked ?? null) !== null;
  }

  /** Brings work in progress that another node left. */
  async bringCheckpoint(task: TaskRegisters): Promise<void> {
    const { id, project } = task.spec;
    await this.membership?.mover.bringCheckpoint(project, id);
  }

  nodes(): NodeView[] {
    const { ledger, machine } = this.options;
    return nodeViews(ledger, this.mesh.members, {
      name: this.mesh.members.name,
      peers: this.membership?.presence.peers() ?? new Map(),
      senses: machine.senses(),
      fitness: machine.fitness(),
      notes: machine.notes(),
      problemOf: (node) => this.mesh.dialStatus(node).problem,
    });
  }

  async invite(): Promise<{ line: string; untilMs: number }> {
    const { clock } = this.options;
    const line = await this.mesh.invite();
    await this.entered(null);
    return { line, untilMs: clock.nowMs() + INVITATION_MS };
  }

  async join(line: string): Promise<{ node: NodeId; inviter: string }> {
    const member = await this.mesh.join(line);
    const inviter = this.mesh.members.byDevice(member.admittedBy);
    await this.entered(inviter?.node ?? null);
    return { node: member.node, inviter: inviter?.name ?? member.admittedBy };
  }

  async drain(node: NodeId, on: boolean, who: string): Promise<void> {
    const { ledger, wake } = this.options;
    if (this.membership) this.membership.replica.drain(node, on, who);
    if (node === ledger.store.node) {
      await ledger.commit({ type: 'node.drained', node, who, drain: on });
      wake('node.drained');
      this.changed();
    } else await ledger.durable();
  }

  async revoke(node: NodeId): Promise<void> {
    const { ledger } = this.options;
    const known = this.membership?.replica.signaturesOf(node);
    this.mesh.members.revoke(node, ledger.store.headOf(node).seq, known);
    await ledger.durable();
  }

  attemptFile(node: NodeId, file: AttemptFile): Promise<Buffer | null> {
    return fetchAttemptFile(this.mesh.http, node, file);
  }

  story(task: TaskId): Promise<ExplanationView | null> {
    return fetchStory(this.mesh.http, this.membership?.fuller ?? [], task);
  }

  async leave(who: string): Promise<void> {
    const { ledger } = this.options;
    if (!this.mesh.members.isMember)
      throw new VigilError(
        'not-a-member',
        'This node belongs to no mesh.',
        '`vigil invite` begins one, `vigil join` joins one.',
      );
    const { membership } = this;
    this.membership = null;
    await ledger.commit({ type: 'mesh.left', reason: `${who} left it` });
    this.mesh.members.revoke(ledger.store.node, ledger.store.head.seq);
    await membership?.stop();
    this.options.wake('mesh.left');
  }

  private membersChanged(): void {
    const { ledger, fail } = this.options;
    if (this.mesh.members.isMember || !this.membership) return this.membership?.membersChanged();
    // Put out by others: it goes on alone with what it has.
    ledger.commit({ type: 'mesh.left', reason: 'it was revoked', revoked: true }).catch(fail);
    this.alone();
  }

  private alone(): void {
    const { fail, wake } = this.options;
    const { membership } = this;
    this.membership = null;
    membership?.stop().catch(fail);
    wake('mesh.left');
  }

  /** This node belongs to a mesh from now on: that is an event, and what it knows becomes the document. */
  private async entered(inviter: NodeId | null): Promise<void> {
    if (this.membership) return;
    const { ledger } = this.options;
    const own = this.mesh.members.get(ledger.store.node);
    if (!own) return;
    const { name, slot, floor } = own;
    if (slot === null)
      throw new VigilError(
        'mesh-full',
        'This node was given no numbers of its own for tasks.',
        'Leave, and join again from an empty home.',
      );
    await this.enter(async () => {
      await ledger.commit({ type: 'mesh.entered', name, slot, floor, inviter });
    });
  }

  private async enter(started: () => Promise<void>): Promise<void> {
    this.membership = await Membership.open({ ...this.options, mesh: this.mesh }, started);
    this.options.wake('mesh.entered');
  }
}

/** What people call this machine. */
export function machineName(node: NodeId): string {
  return hostname().split('.')[0] || node;
}

/** Tells the log what happens at the edge of the mesh. */
function watchInto(
  { resultsMayBe }: MeshNodeOptions,
  witness: Witness,
  byDevice: (device: Member['device']) => Member | null,
): MeshWatch {
  const record = (body: EventBody) => witness.record(body);
  const told = new Map<string, number>();
  /** What a peer says again at each dial is told again when it has gone on for long. */
  const recordSeldom = (body: EventBody, key: string) => {
    const nowMs = performance.now();
    if (nowMs - (told.get(key) ?? -Infinity) < TOLD_AGAIN_MS) return;
    told.set(key, nowMs);
    record(body);
  };
  return {
    admitted: ({ node: peer, name, device, slot }) =>
      record({ type: 'member.admitted', peer, name, device, slot }),
    revoked: ({ node: peer, name, revoked }) =>
      record({
        type: 'member.revoked',
        peer,
        name,
        cut: revoked?.cut ?? 0,
        by: revoked?.by.flatMap((device) => byDevice(device)?.node ?? []) ?? [],
      }),
    opened: (peer, address) => {
      record({ type: 'link.opened', peer, address });
      resultsMayBe();
    },
    closed: (peer, reason) => record({ type: 'link.closed', peer, reason }),
    failed: (peer, reason) => record({ type: 'link.closed', peer, reason }),
    refused: (refusal) => record({ type: 'stranger.refused', ...refusal }),
    twin: (peer, address) =>
      recordSeldom({ type: 'peer.doubled', peer, address }, `${peer} ${address}`),
    incompatible: (peer, reason, help) =>
      recordSeldom({ type: 'peer.incompatible', peer, reason, help }, `${peer ?? ''} ${reason}`),
    trouble: (reason) => process.stderr.write(`vigil: ${reason}\n`),
  };
}

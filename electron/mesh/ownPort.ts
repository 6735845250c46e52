import { DEFAULT_MESH_PORT, type MeshConfig } from '../../shared/model/config.ts';
import type { DeviceId } from '../../shared/model/device.ts';
import { VigilError } from '../../shared/model/errors.ts';
import type { MeshClock } from './clock.ts';
import { Mdns } from './discovery/mdns.ts';
import { ownAddresses } from './discovery/ownAddresses.ts';
import type { MeshPort } from './link/port.ts';
import type { Members } from './members/members.ts';

/** A network that has changed is noticed within this. */
const ADDRESSES_EVERY_MS = 10_000;

export interface OwnPortOptions {
  readonly config: MeshConfig;
  readonly clock: MeshClock;
  readonly members: Members;
  /** Makes the server that listens; made anew for each try. */
  readonly makeServer: () => MeshPort;
  /** Others can reach this node from now on. */
  readonly opened: () => void;
  readonly trouble: (reason: string) => void;
}

/** Where the others reach this node, and how they hear of it: its port, its addresses, its name by multicast DNS. */
export class OwnPort {
  private readonly options: OwnPortOptions;
  private openMdns: Mdns | null = null;
  private port: { server: MeshPort; number: number } | null = null;
  private opening: Promise<void> | null = null;
  private addressTimer: { cancel(): void } | null = null;

  constructor(options: OwnPortOptions) {
    this.options = options;
  }

  get isOpen(): boolean {
    return this.port !== null;
  }

  /** Null while the port is closed, or where the user wants none. */
  get mdns(): Mdns | null {
    return this.openMdns;
  }

  /** Where others can reach this node now; empty while it listens to nobody. */
  addresses(): string[] {
    const { listen, addresses } = this.options.config;
    return this.port === null ? [] : ownAddresses(listen, this.port.number, addresses);
  }

  /** Opens the port once. Rejects with `port-in-use`, and may then be called again. */
  open(): Promise<void> {
    this.opening ??= this.openNow().catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  /** Ends its connections that are not links, and listens no more. */
  async close(): Promise<void> {
    await this.opening?.catch(() => undefined);
    this.opening = null;
    // One that has only just opened has begun to watch its addresses.
    this.addressTimer?.cancel();
    const { port, openMdns } = this;
    this.port = null;
    this.openMdns = null;
    await openMdns?.stop();
    await port?.server.close();
  }

  /** Hangs up on the connections of a device that are not links, as when it has been revoked. */
  hangUp(device: DeviceId): void {
    this.port?.server.hangUp(device);
  }

  private async openNow(): Promise<void> {
    const { config, members, opened, trouble } = this.options;
    const number = await this.listen();
    if (config.mdns) this.openMdns = new Mdns(members.identity.device, number, trouble);
    this.watchAddresses();
    opened();
  }

  /** The port that the user wants, or the usual one, which gives way to any free one. */
  private async listen(): Promise<number> {
    const { config } = this.options;
    try {
      return await this.listenOn(config.port ?? DEFAULT_MESH_PORT);
    } catch (error) {
      const isTaken = error instanceof VigilError && error.code === 'port-in-use';
      if (config.port !== undefined || !isTaken) throw error;
      return this.listenOn(0);
    }
  }

  private async listenOn(wanted: number): Promise<number> {
    const { config, makeServer } = this.options;
    const server = makeServer();
    const number = await server.listen(config.listen, wanted);
    this.port = { server, number };
    return number;
  }

  private watchAddresses(): void {
    const { clock, members } = this.options;
    members.announce(this.addresses());
    this.addressTimer = clock.after(ADDRESSES_EVERY_MS, () => this.watchAddresses());
  }
}

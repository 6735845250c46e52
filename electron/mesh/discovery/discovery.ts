import type { NodeId } from '../../../shared/model/ids.ts';
import type { Member } from '../../../shared/model/member.ts';
import { formatAddress, parseAddress } from '../link/address.ts';
import type { Mdns } from './mdns.ts';
import type { Tailscale } from './tailscale.ts';

/** Addresses of one member that are tried in one round: more only delays the next round. */
const MAX_ADDRESSES = 16;

export interface DiscoverySources {
  readonly mdns: Mdns | null;
  readonly tailscale: Tailscale | null;
}

/** Where a member may be, the likeliest first. */
export class Discovery {
  private readonly sources: () => DiscoverySources;
  private readonly lastGood = new Map<NodeId, string>();

  constructor(sources: () => DiscoverySources) {
    this.sources = sources;
  }

  /** It answered there. */
  found(peer: NodeId, address: string): void {
    this.lastGood.set(peer, address);
  }

  /**
   * Where it answered last, what the network says, what it announced, and, when all that has failed
   * before, what Tailscale knows by its name.
   */
  async addressesOf(member: Member, isUnreachable: boolean): Promise<string[]> {
    const { mdns, tailscale } = this.sources();
    const last = this.lastGood.get(member.node);
    const near = mdns?.addressesOf(member.device) ?? [];
    const ports = new Set(member.addresses.flatMap((address) => parseAddress(address)?.port ?? []));
    const tailnet = (isUnreachable ? await tailscale?.peers() : null) ?? [];
    const named = tailnet.filter(({ hostName }) => isSameHost(hostName, member.name));
    const far = (named.length > 0 ? named : tailnet).flatMap(({ ips }) =>
      ips.flatMap((ip) => [...ports].map((port) => formatAddress(ip, port))),
    );
    const all = [...(last === undefined ? [] : [last]), ...near, ...member.addresses, ...far];
    return [...new Set(all)].slice(0, MAX_ADDRESSES);
  }
}

/** `mac-1` and `Mac-1.local` are one machine. */
function isSameHost(a: string, b: string): boolean {
  const short = (name: string) => name.toLowerCase().split('.')[0];
  return short(a) === short(b);
}

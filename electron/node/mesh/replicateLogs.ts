import type { NodeId } from '../../../shared/model/ids.ts';
import type { Member } from '../../../shared/model/member.ts';
import type { Links } from '../../mesh/link.ts';
import { LogReplication } from '../../mesh/log/replication.ts';
import type { LogTrouble } from '../../mesh/log/trouble.ts';
import type { MonotonicClock } from '../../mesh/monotonicClock.ts';
import type { EventStore } from '../../store/store.ts';

const LOG_HEADS = 'log';

/** Who belongs to the mesh, as the parts above the links ask for it. */
export interface MemberKeys {
  /** What this node is called. */
  readonly name: string;
  get(node: NodeId): Pick<Member, 'revoked'> | null;
  sign(purpose: string, value: unknown): string;
  /** Whether a register that it signed counts, also after it was put out. */
  keepsWord(node: NodeId, signature: string): boolean;
  verify(node: NodeId, purpose: string, value: unknown, signature: string): boolean;
}

/** Copies logs, and brings back what this disk has lost of the own one; sealed and checked by the members' keys. */
export function replicateLogs(
  store: EventStore,
  {
    links,
    members,
    clock,
  }: { readonly links: Links; readonly members: MemberKeys; readonly clock: MonotonicClock },
  onTrouble: (trouble: LogTrouble) => void,
): LogReplication {
  return new LogReplication({
    store,
    links,
    sign: (bytes) => Buffer.from(members.sign(LOG_HEADS, textOf(bytes)), 'base64url'),
    verify: (writer, bytes, signature) =>
      members.verify(
        writer,
        LOG_HEADS,
        textOf(bytes),
        Buffer.from(signature).toString('base64url'),
      ),
    isMember: (each) => members.get(each) !== null,
    lastAllowed: (each) => members.get(each)?.revoked?.cut ?? null,
    after: (ms, act) => clock.after(ms, act),
    onTrouble,
  });
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

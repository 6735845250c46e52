import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';

/** Raised when two versions can no longer understand each other on a link or while joining. */
export const PROTOCOL = 1;

export const LINK_PATH = '/vigil/link';
export const JOIN_PATH = '/vigil/join';

/** What a connection says of itself before it becomes a link, in HTTP headers. */
export const HEADER = {
  protocol: 'x-vigil-protocol',
  node: 'x-vigil-node',
  /** New with each start of a node: what tells a restart from a second machine with the same key. */
  boot: 'x-vigil-boot',
  /** Counts a node's dials since its start, so that the newer of two connections is known on both ends. */
  dial: 'x-vigil-dial',
} as const;

const Protocol = z.coerce.number().int().nonnegative();

/** The version that a connection says to speak, older than any when it says 0; null when it says none. */
export function protocolOf(headers: IncomingHttpHeaders): number | null {
  return Protocol.safeParse(headers[HEADER.protocol]).data ?? null;
}

/** Who has to act when versions differ, said alike on both sides. */
export function versionProblem(theirs: number, who: string): { message: string; help: string } {
  return theirs < PROTOCOL
    ? {
        message: `${who} runs an older version of Vigil (protocol ${theirs}; this node speaks ${PROTOCOL}).`,
        help: `Update Vigil on ${who}.`,
      }
    : {
        message: `${who} runs a newer version of Vigil (protocol ${theirs}; this node speaks ${PROTOCOL}).`,
        help: 'Update Vigil on this machine.',
      };
}

import { z } from 'zod';
import type { Link, Links } from '../link.ts';
import type { Members } from './members.ts';
import { Holdings, Statements } from './statementSet.ts';

const Message = z.discriminatedUnion('type', [
  Holdings.extend({ type: z.literal('have') }),
  Statements.extend({ type: z.literal('give') }),
]);
type Message = z.infer<typeof Message>;

/** Statements go out in messages of about this size; one alone takes 20 kB at most, and a message 256 kB. */
const BATCH_BYTES = 64 * 1024;

/**
 * Brings the statements about members to every node: on a new link each says what it has and is given
 * what it lacks, and what is new goes on to the others. Returns how to stop.
 */
export function gossipMembers(members: Members, links: Links): () => void {
  /** The link that brought what is being merged: it need not hear it again. */
  let source: Link | null = null;
  const stopListening = links.listen('members', {
    opened: (link) => send(link, { type: 'have', ...members.holdings() }),
    message: (link, bytes) => {
      const message = Message.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
      if (message.type === 'have') return give(link, members.lackedBy(message));
      source = link;
      try {
        members.merge(message);
      } finally {
        source = null;
      }
    },
  });
  const stopWatching = members.onChange((news) => {
    for (const link of links.open.values()) if (link !== source) give(link, news);
  });
  return () => {
    stopListening();
    stopWatching();
  };
}

/** In the order of `Members`: a signer's own admission never comes in a later message than what it says. */
function give(link: Link, { statements, announcements }: Statements): void {
  for (const batch of batches(statements))
    send(link, { type: 'give', statements: batch, announcements: [] });
  for (const batch of batches(announcements))
    send(link, { type: 'give', statements: [], announcements: batch });
}

function batches<T>(all: readonly T[]): T[][] {
  const made: T[][] = [];
  let room = 0;
  for (const one of all) {
    const bytes = Buffer.byteLength(JSON.stringify(one));
    const last = made.at(-1);
    if (last && bytes <= room) last.push(one);
    else {
      made.push([one]);
      room = BATCH_BYTES;
    }
    room -= bytes;
  }
  return made;
}

function send(link: Link, message: Message): void {
  link.send('members', Buffer.from(JSON.stringify(message)));
}

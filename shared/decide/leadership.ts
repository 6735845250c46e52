import type { NodeId } from '../model/ids.ts';
import type { Fitness } from '../model/senses.ts';

/** What one node of the connected component says of itself, this node included. */
export interface Standing {
  readonly node: NodeId;
  /** 0 plugged in, cool and awake; 1 it may sleep or throttle; 2 it should do nothing heavy. */
  readonly rank: number;
  /** How long it has been up, ms. */
  readonly upMs: number;
  readonly leads: boolean;
  /** The highest term that it has seen. */
  readonly term: number;
}

/** What a node knows of the leadership, and since when something would change it. */
export interface Election {
  /** Null while nobody has taken it yet. */
  readonly leader: NodeId | null;
  readonly term: number;
  readonly reason: string;
  /** Since when a better node than the leader is there, or none leads; ms of a monotonic clock. */
  readonly pendingSinceMs: number | null;
}

/** A better machine takes over only when it has been better for so long: fan curves and plugs come and go. */
const BETTER_MS = 30_000;
/** Before a node takes the lead it waits for what others say of themselves: one round of heartbeats and a bit. */
const VACANT_MS = 1_200;
/** Starts that lie closer together than this count as one, so that clocks of different machines can't disagree. */
const SAME_START_MS = 60_000;

export const NO_ELECTION: Election = {
  leader: null,
  term: 0,
  reason: 'this node has just started',
  pendingSinceMs: null,
};

/** How a node stands, from what it may take. A node that is drained still plans, but rather not. */
export function rankOf(fitness: Fitness | null, draining: boolean): number {
  if (fitness && !fitness.heavy) return 2;
  return draining || (fitness && !fitness.steady) ? 1 : 0;
}

/**
 * Who leads the component, as `self` sees it now. Among those who say that they lead, the highest term
 * counts, then the greater id; a leader that is gone, or that has been worse than another for a while, is
 * followed by the best: by rank, then the longest up, then the smaller id. Only the one that takes the lead
 * raises the term, so terms never go down and two nodes that took the same one agree on the greater id.
 */
export function elect(
  before: Election,
  self: NodeId,
  standings: readonly Standing[],
  nowMs: number,
): Election {
  const term = Math.max(before.term, ...standings.map((standing) => standing.term));
  const best = bestOf(standings);
  const claims = standings.map((each) =>
    each.node === self ? { ...each, leads: before.leader === self, term: before.term } : each,
  );
  const incumbent = claims
    .filter(({ leads }) => leads)
    .toSorted((a, b) => b.term - a.term || (a.node < b.node ? 1 : -1))[0];
  if (!best) return { ...before, term };
  const settled = incumbent !== undefined && incumbent.rank <= best.rank;
  if (settled) {
    const reason =
      incumbent.node === before.leader
        ? before.reason
        : `it leads in the highest term, and nobody is better by much`;
    return { leader: incumbent.node, term, reason, pendingSinceMs: null };
  }
  const pendingSinceMs = before.pendingSinceMs ?? nowMs;
  const wait = incumbent ? BETTER_MS : VACANT_MS;
  const leader = incumbent?.node ?? null;
  if (best.node !== self || nowMs - pendingSinceMs < wait) {
    const reason = incumbent ? before.reason : 'its leader is gone, and the next has not begun yet';
    return { leader, term, reason, pendingSinceMs };
  }
  const reason = incumbent
    ? `${incumbent.node} is on battery, hot or drained, and it is not: ${describeStanding(best)}`
    : standings.length > 1
      ? `nobody else leads, and of ${standings.length} nodes it is the best: ${describeStanding(best)}`
      : 'when it began to, no other node could be seen';
  return { leader: self, term: term + 1, reason, pendingSinceMs: null };
}

/** When `elect` may say something else although nothing happens; null when it will not. Monotonic ms. */
export function nextElectionMs(election: Election): number | null {
  if (election.pendingSinceMs === null) return null;
  return election.pendingSinceMs + (election.leader === null ? VACANT_MS : BETTER_MS);
}

/**
 * The smallest id among those of the best rank that started with the longest up. Not pair by pair: of three
 * that started half a minute apart each would be better than another, and every node wait for the next.
 */
function bestOf(standings: readonly Standing[]): Standing | undefined {
  const rank = Math.min(...standings.map((each) => each.rank));
  const fit = standings.filter((each) => each.rank === rank);
  const longest = Math.max(...fit.map(({ upMs }) => upMs));
  return fit
    .filter(({ upMs }) => longest - upMs <= SAME_START_MS)
    .toSorted((a, b) => (a.node < b.node ? -1 : 1))[0];
}

function describeStanding({ rank, upMs }: Standing): string {
  const words = ['plugged in, cool and awake', 'it may sleep or throttle', 'on battery or hot'];
  return `${words[rank] ?? ''}, up for ${Math.round(upMs / 60_000)} min`;
}

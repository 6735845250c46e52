import type { EventBody } from '../../shared/model/events.ts';
import type { NodeId } from '../../shared/model/ids.ts';
import { chainHash, knownBody } from './chain.ts';

/** An event as it travels: its node, seq and hash follow from its place in the range. */
export interface CopiedEvent {
  readonly clock: number;
  readonly atMs: number;
  /** The body, byte for byte as its writer hashed it. */
  readonly json: string;
}

/** A writer's signature over the hash of one of its events: it vouches for that event and all before it. */
interface Seal {
  readonly seq: number;
  readonly hash: string;
  readonly signature: Uint8Array;
}

/** A part of a log that ends where its writer has signed. */
export interface CopiedRange {
  readonly node: NodeId;
  readonly from: number;
  /** Hash of the event before `from`. */
  readonly prev: string;
  readonly events: readonly CopiedEvent[];
  readonly seal: Seal;
}

/** An event of a range with what follows from its place. */
export interface ChainedEvent extends CopiedEvent {
  readonly seq: number;
  readonly hash: string;
}

/** Why a range is not what its writer signed. */
export interface RangeProblem {
  readonly seq: number;
  readonly what: string;
}

/**
 * What a clock may be ahead of all clocks seen here: far more events than a mesh writes in a lifetime, and far
 * too few for one bad member to use up the clocks that are left.
 */
const MAX_CLOCK_LEAP = 2 ** 32;
/** SQLite's JSON functions, which fill the indexes, take 1,000 levels. No event of ours has 20. */
const MAX_DEPTH = 500;
/** Longer names of types are not ours. */
const MAX_TYPE_LENGTH = 100;

/**
 * Hashes the events of a range one after the other, and checks that they lead from `prev` to what the seal's
 * hash says. Whether the seal is its writer's is for the caller to check.
 */
export function chainRange(
  range: CopiedRange,
  newestClock: number,
): { readonly events: readonly ChainedEvent[] } | { readonly problem: RangeProblem } {
  const { node, from, seal } = range;
  const broken = (seq: number, what: string) => ({ problem: { seq, what } });
  if (range.events.length === 0 || from + range.events.length - 1 !== seal.seq)
    return broken(from, `${range.events.length} events do not reach from ${from} to ${seal.seq}`);
  const events: ChainedEvent[] = [];
  let prev = range.prev;
  let lastClock = 0;
  for (const [at, event] of range.events.entries()) {
    const seq = from + at;
    if (event.clock <= lastClock || event.clock < seq) return broken(seq, 'its clock goes back');
    lastClock = event.clock;
    prev = chainHash(prev, node, { seq, clock: event.clock }, event.atMs, event.json);
    events.push({ ...event, seq, hash: prev });
  }
  if (prev !== seal.hash)
    return broken(from, `events ${from} to ${seal.seq} do not give the hash that ${node} signed`);
  if (lastClock > Math.max(newestClock, seal.seq) + MAX_CLOCK_LEAP)
    return broken(from, 'its clock is out of all proportion');
  return { events };
}

/** The body of an event that another node signed, parsed once for all that want it, or what is wrong with it. */
export function bodyOf(json: string): { readonly body: EventBody } | { readonly what: string } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { what: 'its body is not JSON' };
  }
  if (!isEvent(value)) return { what: 'its body is not an event' };
  if (isDeep(json)) return { what: 'its body is nested too deeply' };
  return { body: knownBody(value, json) };
}

/** Whether a value has what every event of every version has. Hundreds of thousands are looked at when a node joins. */
function isEvent(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  const { type } = value;
  return typeof type === 'string' && type.length > 0 && type.length <= MAX_TYPE_LENGTH;
}

/** Whether JSON that parses nests beyond `MAX_DEPTH`. */
function isDeep(json: string): boolean {
  if (json.length < 2 * MAX_DEPTH) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === BRACKET || code === BRACE) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (code === BRACKET + 2 || code === BRACE + 2) depth -= 1;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `[` and `{`; what closes them is two further. */
const BRACKET = 0x5b;
const BRACE = 0x7b;

import { messageOf, VigilError } from '../../../shared/model/errors.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import type { Member } from '../../../shared/model/member.ts';
import type { MeshClock } from '../clock.ts';

/** How it stands with the link to a member. */
export interface DialStatus {
  /** Failed attempts in a row. */
  readonly attempts: number;
  /** What the last one failed with; null when none has failed. */
  readonly problem: string | null;
}

export interface DialerParts {
  readonly node: NodeId;
  readonly clock: MeshClock;
  /** 0 to 1. */
  readonly random: () => number;
  /** The members that there should be links to. */
  readonly peers: () => readonly Member[];
  readonly isLinked: (peer: NodeId) => boolean;
  /** Resolves when there is a link. */
  readonly dial: (peer: Member, signal: AbortSignal) => Promise<void>;
}

interface State {
  attempts: number;
  problem: string | null;
  timer: { cancel(): void } | null;
  dialling: AbortController | null;
}

const FIRST_PAUSE_MS = 250;
/** A cable that is plugged in again is noticed within this, and a dead address costs a packet or two. */
const LONGEST_PAUSE_MS = 10_000;
/** A link that lasts so long was a good one: the next attempt after it starts from the short pause. */
const GOOD_LINK_MS = 10_000;

/** The pause before the next attempt, ms: doubling, with up to half of it left to chance. */
export function backoffMs(attempts: number, random: number): number {
  const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, attempts - 1));
  return full * (0.5 + random / 2);
}

/** Keeps dialling every member that there is no link to. */
export class Dialer {
  private readonly parts: DialerParts;
  private readonly states = new Map<NodeId, State>();
  private isStopped = false;

  constructor(parts: DialerParts) {
    this.parts = parts;
  }

  /** Takes up new members and lets go of those that are none any more. */
  refresh(): void {
    const peers = new Set(this.parts.peers().map(({ node }) => node));
    for (const [peer, state] of this.states) {
      if (peers.has(peer)) continue;
      halt(state);
      this.states.delete(peer);
    }
    for (const peer of peers) {
      if (this.states.has(peer)) continue;
      this.states.set(peer, { attempts: 0, problem: null, timer: null, dialling: null });
      // Of two that would dial at once, the one with the smaller id goes first: its connection would win.
      this.plan(peer, this.parts.node < peer ? 0 : FIRST_PAUSE_MS);
    }
  }

  /** Tries all at once: the network has changed, or the machine has slept. */
  wake(): void {
    for (const [peer, state] of this.states) {
      if (state.dialling) continue;
      state.attempts = 0;
      this.plan(peer, 0);
    }
  }

  opened(peer: NodeId): void {
    const state = this.states.get(peer);
    if (!state) return;
    state.timer?.cancel();
    state.problem = null;
    state.timer = this.parts.clock.after(GOOD_LINK_MS, () => (state.attempts = 0));
  }

  closed(peer: NodeId): void {
    const state = this.states.get(peer);
    if (!state || this.parts.isLinked(peer)) return;
    state.attempts += 1;
    this.plan(peer, backoffMs(state.attempts, this.parts.random()));
  }

  status(peer: NodeId): DialStatus {
    const { attempts = 0, problem = null } = this.states.get(peer) ?? {};
    return { attempts, problem };
  }

  stop(): void {
    this.isStopped = true;
    for (const state of this.states.values()) halt(state);
    this.states.clear();
  }

  private plan(peer: NodeId, delayMs: number): void {
    const state = this.states.get(peer);
    if (!state || this.isStopped) return;
    state.timer?.cancel();
    state.timer = this.parts.clock.after(delayMs, () => void this.attempt(peer, state));
  }

  private async attempt(peer: NodeId, state: State): Promise<void> {
    const member = this.parts.peers().find(({ node }) => node === peer);
    if (!member || state.dialling || this.parts.isLinked(peer)) return;
    const dialling = new AbortController();
    state.dialling = dialling;
    try {
      await this.parts.dial(member, dialling.signal);
      state.dialling = null;
      // There is a link, or there was one just now: whoever was told of its end found the dial still under way.
      if (this.parts.isLinked(peer)) return;
    } catch (error) {
      state.dialling = null;
      state.problem = problemOf(error);
    }
    if (this.states.get(peer) !== state || this.parts.isLinked(peer)) return;
    state.attempts += 1;
    this.plan(peer, backoffMs(state.attempts, this.parts.random()));
  }
}

/** What went wrong, with what to do about it where a person has to: what can't be reached is tried again anyway. */
function problemOf(error: unknown): string {
  const isForPeople = error instanceof VigilError && error.code !== 'peer-unreachable';
  return isForPeople ? `${error.message} ${error.help}` : messageOf(error);
}

function halt(state: State): void {
  state.timer?.cancel();
  state.dialling?.abort();
}

import type { Autonomy } from '../model/decision.ts';
import { MAX_ESTIMATE_MS } from './durations.ts';

/** Where trust starts and where it returns to by itself. */
export const START_CONFIDENCE = 0.8;
/** D6: five right predictions make up for one that was wrong. */
const GAIN = 0.01;
const LOSS = 0.05;
/** A bad morning is forgotten by the afternoon; recovery never lifts it above the start. */
export const RECOVERY_HALF_LIFE_MS = 2 * 60 * 60_000;

/** Five wrong predictions in a row from the start: the picture is off, so mistakes are kept small. */
const FULL_FROM = 0.6;
/** Eight in a row: one task at a time, and it looks three times as often. */
const CAUTIOUS_FROM = 0.45;
/** Eleven in a row: to go on would be guessing, so it stops and asks a human. */
const PAUSED_BELOW = 0.3;
/** Higher than where it stopped, so that it does not stop and start at the edge. */
const RESUMES_FROM = 0.35;

/** The safety tick of a loop that trusts itself (D3). */
const CALM_TICK_MS = 30_000;
const ALERT_TICK_MS = CALM_TICK_MS / 3;
/** What it still dares just above the pause: a loss of ten minutes is one that nobody minds. */
const SMALLEST_MAX_ESTIMATE_MS = 10 * 60_000;

/** How much the engine trusts its own picture. */
export interface Confidence {
  /** 0–1, as of `atMs`. */
  readonly value: number;
  readonly atMs: number;
  /** It fell below the pause and had not come back when last observed. */
  readonly paused: boolean;
}

interface AutonomyLimits {
  /** Longest estimate that may be dispatched, ms; null: any. */
  readonly maxEstimateMs: number | null;
  /** Share of the slots that may be in use; at 0 still one task at a time. */
  readonly slotsShare: number;
  readonly tickMs: number;
  readonly paused: boolean;
}

/** How much the engine trusts itself at a time, and what it lets itself do. */
export interface AutonomyNow extends AutonomyLimits {
  readonly confidence: number;
  readonly level: Autonomy;
}

export function newConfidence(nowMs: number): Confidence {
  return { value: START_CONFIDENCE, atMs: nowMs, paused: false };
}

/**
 * Takes in whether a prediction held: +0.01 or −0.05, within 0–1 (D6). With several nodes at work a step is smaller
 * by the root of their number: they make as many times more predictions in the hours in which confidence comes
 * back, and a large fleet would lose it by its size alone. One that fails as a whole still stops.
 */
export function observePrediction(
  state: Confidence,
  held: boolean,
  nowMs: number,
  nodes = 1,
): Confidence {
  const step = (held ? GAIN : -LOSS) / Math.sqrt(Math.max(1, nodes));
  const value = Math.min(1, Math.max(0, confidenceAt(state, nowMs) + step));
  return {
    value,
    atMs: Math.max(state.atMs, nowMs),
    paused: belowPause(value, isPaused(state, nowMs)),
  };
}

/** Confidence at `nowMs`, 0–1: what is below 0.8 closes half of the gap every two hours. */
export function confidenceAt(state: Confidence, nowMs: number): number {
  if (state.value >= START_CONFIDENCE) return state.value;
  const left = 2 ** (-Math.max(0, nowMs - state.atMs) / RECOVERY_HALF_LIFE_MS);
  return START_CONFIDENCE - (START_CONFIDENCE - state.value) * left;
}

/** Whether low confidence stops the work: from below 0.30 until it is back at 0.35. */
export function isPaused(state: Confidence, nowMs: number): boolean {
  return belowPause(confidenceAt(state, nowMs), state.paused);
}

/** What the engine lets itself do. `wasPaused` keeps a pause until 0.35 (see {@link isPaused}). */
export function autonomyOf(confidence: number, wasPaused = false): Autonomy {
  if (belowPause(confidence, wasPaused)) return 'paused';
  if (confidence >= FULL_FROM) return 'full';
  return confidence >= CAUTIOUS_FROM ? 'cautious' : 'observant';
}

/**
 * The limits that go with a confidence. They move with it without jumps: from 0.60 down the longest
 * estimate shrinks from 4 h to 10 min (by equal factors, at 0.30); from 0.60 to 0.45 the slots go
 * down to one and the tick from 30 s to 10 s. Only the pause is a step.
 */
export function autonomyLimits(confidence: number, wasPaused = false): AutonomyLimits {
  const dare = share(confidence, PAUSED_BELOW, FULL_FROM);
  const calm = share(confidence, CAUTIOUS_FROM, FULL_FROM);
  return {
    maxEstimateMs:
      confidence >= FULL_FROM
        ? null
        : Math.round(
            SMALLEST_MAX_ESTIMATE_MS * (MAX_ESTIMATE_MS / SMALLEST_MAX_ESTIMATE_MS) ** dare,
          ),
    slotsShare: calm,
    tickMs: Math.round(ALERT_TICK_MS + (CALM_TICK_MS - ALERT_TICK_MS) * calm),
    paused: belowPause(confidence, wasPaused),
  };
}

/** How many of `slots` may be in use under these limits: none when paused, else at least one. */
export function allowedSlots(limits: AutonomyLimits, slots: number): number {
  if (limits.paused) return 0;
  return Math.min(slots, Math.max(1, Math.floor(limits.slotsShare * slots)));
}

/** What confidence allows at a time (D6). */
export function autonomyAt(state: Confidence, nowMs: number): AutonomyNow {
  const confidence = confidenceAt(state, nowMs);
  const paused = isPaused(state, nowMs);
  return {
    confidence,
    level: autonomyOf(confidence, paused),
    ...autonomyLimits(confidence, paused),
  };
}

function belowPause(confidence: number, wasPaused: boolean): boolean {
  return confidence < (wasPaused ? RESUMES_FROM : PAUSED_BELOW);
}

/** Where a value lies between two others, 0–1. */
function share(value: number, low: number, high: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

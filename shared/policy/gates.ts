import { kindName } from '../explain/format.ts';
import { wilsonLower } from '../learn/wilson.ts';
import type { TaskId } from '../model/ids.ts';
import type { WorkKind } from '../model/task.ts';

/** G5: results of agents that a human reviews before any gate may open; 20–30 can be set. */
const CALIBRATION_RESULTS = 25;
/** A gate opens above this lower bound, and closes below the other: it does not flap in between. */
const OPENS_ABOVE = 0.7;
const CLOSES_BELOW = 0.6;
/** Fewer results of a kind prove nothing, however good. */
const MIN_RESULTS = 10;
/** What is judged are the latest results: seven bad ones of thirty close a gate. */
const JUDGED_RESULTS = 30;
/** More would crowd the task out of the prompt; the newest are the ones not yet learned. */
const MAX_CORRECTIONS = 20;
const MAX_CORRECTION_CHARS = 600;

export interface GateSettings {
  /** Results that are reviewed first. */
  readonly calibrationResults: number;
}

/** What a human said was wrong, or could be better: later prompts carry it. */
export interface Correction {
  readonly text: string;
  readonly kind: WorkKind;
  readonly task: TaskId;
  readonly atMs: number;
}

interface Gate {
  readonly open: boolean;
  /** Oldest first. */
  readonly results: readonly { readonly task: TaskId; readonly good: boolean }[];
}

/** What one project has shown, and what its humans said. */
export interface Gates {
  /** Agents' results that a human has approved or rejected. */
  readonly reviewed: number;
  readonly kinds: Partial<Readonly<Record<WorkKind, Gate>>>;
  /** Oldest first. */
  readonly corrections: readonly Correction[];
}

export const NO_GATES: Gates = { reviewed: 0, kinds: {}, corrections: [] };

/** Takes in a human's review of an agent's result. A rejection counts as bad; an approval counts when it merges. */
export function observeReview(
  state: Gates,
  review: {
    readonly kind: WorkKind;
    readonly task: TaskId;
    readonly approved: boolean;
    readonly comment: string | null;
  },
  nowMs: number,
): Gates {
  const { kind, task, approved, comment } = review;
  const judged = approved ? state : withResult(state, kind, task, false);
  const text = comment?.trim().slice(0, MAX_CORRECTION_CHARS) ?? '';
  return {
    ...judged,
    reviewed: state.reviewed + 1,
    corrections:
      text === ''
        ? state.corrections
        : withCorrection(state.corrections, { text, kind, task, atMs: nowMs }),
  };
}

/** Takes in that an agent's result merged: it was good. */
export function observeMerged(state: Gates, kind: WorkKind, task: TaskId): Gates {
  return withResult(state, kind, task, true);
}

/** Whether a result of this kind may merge without a human (G5, G6), and why, with the numbers. */
export function gateOf(
  state: Gates,
  kind: WorkKind,
  settings: GateSettings = { calibrationResults: CALIBRATION_RESULTS },
): { open: boolean; reason: string } {
  if (!kind.startsWith('agent '))
    return {
      open: true,
      reason: `${kindName(kind)} is exact work: no agent judged anything in it`,
    };
  if (kind === 'agent research')
    return { open: true, reason: 'research and planning run freely: nothing of them is merged' };
  const { calibrationResults } = settings;
  if (state.reviewed < calibrationResults)
    return {
      open: false,
      reason: `calibration: ${state.reviewed} of ${calibrationResults} calibration results reviewed`,
    };
  const { open, results } = state.kinds[kind] ?? { open: false, results: [] };
  const good = results.filter((result) => result.good).length;
  const record = `${good} of the last ${results.length} results of ${kindName(kind)} were good`;
  if (!open && results.length < MIN_RESULTS)
    return { open, reason: `${record}; at least ${MIN_RESULTS} results are needed` };
  const bound = wilsonLower(good, results.length).toFixed(2);
  return {
    open,
    reason: open
      ? `${record}: for sure at least ${bound}, and it stays open down to ${CLOSES_BELOW}`
      : `${record}: for sure only ${bound}, and it opens above ${OPENS_ABOVE}`,
  };
}

/** What the project's humans corrected, newest first. */
export function correctionsOf(state: Gates): readonly Correction[] {
  return state.corrections.toReversed();
}

/** A task counts once, as it was judged last. */
function withResult(state: Gates, kind: WorkKind, task: TaskId, good: boolean): Gates {
  const { open, results: before } = state.kinds[kind] ?? { open: false, results: [] };
  const known = before.some((result) => result.task === task);
  const results = known
    ? before.map((result) => (result.task === task ? { task, good } : result))
    : [...before, { task, good }].slice(-JUDGED_RESULTS);
  const bound = wilsonLower(results.filter((result) => result.good).length, results.length);
  const gate: Gate = {
    open: open ? bound >= CLOSES_BELOW : results.length >= MIN_RESULTS && bound > OPENS_ABOVE,
    results,
  };
  return { ...state, kinds: { ...state.kinds, [kind]: gate } };
}

/** The same words said again are one correction, as new as the last time. */
function withCorrection(
  known: readonly Correction[],
  correction: Correction,
): readonly Correction[] {
  const normal = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[\s.!]+/g, ' ')
      .trim();
  const others = known.filter(({ text }) => normal(text) !== normal(correction.text));
  return [...others, correction].slice(-MAX_CORRECTIONS);
}

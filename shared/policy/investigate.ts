import { duration } from '../explain/format.ts';
import type { Failure } from '../model/attempt.ts';

/** What was expected of an attempt when it was dispatched, and what came of it. */
export interface Prediction {
  readonly expected: { readonly pSuccess: number; readonly durationMs: number };
  readonly actual: { readonly success: boolean; readonly durationMs: number };
  /** Why it failed; null when it did not. */
  readonly failure: Failure | null;
  /** Attempts of the same task before this one. */
  readonly earlierAttempts: number;
}

/** Success is what is predicted from an even chance up. */
const EVEN = 0.5;
/** A time that is off by this factor says that the estimate, not the machine, is wrong. */
const FAR_OFF = 2;

/**
 * Whether a prediction came true, and what the evidence says of why it did not (D7). Only success is
 * judged: the time an attempt took corrects the estimates by itself.
 */
export function investigate(prediction: Prediction): { held: boolean; finding: string } {
  const { expected, actual } = prediction;
  const held = actual.success === expected.pSuccess >= EVEN;
  const parts = [held ? 'as expected' : surprise(prediction), pace(prediction)];
  return { held, finding: parts.filter((part) => part !== null).join('; ') };
}

function surprise({ actual, failure, earlierAttempts }: Prediction): string {
  if (actual.success) {
    return earlierAttempts > 0
      ? 'it succeeded where its earlier attempts had failed, told by their reports'
      : 'it succeeded although this kind of work has failed here lately';
  }
  const cause: Record<Failure['class'], string> = {
    'ambiguous-spec': 'the spec left open what was wanted',
    'missing-context': 'something was not known when it began',
    external: 'something outside did not answer',
    'too-complex': 'it was more than one attempt can do',
    'model-limit': 'the model reached its limit',
    infrastructure: 'the machine was in the way',
  };
  return failure ? `${cause[failure.class]}: ${failure.reason}` : 'it failed without a reason';
}

function pace({ expected, actual }: Prediction): string | null {
  const ratio = actual.durationMs / Math.max(1, expected.durationMs);
  if (ratio < FAR_OFF) return null;
  return `it took ${duration(actual.durationMs)} of an estimated ${duration(expected.durationMs)}`;
}

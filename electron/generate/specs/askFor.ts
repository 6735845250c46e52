import { messageOf } from '../../../shared/model/errors.ts';
import { askAgain, type SpecRequest } from '../../../shared/prompt/specPrompt.ts';
import type { Parsed } from '../../../shared/prompt/jsonReply.ts';

/** One call of a model. May throw: a cap is reached, no provider answers. */
export type Ask = (request: SpecRequest) => Promise<{ readonly text: string }>;

/** What came of asking: a value, or why there is none. */
export interface Asked<T> {
  readonly value: T | null;
  /** Calls that were made. */
  readonly asked: number;
  /** Null when there is a value. */
  readonly trouble: string | null;
}

/** A model that can't keep to the format when shown its mistake twice won't at the fourth time. */
const MOST_TRIES = 3;

/**
 * Asks a model until `read` takes its answer, at most three times, each time with what was wrong. A call
 * that throws ends it: asking again would cost and not help.
 */
export async function askFor<T>(
  ask: Ask,
  first: SpecRequest,
  read: (text: string) => Parsed<T>,
): Promise<Asked<T>> {
  let request = first;
  let trouble = '';
  for (let asked = 1; asked <= MOST_TRIES; asked += 1) {
    let text: string;
    try {
      text = (await ask(request)).text;
    } catch (error) {
      return { value: null, asked, trouble: `the model could not be asked: ${messageOf(error)}` };
    }
    const parsed = read(text);
    if (parsed.ok) return { value: parsed.value, asked, trouble: null };
    trouble = parsed.error;
    request = askAgain(first, text, parsed.error);
  }
  return {
    value: null,
    asked: MOST_TRIES,
    trouble: `the model's answer could not be taken after ${MOST_TRIES} tries: ${trouble}`,
  };
}

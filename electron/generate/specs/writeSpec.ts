import type { SpecScores } from '../../../shared/model/task.ts';
import { MAX_COMPLEXITY, MIN_SPECIFICITY, scoreSpec } from '../../../shared/policy/spec.ts';
import { parseJsonReply, type Parsed } from '../../../shared/prompt/jsonReply.ts';
import {
  specRequest,
  type SpecDraft,
  type SpecQuestion,
} from '../../../shared/prompt/specPrompt.ts';
import { withinRails } from '../../../shared/prompt/specRails.ts';
import { SpecReply } from '../../../shared/prompt/specReply.ts';
import { askFor, type Ask } from './askFor.ts';

const AGENT = { kind: 'agent' } as const;

/** A spec that may be dispatched, or that is to be split. */
export interface WrittenSpec extends SpecDraft {
  readonly executor: typeof AGENT;
  readonly scores: SpecScores;
  /** Keys of siblings that end before it. */
  readonly after: readonly string[];
}

export interface SpecResult {
  readonly spec: WrittenSpec | null;
  /** It is fit, but too much for one attempt: see `splitSpec`. */
  readonly tooLarge: boolean;
  /** Calls that were made. */
  readonly asked: number;
  /** Why there is no spec; null when there is. */
  readonly trouble: string | null;
}

export interface WriteOptions extends SpecQuestion {
  /** Every path of the project: what references are held against. */
  readonly files: readonly string[];
  readonly ask: Ask;
}

/**
 * Has a model write the spec of a draft. What it says is data, held to the rails of `withinRails`. What does
 * not parse is asked again with the error, what is vague with the notes of its score (G4): three calls at
 * most, then it is dropped. Never throws for what the model says or for a failed call.
 */
export async function writeSpec(options: WriteOptions): Promise<SpecResult> {
  const { value, asked, trouble } = await askFor(options.ask, specRequest(options), (text) =>
    readSpec(text, options),
  );
  const tooLarge = value !== null && value.scores.complexity > MAX_COMPLEXITY;
  return { spec: value, tooLarge, asked, trouble };
}

function readSpec(
  text: string,
  { draft, files, siblings }: Pick<WriteOptions, 'draft' | 'files' | 'siblings'>,
): Parsed<WrittenSpec> {
  const parsed = parseJsonReply(text, SpecReply);
  if (!parsed.ok) return parsed;
  const { after } = parsed.value;
  const stranger = after.find((key) => siblings.every((sibling) => sibling.key !== key));
  if (stranger !== undefined) return { ok: false, error: `after: there is no sibling ${stranger}` };
  const held = withinRails(parsed.value, draft, files);
  if (!held.ok) return held;
  const spec = { ...scored(held.value), after: [...new Set(after)] };
  const { specificity, notes } = spec.scores;
  return specificity < MIN_SPECIFICITY
    ? { ok: false, error: `it is too vague to work by: ${notes.join('; ')}` }
    : { ok: true, value: spec };
}

/** A draft as a task of an agent, with its scores: the executor is never a model's choice. */
export function scored(draft: SpecDraft): Omit<WrittenSpec, 'after'> {
  return { ...draft, executor: AGENT, scores: scoreSpec({ ...draft, executor: AGENT }) };
}

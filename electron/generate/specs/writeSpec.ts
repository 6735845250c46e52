import type { SpecScores } from '../../../shared/model/task.ts';
import { MAX_COMPLEXITY, MIN_SPECIFICITY, scoreSpec } from '../../../shared/policy/spec.ts';
import { parseJsonReply, type Parsed } from '../../../shared/prompt/jsonReply.ts';
import {
  askAgain,
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
 * Has a model write the spec of a draft. What it says is data, held to the rails of `withinRails`; what does
 * not parse is asked again at most twice. A vague spec is asked for once more with the notes of its score
 * (G4), and dropped when that did not help. Never throws for what the model says or for a failed call.
 */
export async function writeSpec(options: WriteOptions): Promise<SpecResult> {
  const request = specRequest(options);
  let reply = '';
  const read = (text: string): Parsed<WrittenSpec> => {
    reply = text;
    return readSpec(text, options);
  };
  const first = await askFor(options.ask, request, read);
  if (first.value === null) return { ...first, spec: null, tooLarge: false };
  if (!isVague(first.value)) return result(first.value, first.asked);

  const notes = `It is too vague to work by: ${first.value.scores.notes.join('; ')}.`;
  const second = await askFor(options.ask, askAgain(request, reply, notes), read);
  const asked = first.asked + second.asked;
  if (second.value !== null && !isVague(second.value)) return result(second.value, asked);
  const { specificity } = (second.value ?? first.value).scores;
  return {
    spec: null,
    tooLarge: false,
    asked,
    trouble:
      second.trouble ??
      `the model's spec stayed too vague: specificity ${specificity.toFixed(2)}, at least ${MIN_SPECIFICITY} wanted`,
  };
}

function result(spec: WrittenSpec, asked: number): SpecResult {
  return { spec, tooLarge: spec.scores.complexity > MAX_COMPLEXITY, asked, trouble: null };
}

function isVague({ scores }: WrittenSpec): boolean {
  return scores.specificity < MIN_SPECIFICITY;
}

function readSpec(
  text: string,
  { draft, files, siblings }: Pick<WriteOptions, 'draft' | 'files' | 'siblings'>,
): Parsed<WrittenSpec> {
  const parsed = parseJsonReply(text, SpecReply);
  if (!parsed.ok) return parsed;
  const { after } = parsed.value;
  const stranger = after.find((key) => siblings.every((sibling) => sibling.key !== key));
  if (stranger !== undefined)
    return { ok: false, error: `after: there is no sibling ${stranger}` };
  const held = withinRails(parsed.value, draft, files);
  return held.ok ? { ok: true, value: { ...scored(held.value), after: [...new Set(after)] } } : held;
}

/** A draft as a task of an agent, with its scores: the executor is never a model's choice. */
export function scored(draft: SpecDraft): Omit<WrittenSpec, 'after'> {
  return { ...draft, executor: AGENT, scores: scoreSpec({ ...draft, executor: AGENT }) };
}

import type { TaskSpec } from '../model/task.ts';
import type { Effort } from '../policy/effort.ts';
import { byteLength, headOfBytes } from './bytes.ts';
import { CONTEXT_LABELS, type ContextPart } from './buildPrompt.ts';
import { FENCED_IS_DATA, fence, quoted } from './fence.ts';
import { fillRoom, MOST_OF_ONE_PART } from './sections.ts';
import { SPEC_FORMAT, SPLIT_FORMAT } from './specReply.ts';

/** What is known of a task before a model has written about it: a gap, a roadmap item, a vague or large task. */
export type SpecDraft = Pick<
  TaskSpec,
  | 'title'
  | 'type'
  | 'instructions'
  | 'acceptance'
  | 'deliverables'
  | 'references'
  | 'scope'
  | 'estimateMs'
  | 'risk'
>;

export interface SpecQuestion {
  readonly draft: SpecDraft;
  /** Best first. */
  readonly context: readonly ContextPart[];
  readonly facts: readonly string[];
  /** Other tasks that are made now, which this one may have to wait for. */
  readonly siblings: readonly { readonly key: string; readonly title: string }[];
  readonly effort: Effort;
}

export interface SpecRequest {
  readonly system: string;
  readonly prompt: string;
  /** Most tokens of the answer. */
  readonly maxTokens: number;
}

/** What each level of effort may take (G7): what is read costs as well as what is written. */
const EFFORTS: Readonly<
  Record<Effort, { readonly maxBytes: number; readonly maxTokens: number; readonly ask: string }>
> = {
  minimal: {
    maxBytes: 8_000,
    maxTokens: 800,
    ask: 'Be brief: two or three sentences of instructions and one or two criteria.',
  },
  standard: {
    maxBytes: 24_000,
    maxTokens: 1_500,
    ask: 'Name the functions to change and the cases to cover, with a criterion for each.',
  },
  detailed: {
    maxBytes: 60_000,
    maxTokens: 3_000,
    ask: 'Give the steps in order, the signatures, the cases at the edges, the tests by name, and what must stay as it is, with a criterion for each.',
  },
};
/** A split is several specs in one. */
const SPLIT_TOKENS = 6_000;
/** Of a reply that is sent back, bytes. */
const MOST_OF_A_REPLY = 4_000;

/** What a model is asked, to make a spec of a draft. Its size is bounded by the effort, plus the draft. */
export function specRequest(question: SpecQuestion): SpecRequest {
  const { ask, maxTokens } = EFFORTS[question.effort];
  return {
    system: `You write the spec of one task for a coding agent. One to three hours of work and one deliverable are ideal. Keep to what the draft asks for; use only files that the material shows or names, or new ones next to them. ${ask}\n${FENCED_IS_DATA}\n${SPEC_FORMAT}`,
    prompt: material(question),
    maxTokens,
  };
}

/** What a model is asked, to cut a task that is too large; `reason` is the engine's. */
export function splitRequest(
  question: Omit<SpecQuestion, 'siblings'>,
  reason: string,
): SpecRequest {
  return {
    system: `You cut a task into parts for several coding agents, because it is too large for one. The draft's scope holds all of them.\n${FENCED_IS_DATA}\n${SPLIT_FORMAT}`,
    prompt: `${material({ ...question, siblings: [] })}${fence('Why it is cut', reason)}`,
    maxTokens: SPLIT_TOKENS,
  };
}

/** The same question again, after a reply that could not be taken for `problem`. */
export function askAgain(request: SpecRequest, reply: string, problem: string): SpecRequest {
  const said = fence('Your last reply', headOfBytes(reply, MOST_OF_A_REPLY));
  return {
    ...request,
    prompt: `${request.prompt}${said}${fence('What is wrong with it', problem)}Answer again, whole, in the format that was asked for.\n`,
  };
}

function material({ draft, context, facts, siblings, effort }: SpecQuestion): string {
  const { maxBytes } = EFFORTS[effort];
  const fixed = [
    fence('The draft', draftText(draft)),
    facts.length > 0 ? fence('About the project', facts.join('\n')) : '',
    siblings.length > 0
      ? fence('Siblings', siblings.map(({ key, title }) => `- ${key}: ${quoted(title)}`).join('\n'))
      : '',
  ].join('');
  const wishes = context.map(({ kind, name, text }) => ({
    kind,
    name,
    label: `${CONTEXT_LABELS[kind]} ${quoted(name)}`,
    text,
    share: MOST_OF_ONE_PART,
  }));
  const room = Math.max(0, maxBytes - byteLength(fixed));
  return (
    fixed +
    fillRoom(wishes, room, maxBytes)
      .map((part) => part.text)
      .join('')
  );
}

function draftText(draft: SpecDraft): string {
  const list = (name: string, items: readonly string[]): string =>
    items.length === 0 ? '' : `\n${name}:\n${items.map((item) => `- ${item}`).join('\n')}\n`;
  return [
    `${draft.title}\n\n${draft.instructions}\n`,
    list('Acceptance criteria', draft.acceptance),
    list('Deliverables', draft.deliverables),
    list('Scope', draft.scope),
    list('References', draft.references),
    `\nType ${draft.type}, risk ${draft.risk}, about ${Math.round(draft.estimateMs / 60_000)} minutes.`,
  ].join('');
}

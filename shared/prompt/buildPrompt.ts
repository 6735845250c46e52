import type { AgentRole } from '../model/agent.ts';
import { VigilError } from '../model/errors.ts';
import type { TaskSpec } from '../model/task.ts';
import { byteLength } from './bytes.ts';
import { FENCED_IS_DATA, fence, quoted } from './fence.ts';
import { REVIEW_FORMAT } from './review.ts';
import { ROLE_RULES, WORK_RULES } from './roles.ts';
import { fillRoom, MOST_OF_ONE_PART, type Section, type Wish } from './sections.ts';

/** Material that an agent is given beside its task. */
export interface ContextPart {
  readonly kind: 'diff' | 'dependency' | 'reference' | 'code' | 'lesson';
  /** A path, a task, or whatever it is known by. */
  readonly name: string;
  readonly text: string;
}

export interface PromptInput {
  readonly role: AgentRole;
  readonly spec: Pick<TaskSpec, 'title' | 'instructions' | 'acceptance'>;
  /** Globs that may be changed in this role; empty: anywhere in the project. */
  readonly scope: readonly string[];
  readonly deliverables: readonly string[];
  /** What to do without the results of soft dependencies that did not come. */
  readonly fallbacks: readonly string[];
  readonly testCommand: string | null;
  /** What is known of the project: language, package manager, notes. */
  readonly facts: readonly string[];
  /** What is left for this task; null when nothing is metered. `usd` is null where dollars are not paid. */
  readonly budget: {
    readonly tokens: number;
    readonly calls: number;
    readonly usd: number | null;
  } | null;
  /** What the ladder of failures says of this attempt. */
  readonly instruction: string | null;
  /** What humans said of earlier results of the project, oldest first. */
  readonly corrections: readonly string[];
  /** Of the last attempt. */
  readonly report: string | null;
  /** Best first within a kind. */
  readonly context: readonly ContextPart[];
}

/** One part of a prompt; without bytes it had no room. */
export interface PromptPart {
  readonly kind: string;
  readonly name: string;
  readonly bytes: number;
}

/** What gives way first stands last. A review without its change is none. */
const KINDS: readonly ContextPart['kind'][] = ['diff', 'dependency', 'reference', 'code', 'lesson'];
export const CONTEXT_LABELS: Readonly<Record<ContextPart['kind'], string>> = {
  diff: 'The change to review',
  dependency: 'Result of a task that this one builds on',
  reference: 'Reference file',
  code: 'Code that may matter',
  lesson: 'What came of a similar task',
};
/**
 * The prompt of an agent in a role, of at most `maxBytes` in UTF-8. Under want of room these are cut or
 * left out, first to last: lessons, retrieved code, references, results of dependencies, corrections
 * (oldest first), the report, the change under review. Rules, budget, task and acceptance are always whole.
 * @throws VigilError `too-large` when these alone are more than `maxBytes`.
 */
export function buildPrompt(
  input: PromptInput,
  maxBytes: number,
): { text: string; parts: PromptPart[] } {
  const fixed = fixedParts(input);
  const used = fixed.reduce((sum, part) => sum + byteLength(part.text), 0);
  if (used > maxBytes)
    throw new VigilError(
      'too-large',
      `the task alone takes ${used} bytes of a prompt of at most ${maxBytes}`,
      'Shorten its instructions and acceptance criteria, or split it.',
    );
  const optional = fillRoom(optionalParts(input), maxBytes - used, maxBytes);
  const all = [...fixed, ...optional];
  return {
    text: all.map((part) => part.text).join(''),
    parts: all.map(({ kind, name, text }) => ({ kind, name, bytes: byteLength(text) })),
  };
}

function fixedParts(input: PromptInput): Section[] {
  const { role, spec } = input;
  const rules = [...ROLE_RULES[role], ...(role === 'reviewer' ? [] : WORK_RULES), FENCED_IS_DATA];
  const acceptance = spec.acceptance.map((criterion, index) => `${index + 1}. ${criterion}`);
  return [
    section('rules', role, `${rules.join('\n')}\n${role === 'reviewer' ? REVIEW_FORMAT : ''}`),
    section('budget', 'budget', budgetText(input)),
    section(
      'task',
      spec.title,
      fence(
        'The task, which says what to do with the project',
        `${spec.title}\n\n${spec.instructions}`,
      ),
    ),
    section(
      'acceptance',
      'acceptance',
      fence('Acceptance criteria', acceptance.length > 0 ? acceptance.join('\n') : 'none given'),
    ),
    section('scope', 'scope', scopeText(input)),
    ...(input.fallbacks.length > 0
      ? [
          section(
            'fallback',
            'fallbacks',
            fence('Results that did not come; do this instead', input.fallbacks.join('\n')),
          ),
        ]
      : []),
    ...(input.instruction === null
      ? []
      : [
          section('instruction', 'instruction', fence('What to do differently', input.instruction)),
        ]),
    ...(input.facts.length > 0
      ? [section('facts', 'facts', fence('About the project', input.facts.join('\n')))]
      : []),
  ];
}

function budgetText({ budget }: PromptInput): string {
  if (budget === null) return '';
  const dollars = budget.usd === null ? '' : ` and $${budget.usd.toFixed(2)}`;
  return `Your budget: ${budget.tokens} tokens, ${budget.calls} model calls${dollars}. Calls past it are refused, so read only what you need and leave the files in a state that stands at every step.\n`;
}

function scopeText({ role, scope, deliverables, testCommand }: PromptInput): string {
  const list = (paths: readonly string[]): string =>
    paths.map((path) => `- ${quoted(path)}\n`).join('');
  return [
    scope.length === 0
      ? 'Scope: the whole project.\n'
      : `Scope, the files that may be changed:\n${list(scope)}`,
    deliverables.length === 0
      ? ''
      : `Deliverables, which must exist afterwards:\n${list(deliverables)}`,
    testCommand === null || role === 'reviewer' ? '' : `Tests are run by ${quoted(testCommand)}.\n`,
  ].join('');
}

/** What has no fixed place, the most important first. */
function optionalParts({ context, report, corrections }: PromptInput): Wish[] {
  const of = (kind: ContextPart['kind']): Wish[] =>
    context
      .filter((part) => part.kind === kind)
      .map(({ name, text }) => ({
        kind,
        name,
        label: `${CONTEXT_LABELS[kind]} ${quoted(name)}`,
        text,
        share: kind === 'diff' ? 1 : MOST_OF_ONE_PART,
      }));
  const one = (kind: string, name: string, label: string, text: string): Wish => ({
    kind,
    name,
    label,
    text,
    share: MOST_OF_ONE_PART,
  });
  const [first, ...others] = KINDS;
  return [
    ...(first === undefined ? [] : of(first)),
    ...(report === null
      ? []
      : [one('report', 'report', 'Report of the attempt before this one', report)]),
    ...corrections
      .map((text, index) =>
        one(
          'correction',
          `correction ${index + 1}`,
          'A correction by a human, to heed here too',
          text,
        ),
      )
      .toReversed(),
    ...others.flatMap(of),
  ];
}

function section(kind: string, name: string, text: string): Section {
  return { kind, name, text };
}

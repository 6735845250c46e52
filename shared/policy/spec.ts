import type { SpecScores, TaskSpec } from '../model/task.ts';

/**
 * Below this an agent would have to guess: a title with one criterion falls short, a title with a
 * criterion and a deliverable passes. Ambiguous specs are the largest class of permanent failures (G4).
 */
export const MIN_SPECIFICITY = 0.35;
/** Above this a task is to be split: about five hours of work, or less with a wide scope and many deliverables. */
export const MAX_COMPLEXITY = 0.8;

/** What decides whether a result can be judged weighs most; length alone proves little. */
const SPECIFICITY_WEIGHTS = {
  criteria: 0.3,
  deliverables: 0.2,
  scope: 0.15,
  names: 0.15,
  references: 0.1,
  length: 0.1,
};
const COMPLEXITY_WEIGHTS = { estimate: 0.5, deliverables: 0.3, scope: 0.2 };

const HOUR_MS = 3_600_000;
/** Ideal size of a task (G4), hours: nothing below adds complexity, three hours are half of what is possible. */
const IDEAL_HOURS = 1;
const WIDEST_HOURS = 5.5;
/** This many concrete names, words and criteria leave nothing to ask. */
const ENOUGH_NAMES = 3;
const ENOUGH_WORDS = 40;
const ENOUGH_CRITERIA = 2;
/** With six deliverables it is six tasks. */
const TOO_MANY_DELIVERABLES = 6;
/** Words that leave the goal to the reader, and what each costs. */
const VAGUE =
  /\b(etc|somehow|maybe|probably|stuff|things|nice|better|clean up|improve|as needed|if possible|and so on|various)\b/gi;
const COST_PER_VAGUE = 0.05;
const MAX_VAGUE_COST = 0.2;

/** Paths, `code`, calls, camelCase and snake_case names: what can be looked up in the code base. */
const CONCRETE =
  /`[^`]+`|\b[\w.-]+\/[\w./-]+|\b[\w-]+\.[cm]?[jt]sx?\b|\b\w+\(\)|\b[a-z]+[A-Z]\w*|\b[a-z]+_[a-z_]+\b/g;

type Scored = Pick<
  TaskSpec,
  | 'title'
  | 'instructions'
  | 'acceptance'
  | 'deliverables'
  | 'references'
  | 'scope'
  | 'estimateMs'
  | 'executor'
>;

/**
 * Scores a spec before it may be dispatched (G4): how specific and how complex, each 0–1, with a note
 * for whatever could be better. Work without an agent is exact by construction.
 */
export function scoreSpec(spec: Scored): SpecScores {
  if (spec.executor.kind !== 'agent')
    return {
      specificity: 1,
      complexity: 0,
      notes: [`${spec.executor.kind}: nothing is left to judgement`],
    };
  const specific = specificity(spec);
  const complex = complexity(spec);
  return {
    specificity: specific.value,
    complexity: complex.value,
    notes: [...specific.notes, ...complex.notes],
  };
}

/** Why a spec may not be dispatched as it is, or null. */
export function tooVagueOrLarge(scores: SpecScores): string | null {
  if (scores.specificity < MIN_SPECIFICITY)
    return `too vague to dispatch: specificity ${scores.specificity.toFixed(2)}, at least ${MIN_SPECIFICITY} wanted`;
  if (scores.complexity > MAX_COMPLEXITY)
    return `too large to dispatch: complexity ${scores.complexity.toFixed(2)}, at most ${MAX_COMPLEXITY} allowed`;
  return null;
}

interface Part {
  readonly value: number;
  readonly notes: string[];
}

function specificity(spec: Scored): Part {
  const text = `${spec.title}\n${spec.instructions}\n${spec.acceptance.join('\n')}`;
  const names = new Set(text.match(CONCRETE) ?? []).size;
  const words = text.split(/\s+/).filter((word) => word !== '').length;
  const vague = [...new Set((text.match(VAGUE) ?? []).map((word) => word.toLowerCase()))];
  const weights = SPECIFICITY_WEIGHTS;
  const value =
    weights.criteria * share(spec.acceptance.length, ENOUGH_CRITERIA) +
    weights.deliverables * share(spec.deliverables.length, 1) +
    weights.scope * (spec.scope.length === 0 ? 0 : 1 - width(spec.scope)) +
    weights.names * share(names, ENOUGH_NAMES) +
    weights.references * share(spec.references.length, 1) +
    weights.length * share(words, ENOUGH_WORDS) -
    Math.min(MAX_VAGUE_COST, COST_PER_VAGUE * vague.length);
  const notes = [
    spec.acceptance.length === 0
      ? 'no acceptance criterion: say how to tell that it is done'
      : null,
    spec.deliverables.length === 0
      ? 'no deliverable: name the file that must exist afterwards'
      : null,
    spec.scope.length === 0 ? 'no scope: say which files it may touch' : null,
    spec.references.length === 0 ? 'no reference: point at the code or document it follows' : null,
    names === 0 ? 'names nothing in the code: mention files or functions' : null,
    words < ENOUGH_WORDS / 2 ? `only ${words} words` : null,
    vague.length > 0 ? `vague words: ${vague.join(', ')}` : null,
  ].filter((note) => note !== null);
  return { value: clamp(value), notes };
}

function complexity(spec: Scored): Part {
  const hours = spec.estimateMs / HOUR_MS;
  const estimate = clamp((hours - IDEAL_HOURS) / (WIDEST_HOURS - IDEAL_HOURS));
  const deliverables = clamp((spec.deliverables.length - 1) / (TOO_MANY_DELIVERABLES - 1));
  const scope = spec.scope.length === 0 ? 1 : width(spec.scope);
  const weights = COMPLEXITY_WEIGHTS;
  const mean =
    weights.estimate * estimate + weights.deliverables * deliverables + weights.scope * scope;
  const notes = [
    hours > 3 ? `about ${hours.toFixed(1)} h of work: 1 to 3 are ideal` : null,
    spec.deliverables.length > 1 ? `${spec.deliverables.length} deliverables: one is ideal` : null,
  ].filter((note) => note !== null);
  // Long or many-headed work is complex however narrow the rest of it is.
  return { value: Math.max(mean, estimate, deliverables), notes };
}

/** How much of a project the globs reach, 0–1: the widest of them, plus a little for their number. */
function width(scope: readonly string[]): number {
  const widest = Math.max(...scope.map(widthOf));
  return clamp(widest + 0.05 * (scope.length - 1));
}

function widthOf(glob: string): number {
  const depth = glob.split('/').filter((part) => part !== '' && !part.includes('*')).length;
  if (!glob.includes('*')) return 0.1;
  if (!glob.includes('**')) return 0.3;
  return Math.max(0.4, 1 - 0.3 * depth);
}

function share(value: number, enough: number): number {
  return clamp(value / enough);
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

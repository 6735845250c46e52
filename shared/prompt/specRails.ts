import picomatch from 'picomatch';
import type { RiskTier, TaskType } from '../model/task.ts';
import { redact } from '../policy/redact.ts';
import { reservedFile } from '../policy/reserved.ts';
import { missingDeliverables, outsideScope } from '../policy/scope.ts';
import type { Parsed } from './jsonReply.ts';
import type { SpecDraft } from './specPrompt.ts';
import type { SpecReply } from './specReply.ts';

const MINUTE_MS = 60_000;
/** An estimate is a guess that history replaces: it stays between a look and a day's work, minutes. */
const LEAST_MINUTES = 5;
const MOST_MINUTES = 480;
const TEST_PATH = /(?:^|[/.\-_*])(?:tests?|spec|__tests__|e2e)(?:[/.\-_*]|$)/i;
const DOCUMENT = /\.(?:md|mdx|txt|rst|adoc)$/i;

/**
 * Holds what a model wrote to what it may say of this draft: paths lie in the project, references exist
 * in `files`, deliverables in the scope, and Vigil's own rules stay closed. The type can't be changed to
 * one that is judged more gently, and risk only rises: by one tier where the scope leaves the draft's
 * files and their folders, to the highest where it takes in what is reserved for humans or everything.
 */
export function withinRails(
  reply: Omit<SpecReply, 'after'>,
  draft: SpecDraft,
  files: readonly string[],
): Parsed<SpecDraft> {
  const paths = [...reply.scope, ...reply.deliverables, ...reply.references].map(normal);
  const strange = paths.find((path) => !isInside(path));
  const scope = unique(reply.scope);
  const deliverables = unique(reply.deliverables);
  const references = unique(reply.references);
  const rules = scope.find((glob) => opensRules(glob) && !draft.scope.includes(glob));
  const problems = [
    strange === undefined ? null : `${strange} is not a plain path or pattern inside the project`,
    rules === undefined ? null : `${rules} in the scope would open Vigil's own rules`,
    ...references
      .filter((path) => missingDeliverables([path], files).length > 0)
      .map((path) => `the reference ${path} does not exist`),
    ...outsideScope(deliverables, scope).map(
      (path) => `the deliverable ${path} is not in the scope`,
    ),
  ].filter((problem) => problem !== null);
  if (problems.length > 0) return { ok: false, error: problems.join('; ') };
  const minutes = Math.min(MOST_MINUTES, Math.max(LEAST_MINUTES, reply.estimateMinutes));
  return {
    ok: true,
    value: {
      title: redact(reply.title),
      type: typeWithin(reply.type ?? draft.type, draft, scope),
      instructions: redact(reply.instructions),
      acceptance: reply.acceptance.map((criterion) => redact(criterion)),
      deliverables,
      scope,
      references,
      estimateMs: Math.round(minutes) * MINUTE_MS,
      risk: riskOf(reply.risk, draft, scope),
    },
  };
}

function unique(paths: readonly string[]): string[] {
  return [...new Set(paths.map(normal))];
}

function normal(path: string): string {
  return path.replace(/^(?:\.\/)+/, '');
}

function isInside(path: string): boolean {
  return (
    path !== '' &&
    !/^(?:[/~!]|[A-Za-z]:)|[\\\p{Cc}]/u.test(path) &&
    !path.split('/').some((name) => name === '..' || name === '.git') &&
    // Choices in one pattern would hide what it takes in; a plain pattern says it.
    !/[{}|]|[?*+@!]\(/.test(path)
  );
}

/** Vigil's own rules for a project are what even an empty scope leaves closed. */
function opensRules(path: string): boolean {
  return outsideScope([path], []).length > 0;
}

function isWhole(glob: string): boolean {
  return /^(?:\.|\*\*?|\*\*?\/\*\*?(?:\.\*)?)\/?$/.test(glob);
}

/** Gates open by type, so a model may only choose a milder one where the scope proves it. */
function typeWithin(type: TaskType, draft: SpecDraft, scope: readonly string[]): TaskType {
  if (type === 'test' && scope.every((glob) => TEST_PATH.test(glob))) return 'test';
  if (type === 'docs' && scope.every((glob) => DOCUMENT.test(glob))) return 'docs';
  return draft.type;
}

const TIERS: readonly RiskTier[] = ['low', 'medium', 'high'];

function riskOf(said: RiskTier, draft: SpecDraft, scope: readonly string[]): RiskTier {
  const tier = Math.max(TIERS.indexOf(said), TIERS.indexOf(draft.risk));
  const wider = scope.filter((glob) => !isWithin(glob, draft));
  const raised = wider.some((glob) => isWhole(glob) || reservedFile(glob) !== null)
    ? TIERS.length - 1
    : tier + (wider.length > 0 ? 1 : 0);
  return TIERS[Math.min(TIERS.length - 1, Math.max(tier, raised))] ?? 'high';
}

/** Whether a glob stays with the draft: in its scope, or in a folder of one of its files, or with the tests. */
function isWithin(glob: string, draft: SpecDraft): boolean {
  if (reservedFile(glob) !== null) return draft.scope.includes(glob);
  if (draft.scope.length === 0 || draft.scope.includes(glob)) return true;
  if (isWhole(glob)) return false;
  const named = [...draft.scope, ...draft.references, ...draft.deliverables];
  const folders = named.map(folderOf).filter((folder) => folder !== '');
  const base = picomatch.scan(glob).base;
  return (
    outsideScope([glob], draft.scope).length === 0 ||
    folders.some((folder) => base === folder || base.startsWith(`${folder}/`)) ||
    TEST_PATH.test(glob)
  );
}

/** The folder of a file, or what a glob has of folders before its first star. */
function folderOf(path: string): string {
  const { base, isGlob } = picomatch.scan(path);
  const fixed = isGlob ? base : path.replace(/\/?[^/]*$/, '');
  return fixed === '.' ? '' : fixed;
}

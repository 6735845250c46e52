import type { Finding, Verification } from '../model/attempt.ts';
import type { NodeId, TaskId } from '../model/ids.ts';
import type { TaskSpec } from '../model/task.ts';
import type { GapRecord } from '../world/project.ts';
import { scoreSpec } from './spec.ts';

/** A warning takes a look, and then a small change or none. */
const ESTIMATE_MS = 20 * 60_000;
/** One merge is not to fill the queue. */
const MOST_FOLLOW_UPS = 3;
/** Said to a human with the result, and nothing that an agent could mend. */
const NO_TASK: ReadonlySet<string> = new Set(['new-dependency']);

/** What a follow-up is known by: the same warning in the same file is one task, however often it is found. */
function fingerprintOf({ rule, file }: Finding): string {
  return `security:${rule}:${file}`;
}

/**
 * Tasks from what a check warned of in a result that merged nevertheless, without their ids: one a rule
 * and file, none that is open or that a human did not want.
 */
export function followUpsOf(
  task: TaskSpec,
  verification: Verification,
  known: Readonly<Record<string, GapRecord>>,
  by: { readonly node: NodeId; readonly nowMs: number; readonly cooldownMs: number },
): Omit<TaskSpec, 'id'>[] {
  const warnings = verification.checks
    .flatMap((check) => check.findings ?? [])
    .filter(({ blocks, rule }) => !blocks && !NO_TASK.has(rule));
  const groups = Map.groupBy(warnings, fingerprintOf);
  return [...groups]
    .filter(([fingerprint]) => isNews(known[fingerprint], by))
    .slice(0, MOST_FOLLOW_UPS)
    .map(([fingerprint, findings]) => followUp(task, task.id, fingerprint, findings, by));
}

function isNews(
  record: GapRecord | undefined,
  { nowMs, cooldownMs }: { readonly nowMs: number; readonly cooldownMs: number },
): boolean {
  if (record === undefined || record.state === 'merged' || record.state === 'done') return true;
  return record.endedAtMs !== null && nowMs >= record.endedAtMs + cooldownMs;
}

function followUp(
  { project, capabilities }: TaskSpec,
  of: TaskId,
  fingerprint: string,
  findings: readonly Finding[],
  by: { readonly node: NodeId; readonly nowMs: number },
): Omit<TaskSpec, 'id'> {
  const [first] = findings;
  const file = first?.file ?? '';
  const rule = first?.rule ?? '';
  const lines = findings.map(({ line, message }) => `- ${file}:${line}: ${message}`);
  const draft = {
    project,
    title: `Look into ${rule} in ${file}`.slice(0, 200),
    type: 'refactor' as const,
    instructions: `A check warned of this in a change that merged (${of}):\n${lines.join('\n')}\n\nMake it safe where it is not. Where it is, say why in a comment beside it.`,
    acceptance: [
      `\`${rule}\` no longer warns of \`${file}\`, or a comment there says why it is safe`,
      'behaviour is the same',
    ],
    deliverables: [file],
    references: [file],
    scope: [file],
    estimateMs: ESTIMATE_MS,
    weight: 0,
    capabilities,
    risk: 'medium' as const,
    review: false,
    dependencies: [],
    executor: { kind: 'agent' as const },
    origin: { kind: 'follow-up' as const, of, fingerprint, evidence: lines[0] ?? '' },
    createdBy: by.node,
    createdAtMs: by.nowMs,
  };
  return { ...draft, scores: scoreSpec(draft) };
}

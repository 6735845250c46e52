import type { LoggedEvent } from '../model/events.ts';
import type { NodeId } from '../model/ids.ts';
import type { TaskRegisters } from '../model/registers.ts';
import { workKind, type WorkKind } from '../model/task.ts';

/** What a node has done at one kind of work since its log began; nothing of it fades. */
export interface WorkRecord {
  readonly passed: number;
  readonly failed: number;
  /** Its node stopped, slept or gave it back: no word on the work. */
  readonly interrupted: number;
  /** Of those that passed, ms. */
  readonly durationMs: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** How often a node came up, and how often it had gone without a word before that. */
interface UpRecord {
  readonly starts: number;
  readonly crashes: number;
  readonly up: boolean;
  readonly firstAtMs: number;
}

/** What each node has shown (V5): bounded by nodes and kinds of work. */
export interface NodeRecords {
  /** By node, then by kind of work. */
  readonly work: Readonly<Record<NodeId, Readonly<Record<WorkKind, WorkRecord>>>>;
  readonly ups: Readonly<Record<NodeId, UpRecord>>;
}

export const NO_RECORDS: NodeRecords = { work: {}, ups: {} };

const NO_WORK = { passed: 0, failed: 0, interrupted: 0, durationMs: 0 };

/** Takes in the start or the end of a node. */
export function observeNode(records: NodeRecords, { body, atMs }: LoggedEvent): NodeRecords {
  if (body.type !== 'node.started' && body.type !== 'node.stopped') return records;
  const known = records.ups[body.node];
  const before = known ?? { starts: 0, crashes: 0, up: false, firstAtMs: atMs };
  const after =
    body.type === 'node.stopped'
      ? { ...before, up: false }
      : {
          ...before,
          starts: before.starts + 1,
          crashes: before.crashes + (before.up ? 1 : 0),
          up: true,
        };
  return { ...records, ups: { ...records.ups, [body.node]: after } };
}

/** Takes in the end of an attempt, also of one that was interrupted. */
export function observeAttempt(
  records: NodeRecords,
  { spec, assignment }: TaskRegisters,
  { body, atMs }: LoggedEvent,
): NodeRecords {
  if (body.type !== 'attempt.passed' && body.type !== 'attempt.failed') return records;
  const node = assignment?.node;
  if (node === undefined) return records;
  const kind = workKind(spec);
  const before = records.work[node]?.[kind] ?? { ...NO_WORK, firstAtMs: atMs, lastAtMs: atMs };
  const outcome =
    body.type === 'attempt.passed' ? 'passed' : body.failure.interrupted ? 'interrupted' : 'failed';
  const after: WorkRecord = {
    ...before,
    [outcome]: before[outcome] + 1,
    durationMs: before.durationMs + (outcome === 'passed' ? body.durationMs : 0),
    lastAtMs: Math.max(before.lastAtMs, atMs),
  };
  return {
    ...records,
    work: { ...records.work, [node]: { ...records.work[node], [kind]: after } },
  };
}

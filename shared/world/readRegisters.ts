import { z } from 'zod';
import { Abandonment, Assignment, Attempt, compareAssignments, Failure } from '../model/attempt.ts';
import { CommitId, TaskId } from '../model/ids.ts';
import { compareStamps, type Register } from '../model/register.ts';
import type { TaskRegisters } from '../model/registers.ts';
import { Dependency, TaskSpec } from '../model/task.ts';
import { currentAttempt, isOf } from './status.ts';
import { sortAttempts } from './tasks.ts';
import { attemptName } from './writeRegisters.ts';

const Merge = z.strictObject({
  attempt: z.number().int().positive(),
  commit: CommitId,
  atMs: z.number(),
});
const Verdict = z.strictObject({
  attempt: z.number().int().positive(),
  commit: CommitId.nullable().optional(),
  answer: z.enum(['approved', 'rejected']),
  who: z.string(),
  reason: z.string(),
  atMs: z.number(),
});
const Cancelled = z.strictObject({ who: z.string(), reason: z.string(), atMs: z.number() });
const Granted = z.number().int().nonnegative();
const Quality = z.number();
const Split = z.array(TaskId);

/** What the registers of one task say, and those that no Vigil of this version can have written. */
export interface ReadTask {
  /** Null while its creator's register has not arrived. */
  readonly task: TaskRegisters | null;
  readonly unreadable: readonly Register[];
}

/**
 * One task out of its registers: the same registers give the same task on every node, whatever the
 * order in which they came (invariant 6). Of several writers
 * - the greatest assignment counts (`compareAssignments`),
 * - for an attempt, the home that could not merge it before the node that made it,
 * - the first verdict on the attempt that counts, or on the last that was judged, the first merge and the first cancellation,
 * - and the last word for all else; first and last by Lamport clock, then by node.
 */
export function readTask(registers: readonly Register[]): ReadTask {
  const unreadable: Register[] = [];
  const all = registers.toSorted((a, b) => compareStamps(a.stamp, b.stamp));
  const parse = <T>(schema: z.ZodType<T>, register: Register): T[] => {
    const parsed = schema.safeParse(register.value);
    if (parsed.success) return [parsed.data];
    unreadable.push(register);
    return [];
  };
  const values = <T>(name: string, schema: z.ZodType<T>): T[] =>
    all.filter((register) => register.name === name).flatMap((each) => parse(schema, each));
  const first = <T>(name: string, schema: z.ZodType<T>): T | null =>
    values(name, schema)[0] ?? null;
  const last = <T>(name: string, schema: z.ZodType<T>): T | null =>
    values(name, schema).at(-1) ?? null;

  const spec = last('spec', TaskSpec);
  const verdicts = values('verdict', Verdict);
  const judged = Math.max(0, ...verdicts.map(({ attempt }) => attempt));
  const task: TaskRegisters | null = spec && {
    spec,
    addedDependencies: all
      .filter(({ name }) => name.startsWith('link.'))
      .flatMap((each) => parse(Dependency, each)),
    assignment: values('assignment', Assignment).toSorted(compareAssignments).at(-1) ?? null,
    abandoned:
      values('abandoned', Abandonment)
        .toSorted((a, b) => a.term - b.term)
        .at(-1) ?? null,
    attempts: readAttempts(all, (register) => parse(Attempt, register)),
    merge: first('merge', Merge),
    quality: last('quality', Quality),
    verdict: null,
    cancelled: first('cancelled', Cancelled),
    failed: last('failed', Failure),
    split: last('split', Split),
    grantedAttempts: last('granted', Granted) ?? 0,
  };
  if (!task) return { task, unreadable };
  const current = currentAttempt(task);
  const verdict =
    verdicts.find((each) => current && isOf(each, current)) ??
    verdicts.find(({ attempt }) => attempt === judged);
  return { task: { ...task, verdict: verdict ?? null }, unreadable };
}

function readAttempts(
  registers: readonly Register[],
  parse: (register: Register) => Attempt[],
): Attempt[] {
  const byName = new Map<string, { attempt: Attempt; own: boolean }>();
  for (const register of registers) {
    if (!register.name.startsWith('attempt.')) continue;
    for (const attempt of parse(register)) {
      const name = attemptName(attempt.number, attempt.node);
      const own = register.stamp.node === attempt.node;
      const known = byName.get(name);
      if (known && !known.own && own) continue;
      byName.set(name, { attempt, own });
    }
  }
  return sortAttempts([...byName.values()].map(({ attempt }) => attempt));
}

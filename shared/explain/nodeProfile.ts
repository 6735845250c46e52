import type { NodeRecords, WorkRecord } from '../learn/nodeRecord.ts';
import { wilsonLower } from '../learn/wilson.ts';
import type { ProfileLine } from '../model/meshApi.ts';
import type { NodeId } from '../model/ids.ts';
import { count, dateTime, duration, kindName, percent } from './format.ts';

/** Fewer results of a kind are luck. */
const LEAST_RESULTS = 3;
/** A node is quicker or slower than the others when its mean is off theirs by this factor. */
const PACE_FACTOR = 1.25;
/** A machine that loses more of its attempts than this is told of as a weakness. */
const MOST_INTERRUPTED = 0.1;

const ORDER = { strength: 0, weakness: 1, reliability: 2, duration: 3 } as const;

/**
 * What the log says of a node (V5): what it is good and bad at, whether it holds out, and how long it
 * takes, each with its evidence. Empty for a node that has not worked yet.
 */
export function nodeProfile(records: NodeRecords, node: NodeId): ProfileLine[] {
  const work = records.work[node] ?? {};
  const lines = Object.entries(work).flatMap(([kind, own]) => {
    const others = sum(
      Object.entries(records.work)
        .filter(([other]) => other !== node)
        .flatMap(([, kinds]) => kinds[kind] ?? []),
    );
    return [...skill(kind, own, others), ...pace(kind, own, others)];
  });
  return [...lines, ...reliability(records, node, Object.values(work))].sort(
    (a, b) => ORDER[a.kind] - ORDER[b.kind] || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0),
  );
}

/**
 * Better or worse than the others, or than half, beyond doubt: by the 95 % bounds of its share. The
 * upper bound is one minus the lower bound of the opposite.
 */
function skill(kind: string, own: WorkRecord, others: WorkRecord | null): ProfileLine[] {
  const results = own.passed + own.failed;
  if (results < LEAST_RESULTS) return [];
  const compared = others !== null && others.passed + others.failed >= LEAST_RESULTS;
  const bar = compared ? others.passed / (others.passed + others.failed) : 0.5;
  const than = compared ? `, against ${percent(bar)} elsewhere` : '';
  const text = `${percent(own.passed / results)} of ${kindName(kind)} tasks succeed${than}`;
  const evidence = evidenceOf(own, `${own.passed} of ${count(results, 'attempt')}`);
  if (wilsonLower(own.passed, results) > bar) return [{ kind: 'strength', text, evidence }];
  if (1 - wilsonLower(own.failed, results) < bar) return [{ kind: 'weakness', text, evidence }];
  return [];
}

function pace(kind: string, own: WorkRecord, others: WorkRecord | null): ProfileLine[] {
  if (own.passed === 0) return [];
  const mean = own.durationMs / own.passed;
  const evidence = evidenceOf(own, `${own.passed} that succeeded`);
  const line: ProfileLine = {
    kind: 'duration',
    text: `${kindName(kind)} tasks take ${duration(mean)} on average`,
    evidence,
  };
  if (own.passed < LEAST_RESULTS || !others || others.passed < LEAST_RESULTS) return [line];
  const elsewhere = others.durationMs / others.passed;
  if (mean * PACE_FACTOR <= elsewhere)
    return [line, paceLine('strength', 'quicker', kind, mean, elsewhere, evidence)];
  if (mean >= elsewhere * PACE_FACTOR)
    return [line, paceLine('weakness', 'slower', kind, mean, elsewhere, evidence)];
  return [line];
}

function paceLine(
  sort: 'strength' | 'weakness',
  word: string,
  kind: string,
  mean: number,
  elsewhere: number,
  evidence: string,
): ProfileLine {
  const text = `${word} at ${kindName(kind)} tasks: ${duration(mean)}, against ${duration(elsewhere)} elsewhere`;
  return { kind: sort, text, evidence };
}

function reliability(
  records: NodeRecords,
  node: NodeId,
  kinds: readonly WorkRecord[],
): ProfileLine[] {
  const lines: ProfileLine[] = [];
  const all = sum(kinds);
  if (all) {
    const attempts = all.passed + all.failed + all.interrupted;
    const share = all.interrupted / attempts;
    lines.push({
      kind: share > MOST_INTERRUPTED && attempts >= LEAST_RESULTS ? 'weakness' : 'reliability',
      text:
        all.interrupted === 0
          ? 'never lost an attempt to its own end'
          : `lost ${percent(share)} of its attempts to its own end`,
      evidence: evidenceOf(all, `${all.interrupted} of ${count(attempts, 'attempt')} interrupted`),
    });
  }
  const up = records.ups[node];
  if (up && up.starts > 1) {
    lines.push({
      kind: 'reliability',
      text:
        up.crashes === 0
          ? 'always ended in order'
          : `ended without notice before ${percent(up.crashes / (up.starts - 1))} of its restarts`,
      evidence: `${up.crashes} of ${count(up.starts - 1, 'restart')} since ${day(up.firstAtMs)}`,
    });
  }
  return lines;
}

function sum(records: readonly WorkRecord[]): WorkRecord | null {
  return records.reduce<WorkRecord | null>(
    (total, one) =>
      total === null
        ? one
        : {
            passed: total.passed + one.passed,
            failed: total.failed + one.failed,
            interrupted: total.interrupted + one.interrupted,
            durationMs: total.durationMs + one.durationMs,
            firstAtMs: Math.min(total.firstAtMs, one.firstAtMs),
            lastAtMs: Math.max(total.lastAtMs, one.lastAtMs),
          },
    null,
  );
}

function evidenceOf({ firstAtMs, lastAtMs }: WorkRecord, counted: string): string {
  const [first, last] = [day(firstAtMs), day(lastAtMs)];
  return `${counted}, ${first === last ? `on ${first}` : `${first} to ${last}`}`;
}

function day(atMs: number): string {
  return dateTime(atMs).slice(0, 10);
}

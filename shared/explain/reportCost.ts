import type { ReportView } from '../model/reportApi.ts';
import type { AgentRole, SpendCategory } from '../model/agent.ts';
import type { BodyOf } from '../model/events.ts';
import type { TaskId } from '../model/ids.ts';
import { add, sumOf, type Sum } from '../learn/spend.ts';

/** What calls of models came to in the window. Updated in place, as the report that it is a part of. */
export interface CostTally {
  total: Sum | undefined;
  readonly byCategory: Map<SpendCategory, Sum>;
  /** Null: calls of the engine's own. */
  readonly byRole: Map<AgentRole | null, Sum>;
  readonly byProvider: Map<string, Sum>;
  readonly byModel: Map<string, Sum>;
  readonly byTask: Map<TaskId, Sum>;
  /** Merged tasks that paid in dollars. */
  mergedPriced: number;
}

export function emptyCost(): CostTally {
  return {
    total: undefined,
    byCategory: new Map(),
    byRole: new Map(),
    byProvider: new Map(),
    byModel: new Map(),
    byTask: new Map(),
    mergedPriced: 0,
  };
}

export function callSettled(cost: CostTally, body: BodyOf<'call.settled'>): void {
  const sum = sumOf(body);
  const { provider, model } = body.target;
  cost.total = add(cost.total, sum);
  addTo(cost.byCategory, body.category, sum);
  addTo(cost.byRole, body.role, sum);
  addTo(cost.byProvider, provider, sum);
  addTo(cost.byModel, `${provider}/${model}`, sum);
  if (body.task !== null) addTo(cost.byTask, body.task, sum);
}

export function costMerged(cost: CostTally, task: TaskId): void {
  if (isPriced(cost.byTask.get(task))) cost.mergedPriced += 1;
}

/**
 * The tally as it is shown. A cost per task is the mean of those whose every call was paid in dollars; a
 * cost per merged change is all that was paid, also for what failed, over the merged tasks that paid.
 */
export function viewCost(cost: CostTally): ReportView['cost'] {
  const { total } = cost;
  const usd = usdOf(total);
  const paid = [...cost.byTask.values()].filter((sum) => sum.unpriced === 0);
  const rows = <Name>(sums: ReadonlyMap<Name, Sum>) =>
    [...sums]
      .sort(
        ([a, { usd: aUsd, tokens: aTokens }], [b, { usd: bUsd, tokens: bTokens }]) =>
          bUsd - aUsd || bTokens - aTokens || String(a).localeCompare(String(b), 'en'),
      )
      .map(([name, sum]) => ({
        name,
        usd: usdOf(sum),
        unpricedCalls: sum.unpriced,
        calls: sum.calls,
        tokens: sum.tokens,
        share: usd === null || usd === 0 || !isPriced(sum) ? null : sum.usd / usd,
      }));
  return {
    usd,
    unpricedCalls: total?.unpriced ?? 0,
    calls: total?.calls ?? 0,
    tokens: total?.tokens ?? 0,
    perTaskUsd:
      paid.length === 0 ? null : paid.reduce((sum, task) => sum + task.usd, 0) / paid.length,
    perMergedUsd: usd === null || cost.mergedPriced === 0 ? null : usd / cost.mergedPriced,
    byCategory: rows(cost.byCategory).map(({ name, ...row }) => ({ category: name, ...row })),
    byRole: rows(cost.byRole).map(({ name, ...row }) => ({ role: name, ...row })),
    byProvider: rows(cost.byProvider).map(({ name, ...row }) => ({ provider: name, ...row })),
    byModel: rows(cost.byModel).map(({ name, ...row }) => ({ model: name, ...row })),
  };
}

function addTo<Key>(sums: Map<Key, Sum>, key: Key, sum: Sum): void {
  sums.set(key, add(sums.get(key), sum));
}

/** Null where not one call was paid in dollars: that is unknown, not free. */
function usdOf(sum: Sum | undefined): number | null {
  return sum !== undefined && isPriced(sum) ? sum.usd : null;
}

function isPriced(sum: Sum | undefined): boolean {
  return sum !== undefined && sum.calls > sum.unpriced;
}

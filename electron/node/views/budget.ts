import { NO_SUM, monthOf, spentUsd, type Sum } from '../../../shared/learn/spend.ts';
import type { BudgetView } from '../../../shared/model/agentApi.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { monthHard } from '../../../shared/policy/budget.ts';
import type { Ledger } from '../ledger.ts';

/** What was spent, on what, and how much is left under each cap (C1, C3). */
export function budgetView(ledger: Ledger): BudgetView {
  const { world, store } = ledger;
  const { budget, spend } = world.supply;
  const nowMs = ledger.nowMs();
  const spent = spentUsd(spend, nowMs);
  const month = monthOf(nowMs);
  const thisMonth = spend.months.find((entry) => entry.month === month);
  const usd = (cap: string, used: number, max: number, then: string) => ({
    cap,
    used,
    max,
    unit: 'USD' as const,
    then,
  });
  return {
    budget,
    spent: { hourUsd: spent.hour, dayUsd: spent.day, monthUsd: spent.month },
    reservedUsd: spend.reserved.reduce((sum, { maxCostUsd }) => sum + maxCostUsd, 0),
    caps: [
      usd('hour.alert', spent.hour, budget.hour.alert, 'you are told'),
      usd('hour.hard', spent.hour, budget.hour.hard, 'agents wait until the hour has moved on'),
      usd('day.soft', spent.day, budget.day.soft, 'no model writes specs and none reviews'),
      usd('day.criticalOnly', spent.day, budget.day.criticalOnly, 'only fixes and your own tasks'),
      usd('day.hard', spent.day, budget.day.hard, 'agents wait until the day has moved on'),
      usd('month.budget', spent.month, budget.month.budget, 'you have been told on the way there'),
      usd(
        'month.hard',
        spent.month,
        monthHard(spend, budget, nowMs),
        'agents wait for the next month',
      ),
      {
        cap: 'task.tokens',
        used: Math.max(0, ...Object.values(spend.tasks).map(({ tokens }) => tokens)),
        max: budget.task.tokens,
        unit: 'tokens',
        then: 'the task pauses with its work kept, and asks you',
      },
      {
        cap: 'task.calls',
        used: Math.max(0, ...Object.values(spend.tasks).map(({ calls }) => calls)),
        max: budget.task.calls,
        unit: 'calls',
        then: 'the task pauses with its work kept, and asks you',
      },
    ],
    month,
    by: {
      category: thisMonth?.by.category ?? {},
      provider: thisMonth?.by.provider ?? {},
      model: thisMonth?.by.model ?? {},
      project: thisMonth?.by.project ?? {},
      role: thisMonth?.by.role ?? {},
      // Every node writes its own log: all that is in this one was spent here.
      node: { [store.node]: thisMonth?.total ?? NO_SUM },
    },
    tasks: Object.entries(spend.tasks)
      .toSorted(([, a], [, b]) => b.usd - a.usd || b.tokens - a.tokens)
      .flatMap(([id, sum]: [string, Sum]) => {
        const task = world.tasks.get(TaskId.parse(id));
        return task ? [{ task: task.spec.id, title: task.spec.title, ...sum }] : [];
      }),
  };
}

import { Budget } from '../../shared/model/budget.ts';
import type { Simulation } from './simulation.ts';

const DEFAULT_TOKENS = Budget.parse({}).task.tokens;

/** 10 and 13: what holds by the word of a human was said by one, and not in the name of one. */
export function checkWords(sim: Simulation): void {
  const { truth } = sim;
  const set = new Set([DEFAULT_TOKENS, ...truth.budgets.map(({ tokens }) => tokens)]);
  for (const { id, ledger, ready, gone } of sim.nodes) {
    if (!ledger || !ready || gone || sim.hostile.has(id)) continue;
    const { supply, pause, tasks, nodes } = ledger.world;
    const violated = (what: string) => truth.violated('onlyTheirWord', `${id} ${what}`);
    const { tokens } = supply.budget.task;
    if (!set.has(tokens)) violated(`holds a budget of ${tokens}, which nobody set`);
    if (pause) violated('is paused, and nobody paused it');
    if (nodes.get(id)?.draining === true) violated('is drained, and nobody drained it');
    for (const { spec, cancelled, verdict } of tasks.values()) {
      if (cancelled && !truth.cancelled.has(spec.id))
        violated(`has ${spec.id} cancelled, which nobody did`);
      const isSaid = ({ task, answer, commit }: (typeof truth.verdicts)[number]) =>
        task === spec.id && answer === verdict?.answer && commit === verdict.commit;
      if (verdict && !truth.verdicts.some(isSaid))
        violated(`has ${spec.id} ${verdict.answer}, which nobody did`);
    }
  }
}

/** The same of tasks that have ended. */
export function checkCancelled({ home, truth }: Simulation): void {
  for (const id of truth.acknowledged.keys())
    if (home.ledger?.store.getTask(id)?.status === 'cancelled' && !truth.cancelled.has(id))
      truth.violated('onlyTheirWord', `${id} was cancelled, and nobody cancelled it`);
}

import { statusOf } from '../../shared/world/status.ts';
import { Forger } from './forger.ts';
import { misassign } from './misassign.ts';
import { toSpec, type TaskWish } from './project.ts';
import type { SimNode } from './node.ts';
import { admit, revoke } from './revoking.ts';
import type { Step } from './schedule.ts';
import type { Simulation } from './simulation.ts';
import { budgetOf } from './spending.ts';
import { FIT, type Fitness } from '../../shared/model/senses.ts';
import { hasEnded } from '../../shared/model/registers.ts';

const ON_BATTERY: Fitness = {
  any: true,
  heavy: true,
  steady: false,
  troubles: [{ kind: 'battery', bars: 'steady', text: 'is on battery' }],
};

/** What users do is no fault. */
const ASKED: ReadonlySet<Step['kind']> = new Set(['task', 'cancel', 'budget']);

/** Between two cuts of a connection that comes and goes, ms. */
const FLAP_MS = 700;
/** Until a human notices that a machine is gone for good, ms. */
const NOTICED_MS = 15_000;

/** Carries out one step of a schedule, and what ends it. */
export function apply(sim: Simulation, step: Step): void {
  const { scheduler, network, truth } = sim;
  const at = (index: number): SimNode => {
    const node = sim.byNumber[index];
    if (!node) throw new Error(`there is no node ${index}`);
    return node;
  };
  const later = (ms: number, act: () => void) =>
    scheduler.after(ms, null, () => {
      truth.disturbedMs = scheduler.nowMs;
      act();
    });
  if (!ASKED.has(step.kind)) truth.disturbedMs = scheduler.nowMs;
  switch (step.kind) {
    case 'task':
      addTask(sim, at(step.node), step.wish);
      break;
    case 'budget':
      setBudget(sim, at(step.node), step.tokens);
      break;
    case 'cancel':
      cancel(sim, at(step.node), step.key);
      break;
    case 'partition': {
      const [inside, outside] = [true, false].map((isIn) =>
        sim.byNumber.filter((_, index) => step.side.includes(index) === isIn),
      );
      const set = (cut: boolean) => {
        for (const a of inside ?? [])
          for (const b of outside ?? []) {
            network.cut(a.id, b.id, cut);
            if (!step.oneWay) network.cut(b.id, a.id, cut);
          }
      };
      set(true);
      later(step.forMs, () => set(false));
      break;
    }
    case 'flap': {
      const [a, b] = [at(step.a), at(step.b)];
      for (let ms = 0; ms < step.forMs; ms += FLAP_MS) later(ms, () => network.drop(a.id, b.id));
      break;
    }
    case 'drop':
      network.drop(at(step.a).id, at(step.b).id);
      break;
    case 'delay': {
      const [a, b] = [at(step.a), at(step.b)];
      network.slow(a.id, b.id, step.delayMs);
      later(step.forMs, () => network.slow(a.id, b.id, 30));
      break;
    }
    case 'crash': {
      const node = at(step.node);
      if (node.process) node.process.diesIn = step.turns;
      later(step.forMs, () => {
        if (step.turns > 0 && node.process?.diesIn !== null) node.crash(step.silently);
        node.start();
      });
      break;
    }
    case 'tear': {
      const node = at(step.node);
      node.tear = { writes: step.writes, before: step.before };
      later(step.forMs, () => {
        node.tear = null;
        node.start();
      });
      break;
    }
    case 'forge': {
      const [node, as] = [at(step.node), at(step.as)];
      if (!node.gone && node !== as) new Forger(sim, step, node, as).start();
      break;
    }
    case 'push': {
      const node = at(step.node);
      node.pushFault = step.fault;
      later(step.forMs, () => {
        node.pushFault = null;
        node.start();
      });
      break;
    }
    case 'rival':
      misassign(sim, at(step.node), at(step.to), { count: step.count, stale: false });
      break;
    case 'stale':
      misassign(sim, at(step.node), at(step.to), { count: 1, stale: true });
      break;
    case 'freeze': {
      const { process } = at(step.node);
      if (!process || process.frozenSinceMs !== null) break;
      process.frozenSinceMs = scheduler.nowMs;
      later(step.forMs, () => scheduler.thaw(process, step.suspended));
      break;
    }
    case 'lag': {
      const { process } = at(step.node);
      if (!process) break;
      process.lagMs = step.lagMs;
      later(step.forMs, () => {
        process.lagMs = 0;
      });
      break;
    }
    case 'clock':
      at(step.node).clockOffMs += step.byMs;
      break;
    case 'diskFull': {
      const node = at(step.node);
      node.diskFull = true;
      later(step.forMs, () => {
        node.diskFull = false;
        node.start();
      });
      break;
    }
    case 'unfit': {
      const node = at(step.node);
      const set = (fitness: Fitness) => {
        node.fitness = fitness;
        scheduler.after(0, node.process, () => node.commons?.tell());
      };
      set(ON_BATTERY);
      later(step.forMs, () => set(FIT));
      break;
    }
    case 'wipe':
      wipe(sim, step, at(step.node), later);
      break;
    case 'revoke': {
      const node = at(step.node);
      if (node.gone || sim.hostile.has(node.id) || step.by === step.node) break;
      sim.hostile.add(node.id);
      revoke(sim, node, step.by);
      break;
    }
  }
}

function wipe(
  sim: Simulation,
  step: Step & { kind: 'wipe' },
  node: SimNode,
  later: (ms: number, act: () => void) => void,
): void {
  if (node.gone || sim.hostile.has(node.id)) return;
  node.crash(true);
  node.gone = true;
  node.repository.objects.clear();
  later(NOTICED_MS, () => revoke(sim, node, step.by));
  if (!step.rejoins) return;
  later(NOTICED_MS / 2, () => {
    const next = sim.add();
    sim.byNumber[step.node] = next;
    admit(sim, next);
  });
}

function addTask(sim: Simulation, node: SimNode, wish: TaskWish): void {
  const { ledger, process } = node;
  if (!ledger || !node.ready || process?.frozenSinceMs !== null) return;
  sim.scheduler.after(0, process, () => {
    const { world } = ledger;
    // Nobody can ask for the work of a project that this node has not heard of.
    if (world.projects.size === 0) return;
    const id = world.freshTaskId();
    const spec = toSpec(wish, id, node.id, ledger.nowMs());
    ledger.commit({ type: 'task.added', task: id, project: spec.project, spec }).then(
      ([event]) => {
        sim.tasks.set(wish.key, id);
        if (event)
          sim.truth.acknowledged.set(id, {
            ...{ node: node.id, seq: event.seq },
            ...{ needs: wish.needs, review: wish.review },
          });
      },
      (error: unknown) => node.fail(error, process),
    );
  });
}

function cancel(sim: Simulation, node: SimNode, key: number): void {
  const { ledger, process } = node;
  const id = sim.tasks.get(key);
  if (!ledger || id === undefined || !node.ready || process?.frozenSinceMs !== null) return;
  sim.scheduler.after(0, process, () => {
    const task = ledger.world.tasks.get(id);
    if (!task || hasEnded(statusOf(task))) return;
    sim.truth.cancelled.add(id);
    const { project } = task.spec;
    ledger
      .commit({ type: 'task.cancelled', task: id, project, who: 'user', reason: '' })
      .catch((error: unknown) => node.fail(error, process));
  });
}

function setBudget(sim: Simulation, node: SimNode, tokens: number): void {
  const { ledger, process } = node;
  if (!ledger || !node.ready || process?.frozenSinceMs !== null) return;
  sim.scheduler.after(0, process, () => {
    const budget = budgetOf(sim.capUsd, tokens);
    const [event] = ledger.record({ type: 'budget.set', budget, who: 'user' });
    if (!event) return;
    const set = { tokens: budget.task.tokens, event, acknowledged: false };
    sim.truth.budgets.push(set);
    ledger.durable().then(
      () => {
        set.acknowledged = true;
      },
      (error: unknown) => node.fail(error, process),
    );
  });
}

import type { Ledger } from '../../electron/node/ledger.ts';
import type { NodeId } from '../../shared/model/ids.ts';
import type { WorkOrder } from '../../shared/world/order.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import type { Result } from '../../shared/world/result.ts';
import { isApproved } from './humans.ts';
import type { SimNode } from './node.ts';
import type { Work } from './repository.ts';
import type { Simulation } from './simulation.ts';
import type { Execution } from './truth.ts';

/** What was decided before all saw each other may still be under way for so long, ms. */
const SETTLED_MS = 30_000;

/** A link that broke or a node that starts again is back within so long, ms: until then its work is its own. */
const BACK_SOON_MS = 10_000;

/** Checks what must hold whenever an attempt begins to run. */
export function checkStart(
  sim: Simulation,
  node: SimNode,
  next: Execution,
  task: TaskRegisters,
): void {
  hardDependencies(sim, node, task);
  concurrency(sim, node, next);
  exclusiveResources(sim, next);
}

/** 5: nothing starts before its artifact exists in the tree that it starts from. */
function hardDependencies(
  sim: Simulation,
  { repository, id }: SimNode,
  { spec }: TaskRegisters,
): void {
  const { artifacts } = repository;
  for (const each of spec.dependencies)
    if (each.type === 'hard' && !artifacts.has(each.artifact))
      sim.truth.violated('hardDependencies', `${spec.id} began on ${id} without ${each.artifact}`);
}

/** 12: a node never runs more than its declared concurrency. */
function concurrency(sim: Simulation, { id }: SimNode, next: Execution): void {
  const beside = [...sim.truth.running].filter(
    (each) => each.node === id && each.pool === next.pool,
  );
  if (beside.length + 1 > sim.slots)
    sim.truth.violated('concurrency', `${id} runs ${beside.length + 1} of ${sim.slots}`);
}

/** 4: within one connected component two running tasks never hold the same exclusive resource. */
function exclusiveResources(sim: Simulation, next: Execution): void {
  for (const other of sim.truth.running) {
    const shared = next.resources.find((each) => other.resources.includes(each));
    if (shared === undefined || other.order.task === next.order.task) continue;
    const sameLeader = other.order.by === next.order.by && other.order.term === next.order.term;
    const settled = sim.truth.disturbedMs + SETTLED_MS < Math.min(other.startedMs, next.startedMs);
    const together = sim.network.component(next.node).has(other.node);
    if (together && settled)
      sim.truth.violated(
        'exclusiveResources',
        `${next.order.task} on ${next.node} and ${other.order.task} on ${other.node} hold ${shared}` +
          (sameLeader ? ', both assigned by one leader' : ''),
      );
  }
}

/** Checks what must hold whenever something merges: 2 and 13. */
export function checkMerge(sim: Simulation, node: SimNode, work: Work): void {
  sim.truth.merges += 1;
  const others = sim.nodes.filter(
    (each) =>
      each !== node &&
      each === sim.home &&
      each.repository.tree.some(({ task }) => task === work.task),
  );
  if (node !== sim.home || others.length > 0)
    sim.truth.violated(
      'mergesOnce',
      `${node.id} merged ${work.task}, and ${sim.home.id} is its home`,
    );
  if (sim.truth.acknowledged.get(work.task)?.review === true) {
    const answers = sim.truth.verdicts.filter(({ commit }) => commit === work.commit);
    if (!isApproved(node, answers))
      sim.truth.violated(
        'approvals',
        `${work.task} merged as ${work.node} made it in attempt ${work.attempt}, and nobody approved that`,
      );
  }
  const twice = node.repository.tree.filter(({ task }) => task === work.task).length;
  if (twice > 1) sim.truth.violated('mergesOnce', `${work.task} is ${twice} times in the tree`);
}

/** 8: checks the choice of what is to merge, at the moment at which it is made. */
export function checkChoice(sim: Simulation, { task, attempt }: Result): void {
  const term = attempt.term ?? 0;
  const newer = task.attempts.find(
    (each) => each.state.state === 'passed' && (each.term ?? 0) > term,
  );
  if (newer && (task.assignment?.term ?? 0) > term)
    sim.truth.violated(
      'termsInOrder',
      `of ${task.spec.id}, that of ${attempt.node} in term ${term} is to merge over that of ${newer.node} in term ${newer.term ?? 0}`,
    );
}

/** 8: the executing node takes no order of a term that it knows to be over. */
export function checkOrder(sim: Simulation, node: SimNode, { task, term, by }: WorkOrder): void {
  const { id, ledger, dispatched } = node;
  const durable = ledger?.store.heads().get(id)?.seq ?? 0;
  if (by === id && (dispatched.get(task) ?? 0) > durable)
    sim.truth.violated('durableFirst', `${id} begins ${task} before that it is to is on disk`);
  const known = sim.truth.told.terms.get(id) ?? 0;
  if (term < known)
    sim.truth.violated(
      'termsInOrder',
      `${id} begins ${task} by the word of ${by} in term ${term}, and had told of term ${known}`,
    );
}

/** Watches what a node records. */
export function watchNode(sim: Simulation, node: SimNode, ledger: Ledger): void {
  /** When it last lost sight of each other node, ms. */
  const lostMs = new Map<NodeId, number>();
  const offMs = node.clockOffMs;
  ledger.onEvent(({ body }) => {
    if (body.type === 'peer.lost') lostMs.set(body.peer, sim.scheduler.nowMs);
    if (body.type === 'attempt.abandoned' && node.clockOffMs === offMs) {
      const agoMs = sim.scheduler.nowMs - (lostMs.get(body.node) ?? -Infinity);
      const isUp = ledger.world.nodes.get(body.node)?.up === true;
      if (!isUp && agoMs < BACK_SOON_MS)
        sim.truth.violated(
          'givesTime',
          `${node.id} gave up ${body.task} on ${body.node} ${agoMs} ms after it had lost sight of it`,
        );
    }
    // Who has not heard yet that another was let in does not believe it yet.
    const isKnown = body.type === 'register.refused' && node.members.get(body.peer) !== null;
    const isForged =
      body.type === 'register.refused' &&
      sim.truth.forged.some(
        ({ entity, name, stamp }) =>
          stamp.node === body.peer && body.reason.startsWith(`${name} of ${entity}: `),
      );
    if (body.type === 'register.refused' && isKnown && !isForged && !sim.hostile.has(body.peer))
      sim.truth.violated(
        'noHonestRegisterRefused',
        `${node.id} refused ${body.peer}: ${body.reason}`,
      );
    const isLie = body.type === 'log.broken' && body.from !== null && sim.forgers.has(body.from);
    if ((body.type === 'log.broken' && !isLie) || body.type === 'log.forked')
      sim.truth.violated(
        'chain',
        `${node.id} found the log of ${body.node} ${body.type} at ${body.seq}: ${body.what}`,
      );
    if (body.type === 'task.failed' && body.failure.interrupted)
      sim.truth.violated('finishes', `${body.task} was given up after interruptions only`);
  });
}

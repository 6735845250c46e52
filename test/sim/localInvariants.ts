import type { Ledger } from '../../electron/node/ledger.ts';
import type { NodeId } from '../../shared/model/ids.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import type { Result } from '../../shared/world/result.ts';
import type { SimNode } from './node.ts';
import type { Work } from './repository.ts';
import type { Simulation } from './simulation.ts';
import type { Execution } from './truth.ts';

/** What was decided before all saw each other may still be under way for so long, ms. */
const SETTLED_MS = 30_000;

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

/** Checks what must hold whenever something merges: 2. */
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
  const twice = node.repository.tree.filter(({ task }) => task === work.task).length;
  if (twice > 1) sim.truth.violated('mergesOnce', `${work.task} is ${twice} times in the tree`);
}

/** 8 and 13: checks the choice of what is to merge, at the moment at which it is made. */
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
  if (task.spec.review && task.verdict?.answer !== 'approved')
    sim.truth.violated('approvals', `${task.spec.id} is to merge without an approval`);
}

/** The highest term that each node ever told. */
const told = new WeakMap<Simulation, Map<NodeId, number>>();

/** 8: terms never go down, neither in what a node knows nor in what it tells, restarts included. */
export function checkTold(sim: Simulation, node: NodeId, term: number): void {
  const terms = told.get(sim) ?? new Map<NodeId, number>();
  told.set(sim, terms);
  const before = terms.get(node) ?? 0;
  if (term < before)
    sim.truth.violated('termsNeverGoDown', `${node} told ${before} and then ${term}`);
  terms.set(node, Math.max(before, term));
}

/** Watches what a node records. */
export function watchNode(sim: Simulation, node: SimNode, ledger: Ledger): void {
  ledger.onEvent(({ body }) => {
    // Who has not heard yet that another was let in does not believe it yet.
    const isKnown = body.type === 'register.refused' && node.members.admitted.has(body.peer);
    if (body.type === 'register.refused' && isKnown && !sim.hostile.has(body.peer))
      sim.truth.violated(
        'noHonestRegisterRefused',
        `${node.id} refused ${body.peer}: ${body.reason}`,
      );
    if (body.type === 'log.broken' || body.type === 'log.forked')
      sim.truth.violated(
        'chain',
        `${node.id} found the log of ${body.node} ${body.type} at ${body.seq}: ${body.what}`,
      );
    if (body.type === 'task.failed' && body.failure.interrupted)
      sim.truth.violated('finishes', `${body.task} was given up after interruptions only`);
  });
}

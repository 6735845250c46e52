import { digestOf } from '../../electron/mesh/document/digest.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { compareStamps, type Register } from '../../shared/model/register.ts';
import { hasEnded, type TaskRegisters, type TaskStatus } from '../../shared/model/registers.ts';
import { poolOf } from '../../shared/world/node.ts';
import { readTask } from '../../shared/world/readRegisters.ts';
import { statusOf } from '../../shared/world/status.ts';
import { belongs, cutOf } from './members.ts';
import { checkMirror, endedInMirror } from './mirror.ts';
import type { SimNode } from './node.ts';
import { countedRegisters } from './rawRegisters.ts';
import type { Simulation } from './simulation.ts';
import { checkCancelled } from './words.ts';

/** The nodes that are to agree in the end: those that still belong to the mesh. */
function honest(sim: Simulation): SimNode[] {
  return sim.nodes.filter((node) => !node.gone && !sim.hostile.has(node.id));
}

/** Acknowledged tasks that have to be there in the end, by what became of them at their home. */
function wanted(sim: Simulation): Map<TaskId, TaskStatus | null> {
  const all = new Map<TaskId, TaskStatus | null>();
  const known = honest(sim).flatMap(({ ledger }) => ledger?.store ?? []);
  for (const [id, { node, seq }] of sim.truth.acknowledged) {
    // What nobody had a copy of when its disk was thrown away, or what came after a revocation, is gone.
    if (seq > sim.truth.allowed(node) || known.every((store) => store.headOf(node).seq < seq))
      continue;
    const task = sim.home.ledger?.world.tasks.get(id);
    const row = sim.home.ledger?.store.getTask(id);
    all.set(id, task ? statusOf(task) : (row?.status ?? null));
  }
  return all;
}

/** Whether everything that can end has ended, everywhere, and all are up. */
export function hasSettled(sim: Simulation): boolean {
  if (sim.truth.running.size > 0) return false;
  if (!honest(sim).every(({ ready }) => ready)) return false;
  return unfinished(sim).length === 0;
}

/** 3: a task that can finish does finish once faults stop. */
function unfinished(sim: Simulation): string[] {
  const { artifacts } = sim.home.repository;
  return [...wanted(sim)].flatMap(([id, status]) => {
    if (status !== null && hasEnded(status)) return [];
    const needs = sim.truth.acknowledged.get(id)?.needs ?? [];
    const isBlocked = needs.some((key) => !artifacts.has(`made/${key}`));
    if (isBlocked && status === 'open') return [];
    return [`${id} is ${status ?? 'unknown'} at its home`];
  });
}

/** Checks what must hold once all faults have healed and nothing happens any more. */
export function checkEnd(sim: Simulation): void {
  const { truth } = sim;
  for (const what of unfinished(sim)) truth.violated('finishes', what);
  nothingLost(sim);
  policyHolds(sim);
  oneMerge(sim);
  sameLogs(sim);
  sameDocuments(sim);
  sameDerived(sim);
  oneLeader(sim);
  revokedChangesNothing(sim);
  slotsAreCounted(sim);
  mirrorTells(sim);
  checkCancelled(sim);
}

/** 1: no acknowledged task is lost: every node tells of it. */
function nothingLost(sim: Simulation): void {
  for (const id of wanted(sim).keys())
    for (const { id: node, ledger } of honest(sim))
      if (!ledger?.world.tasks.has(id) && !ledger?.store.getTask(id))
        sim.truth.violated('nothingLost', `${node} does not know ${id}`);
}

/** 1: no acknowledged policy is lost: the last one holds, on every node. */
function policyHolds(sim: Simulation): void {
  const known = honest(sim).flatMap(({ ledger }) => ledger?.store ?? []);
  const counted = sim.truth.budgets
    .filter(
      ({ event: { node, seq } }) =>
        seq <= sim.truth.allowed(node) && known.some((store) => store.headOf(node).seq >= seq),
    )
    .toSorted((a, b) => compareStamps(a.event, b.event));
  const last = counted.findLastIndex(({ acknowledged }) => acknowledged);
  const may = last < 0 ? [] : counted.slice(last).map(({ tokens }) => tokens);
  const held = honest(sim).map(({ ledger }) => ledger?.world.supply.budget.task.tokens ?? 0);
  if (new Set(held).size > 1)
    sim.truth.violated('nothingLost', `the nodes hold different budgets: ${held.join(', ')}`);
  if (last >= 0 && !may.includes(held[0] ?? 0))
    sim.truth.violated(
      'nothingLost',
      `a budget of ${may.join(' or ')} was set, and ${held[0]} holds`,
    );
}

/** 2: each task is at most once in git, at its home, and what the logs call merged is there. */
function oneMerge(sim: Simulation): void {
  const { tree } = sim.home.repository;
  const merged = tree.map(({ task }) => task);
  if (new Set(merged).size < merged.length) sim.truth.violated('mergesOnce', merged.join(' '));
  for (const { id, ledger } of honest(sim))
    for (const event of ledger?.store.read({ types: ['merge.done'] }) ?? [])
      if (event.body.type === 'merge.done' && !merged.includes(event.body.task))
        sim.truth.violated(
          'mergesOnce',
          `${id} tells that ${event.body.task} merged, and it did not`,
        );
  for (const task of new Set(merged)) {
    const status = sim.home.ledger?.store.getTask(task)?.status ?? 'unknown';
    if (status !== 'merged')
      sim.truth.violated('landedIsTold', `${task} is in the tree, and ${status} at its home`);
  }
}

/** 7 and 11: all have the same logs, and each of them is whole. */
function sameLogs(sim: Simulation): void {
  const { truth } = sim;
  const [first, ...others] = honest(sim);
  if (!first?.ledger) return;
  const { store } = first.ledger;
  for (const { id, ledger } of others) {
    const theirs = ledger?.store;
    for (const node of new Set([...store.heads().keys(), ...(theirs?.heads().keys() ?? [])])) {
      // Who heard late of a revocation may have more; what counts of it is the same.
      const cut = sim.truth.allowed(node);
      const [a, b] = [store, theirs].map((each) => Math.min(cut, each?.headOf(node).seq ?? 0));
      if (a !== b || store.hashAt(node, a ?? 0) !== theirs?.hashAt(node, b ?? 0))
        truth.violated(
          'sameLogs',
          `of ${node}, ${first.id} has ${a ?? 0} events that count and ${id} ${b ?? 0}`,
        );
    }
  }
  for (const { id, ledger } of honest(sim))
    for (const node of ledger?.store.heads().keys() ?? []) {
      const problem = ledger?.store.verify(1, node).problem;
      if (problem)
        truth.violated('chain', `${id}, log of ${node}, event ${problem.seq}: ${problem.what}`);
    }
}

/** 7: all have the same document. */
function sameDocuments(sim: Simulation): void {
  const digests = honest(sim).map(({ id, commons }) => {
    const digest = commons ? digestOf(commons.document.snapshot()) : new Uint8Array();
    return { id, digest: Buffer.from(digest).toString('hex') };
  });
  const [first, ...others] = digests;
  for (const { id, digest } of others)
    if (digest !== first?.digest)
      sim.truth.violated('sameDocuments', `${first?.id ?? ''} and ${id} have different documents`);
}

/** 6 and 10: the world is what the registers say, of which none counts that its writer was no longer to write. */
function sameDerived(sim: Simulation): void {
  const views = honest(sim).map(({ id, commons, ledger }) => {
    const registers = commons
      ? countedRegisters(
          commons.document,
          (each) =>
            each.stamp.seq <= sim.truth.allowed(each.stamp.node) && !sim.truth.isForged(each),
        )
      : new Map<string, Register[]>();
    const derived = [...registers].toSorted().flatMap(([entity, all]) => {
      const { task } = entity.startsWith('task/') ? readTask(all) : { task: null };
      return task ? [task] : [];
    });
    const open = derived.filter((task) => !hasEnded(statusOf(task))).map(told);
    const world = [...(ledger?.world.tasks.values() ?? [])].map(told);
    if (open.toSorted().join() !== world.toSorted().join())
      sim.truth.violated(
        'sameDerived',
        `the world of ${id} is [${world.join()}], its registers say [${open.join()}]`,
      );
    const ready = ledger?.world.graph.readyCount ?? 0;
    return { id, text: `${derived.map(told).join()} ${ready} ready` };
  });
  const [first, ...others] = views;
  for (const { id, text } of others)
    if (text !== first?.text)
      sim.truth.violated('sameDerived', `${first?.id ?? ''}: ${first?.text ?? ''}; ${id}: ${text}`);
}

function told(task: TaskRegisters): string {
  return `${task.spec.id} ${statusOf(task)} ${task.attempts.length} attempts`;
}

/** 6: all take the same node for the leader, and one does so of itself. */
function oneLeader(sim: Simulation): void {
  const views = honest(sim).map(
    ({ commons }) => `${commons?.fleet.leader ?? 'nobody'} ${commons?.fleet.term ?? 0}`,
  );
  if (new Set(views).size > 1) sim.truth.violated('oneLeader', views.join(', '));
  if (views[0]?.startsWith('nobody')) sim.truth.violated('oneLeader', 'nobody leads');
}

/** 10: what a revoked node wrote after its cut is nowhere, and nobody took it who knew. */
function revokedChangesNothing(sim: Simulation): void {
  const violated = (what: string) => sim.truth.violated('revokedChangesNothing', what);
  for (const { id, commons, ledger, members, known } of honest(sim)) {
    for (const { node } of members.list()) {
      if (!sim.truth.admitted.has(node)) violated(`${id} takes ${node} for a member`);
      if (!sim.truth.cuts.has(node) && !belongs(members, node))
        violated(`${id} takes ${node} for revoked`);
    }
    for (const [node, cut] of sim.truth.cuts) {
      if (cutOf(members, node) !== cut)
        violated(`${id} holds the log of ${node} good up to ${cutOf(members, node)}`);
      const { seq } = ledger?.store.headOf(node) ?? { seq: 0 };
      if (seq > Math.max(cut, known.get(node) ?? 0))
        violated(`${id} took event ${seq} of ${node}, of which ${cut} count`);
      const tasks = [...(ledger?.world.tasks.keys() ?? [])];
      for (const [task, { node: by, seq: at }] of sim.truth.acknowledged)
        if (by === node && at > cut && tasks.includes(task))
          violated(`${id} still has ${task} of ${node}, event ${at} after ${cut}`);
      const late = (commons?.document.entities() ?? [])
        .flatMap((entity) => commons?.document.read(entity) ?? [])
        .find(({ stamp }) => stamp.node === node && stamp.seq > cut);
      if (late) violated(`${id} reads ${late.name} of ${late.entity} from ${node}`);
    }
  }
}

/** 14: what ended shows as ended, and how, in the mirror of its home. */
function mirrorTells(sim: Simulation): void {
  checkMirror(sim.home);
  for (const [id, status] of wanted(sim)) {
    const shown = endedInMirror(sim.home, id);
    if (status !== null && shown !== status)
      sim.truth.violated('mirror', `${id} is ${status}, and the mirror says ${shown}`);
  }
}

/** What a world counts as used of a node's slots is what its tasks use. */
function slotsAreCounted(sim: Simulation): void {
  for (const { id, ledger } of honest(sim)) {
    const { world } = ledger ?? {};
    if (!world) continue;
    for (const node of world.nodes.values()) {
      const held = [...world.tasks.values()].filter(
        (task) =>
          task.assignment?.node === node.id &&
          poolOf(task.spec) === 'cheap' &&
          ['assigned', 'running', 'verifying'].includes(statusOf(task)),
      ).length;
      const { cheap } = node.used;
      if (cheap < held || (held === 0 && cheap > 0 && world.tasks.size === 0))
        sim.truth.violated(
          'slotsAreCounted',
          `${id} counts ${cheap} slots of ${node.id}, ${held} are in use`,
        );
    }
  }
}

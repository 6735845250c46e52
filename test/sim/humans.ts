import type { Ledger } from '../../electron/node/ledger.ts';
import type { LoggedEvent } from '../../shared/model/events.ts';
import { currentAttempt, statusOf } from '../../shared/world/status.ts';
import { cutOf } from './members.ts';
import type { SimNode } from './node.ts';
import type { Simulation } from './simulation.ts';
import type { Answered } from './truth.ts';

/** A human looks at what waits for an answer so often, ms. */
const LOOK_MS = 3_500;

/** Humans at some node answer what waits for them, one thing at a time; so does whoever was put out and goes on. */
export function letHumansAnswer(sim: Simulation): void {
  sim.scheduler.after(LOOK_MS, null, () => {
    letHumansAnswer(sim);
    const node = sim.people.pick(sim.nodes);
    const { ledger, process } = node;
    if (!ledger || !node.ready || process?.frozenSinceMs !== null) return;
    sim.scheduler.after(0, process, () => {
      if (!review(sim, node, ledger)) permit(sim, node, ledger);
    });
  });
}

function review(sim: Simulation, node: SimNode, ledger: Ledger): boolean {
  const waiting = [...ledger.world.tasks.values()].find((task) => statusOf(task) === 'review');
  const shown = waiting && currentAttempt(waiting);
  if (!waiting || shown?.state.state !== 'passed') return false;
  const { id: task, project } = waiting.spec;
  const answer = sim.people.chance(0.85) ? 'approved' : 'rejected';
  const [event] = ledger.record({
    type: 'review.answered',
    task,
    project,
    attempt: shown.number,
    commit: shown.state.commit,
    answer,
    who: 'user',
    reason: '',
  });
  if (event)
    sim.truth.verdicts.push({ ...placeOf(event), task, answer, commit: shown.state.commit });
  keep(node, ledger);
  return true;
}

function permit(sim: Simulation, node: SimNode, ledger: Ledger): void {
  const question = ledger.world.supply.approvals.find(({ answer }) => answer === null);
  if (!question) return;
  const { id: approval, task, project } = question;
  const answer = sim.people.chance(0.7) ? 'approved' : 'denied';
  const [event] = ledger.record({
    type: 'approval.answered',
    approval,
    task,
    project,
    answer,
    who: 'user',
    reason: '',
  });
  if (event) sim.truth.permissions.push({ ...placeOf(event), task, answer });
  keep(node, ledger);
}

function keep(node: SimNode, ledger: Ledger): void {
  const { process } = node;
  ledger.durable().catch((error: unknown) => node.fail(error, process));
}

function placeOf({ node, seq }: LoggedEvent): Pick<Answered, 'node' | 'seq'> {
  return { node, seq };
}

/** 13: whether a human said yes whose word counts, as far as this node can know of who was put out. */
export function isApproved(node: SimNode, answers: readonly Answered[]): boolean {
  return answers.some(
    ({ answer, node: by, seq }) => answer === 'approved' && seq <= cutOf(node.members, by),
  );
}

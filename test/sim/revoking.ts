import { statementId } from '../../electron/mesh/members/statements.ts';
import { membersOf } from '../../shared/model/member.ts';
import { belongs, identityOf } from './members.ts';
import type { SimNode } from './node.ts';
import type { Simulation } from './simulation.ts';

/** Between two looks of a human at whether a machine is really out, ms. */
const LOOK_MS = 5_000;

/**
 * A human at one node puts another out; tried again, at the home, while that node can't take it, and when it comes
 * to nothing because who said so was put out itself.
 */
export function revoke(sim: Simulation, node: SimNode, by: number): void {
  sim.scheduler.after(LOOK_MS, null, () => revoke(sim, node, 0));
  const human = sim.byNumber[by];
  const { ledger, process } = human ?? {};
  const isAble =
    human &&
    ledger &&
    human.ready &&
    process?.frozenSinceMs === null &&
    !sim.hostile.has(human.id) &&
    human.members.get(node.id) !== null;
  if (!isAble) return;
  sim.scheduler.after(0, process, () => {
    const { seq } = ledger.store.headOf(node.id);
    human.members.revoke(node.id, seq, human.commons?.replica.signaturesOf(node.id));
    learn(sim, human);
    ledger.durable().catch((error: unknown) => human.fail(error, process));
  });
}

/** What one node has said itself, and what all that was said comes to: nobody may end up with anything else. */
export function learn({ truth, home }: Simulation, { id, members }: SimNode): void {
  const { device } = identityOf(id);
  for (const { statement } of members.all().statements)
    if (statement.by === device) truth.statements.set(statementId(statement), statement);
  const known = [...truth.statements].map(([each, statement]) => ({ id: each, statement }));
  truth.cuts.clear();
  truth.admitted.clear();
  for (const { node, revoked } of membersOf(identityOf(home.id).device, known)) {
    truth.admitted.add(node);
    if (revoked) truth.cuts.set(node, revoked.cut);
  }
}

/** A new machine asks to be let in at the home; again, while that does not run. */
export function admit(sim: Simulation, next: SimNode): void {
  const { home } = sim;
  // One that a human has put out meanwhile stays out.
  if (belongs(home.members, next.id) || home.members.get(next.id)?.revoked) return;
  sim.scheduler.after(LOOK_MS, null, () => admit(sim, next));
  if (!home.ready || home.process?.frozenSinceMs !== null) return;
  sim.scheduler.after(0, home.process, () => {
    if (home.members.get(next.id)?.revoked) return;
    home.letIn(next);
    learn(sim, home);
    next.start();
  });
}

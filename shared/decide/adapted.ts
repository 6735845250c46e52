import { choiceName, type Routes } from '../learn/routing.ts';
import type { Adaptation } from '../model/adaptation.ts';
import type { WorkKind } from '../model/task.ts';
import { gateOf, type Gates, type GateSettings } from '../policy/gates.ts';
import { weightsOf, type Weighted } from './routing.ts';

/** By so much of a kind's work the first has to be ahead of the second to be told of, 0–1: two alike change places often. */
const CLEARLY = 0.1;

/** The kinds of work that merge without a human from now on, or wait for one again. */
export function gateChanges(before: Gates, after: Gates, settings?: GateSettings): Adaptation[] {
  return Object.keys(after.kinds).flatMap((work): Adaptation[] => {
    const { open, reason } = gateOf(after, work, settings);
    return gateOf(before, work, settings).open === open
      ? []
      : [{ kind: 'gate', work, open, reason }];
  });
}

/** The kinds of work of which another choice clearly gets most from now on. */
export function routeChanges(before: Routes, after: Routes): Adaptation[] {
  return Object.keys(after.kinds).flatMap((work): Adaptation[] => {
    if (before.kinds[work] === after.kinds[work]) return [];
    const [was, is] = [first(before, work), first(after, work)];
    const from = was && choiceName(was.choice);
    if (is === null || choiceName(is.choice) === from) return [];
    const { choice, weight: share, why: reason } = is;
    return [{ kind: 'route', work, from, to: choiceName(choice), share, reason }];
  });
}

/** What clearly gets most of a kind of work; null while there is no such, or no other. */
function first(state: Routes, work: WorkKind): Weighted | null {
  const known = state.kinds[work]?.records.map(({ choice }) => choice) ?? [];
  const [most, next] = weightsOf(state, work, known);
  return most && next && most.weight - next.weight >= CLEARLY ? most : null;
}

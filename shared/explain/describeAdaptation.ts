import type { Adaptation } from '../model/adaptation.ts';
import type { ProjectId } from '../model/ids.ts';
import { inline, kindName, percent } from './format.ts';

/** What the engine does otherwise from now on, and why, in one sentence without its full stop. */
export function describeAdaptation(change: Adaptation, project: ProjectId): string {
  const work = kindName(change.work);
  switch (change.kind) {
    case 'gate':
      return change.open
        ? `results of ${work} merge into ${project} without a review from now on: ${inline(change.reason)}`
        : `results of ${work} wait for a review in ${project} again: ${inline(change.reason)}`;
    case 'route': {
      const before = change.from === null ? '' : `, no longer to ${inline(change.from)}`;
      return `most ${work} tasks go to ${inline(change.to)} from now on (${percent(change.share)})${before}: ${inline(change.reason)}`;
    }
  }
}

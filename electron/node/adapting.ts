import { gateChanges, routeChanges } from '../../shared/decide/adapted.ts';
import type { Routes } from '../../shared/learn/routing.ts';
import type { Adaptation } from '../../shared/model/adaptation.ts';
import type { EventType, LoggedEvent } from '../../shared/model/events.ts';
import type { ProjectId, TaskId } from '../../shared/model/ids.ts';
import type { Gates } from '../../shared/policy/gates.ts';
import type { Ledger } from './ledger.ts';

/** What is learned from: after these a gate or a weight may be another. */
const TEACHES: ReadonlySet<string> = new Set<EventType>([
  'attempt.passed',
  'attempt.failed',
  'merge.done',
  'review.answered',
]);
/** What copies of old logs teach was news long ago, ms. */
const NEWS_MS = 3_600_000;

export interface AdaptingOptions {
  readonly ledger: Ledger;
  readonly fail: (error: unknown) => void;
}

/**
 * Tells the log when the engine does something otherwise by itself, once in a mesh: who gets which work is for the
 * leader to tell, and what merges without a human for the home of the project, as it is they who act by it.
 */
export class Adapting {
  private readonly options: AdaptingOptions;
  private readonly gates = new Map<ProjectId, Gates>();
  private routes: Routes;

  constructor(options: AdaptingOptions) {
    const { ledger } = options;
    const { world } = ledger;
    this.options = options;
    this.routes = world.learned.routes;
    for (const [id, project] of world.projects) this.gates.set(id, project.gates);
  }

  start(): void {
    const { ledger } = this.options;
    const heard = (event: LoggedEvent) => this.heard(event);
    ledger.onEvent(heard);
    ledger.onCopied(heard);
  }

  private heard({ body, atMs }: LoggedEvent): void {
    if (!TEACHES.has(body.type) || !('task' in body) || !('project' in body)) return;
    const { task, project } = body;
    if (task === null || project === null) return;
    const { ledger, fail } = this.options;
    const { world, limits } = ledger;
    const gates = world.projects.get(project)?.gates;
    const { routes } = world.learned;
    const known = this.gates.get(project);
    const changes = [
      ...(gates && known && known !== gates && world.isHome(project)
        ? gateChanges(known, gates, limits)
        : []),
      ...(routes !== this.routes && world.leads ? routeChanges(this.routes, routes) : []),
    ];
    if (gates) this.gates.set(project, gates);
    this.routes = routes;
    if (changes.length > 0 && atMs > ledger.nowMs() - NEWS_MS)
      // Not among events that are being recorded together.
      queueMicrotask(() => void this.tell(changes, project, task).catch(fail));
  }

  private async tell(
    changes: readonly Adaptation[],
    project: ProjectId,
    cause: TaskId,
  ): Promise<void> {
    await this.options.ledger.commit(
      ...changes.map((change) => ({ type: 'engine.adapted' as const, project, cause, change })),
    );
  }
}

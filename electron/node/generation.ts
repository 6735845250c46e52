import { propose, type ChosenGap } from '../../shared/policy/propose.ts';
import { scoreSpec } from '../../shared/policy/spec.ts';
import type { Limits } from '../../shared/model/config.ts';
import { messageOf } from '../../shared/model/errors.ts';
import type { EventBody } from '../../shared/model/events.ts';
import type { Gap } from '../../shared/model/gap.ts';
import { type CommitId, type ProjectId, type TaskId } from '../../shared/model/ids.ts';
import type { TaskSpec } from '../../shared/model/task.ts';
import { AGENT_CAPABILITY } from '../../shared/world/node.ts';
import { agentBacklog, type ProjectState } from '../../shared/world/project.ts';
import { statusOf } from '../../shared/world/status.ts';
import { git } from '../execute/repository/git.ts';
import { scanInChild } from '../generate/scanInChild.ts';
import type { ScanResult } from '../generate/scanResult.ts';
import { runDoctor } from './doctor.ts';
import type { Ledger } from './ledger.ts';
import type { Projects } from './projects.ts';

/** The mechanic is deterministic: a second try helps against a busy machine, a third against nothing. */
const MECHANIC_ATTEMPTS = 2;
/** While no node has an agent, so many cycles' worth of tasks may wait for one. */
const BACKLOG_CYCLES = 3;

type Dropped = { fingerprint: string; reason: string };

/** Looks for work in a project and fills the queue with it: one cycle at a time per project (D5, G1, G3). */
export class Generation {
  private readonly ledger: Ledger;
  private readonly projects: Projects;
  private readonly home: string;
  private readonly ended: () => void;
  private readonly fatal: (error: unknown) => void;
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<void>>();

  /** `ended` is called when a cycle is over and durable. */
  constructor(options: {
    ledger: Ledger;
    projects: Projects;
    home: string;
    ended: () => void;
    fail: (error: unknown) => void;
  }) {
    this.ledger = options.ledger;
    this.projects = options.projects;
    this.home = options.home;
    this.ended = options.ended;
    this.fatal = options.fail;
  }

  get busy(): boolean {
    return this.running.size > 0;
  }

  /** Starts a cycle that the log knows as started, and returns at once. */
  start(id: ProjectId): void {
    const cycle = this.cycle(id)
      .catch(this.fatal)
      .finally(() => {
        this.running.delete(cycle);
        this.ended();
      });
    this.running.add(cycle);
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('the node was stopped'));
    await Promise.all(this.running);
  }

  private async cycle(id: ProjectId): Promise<void> {
    const startedMs = this.ledger.nowMs();
    await this.audit(id);
    const seen = await this.scan(id).catch((error: unknown) => ({
      commit: null,
      gaps: [],
      troubles: [messageOf(error)],
    }));
    const project = this.ledger.world.projects.get(id);
    if (this.stopping.signal.aborted || !project) return;
    await this.ledger.commit(...this.outcome(project, seen, startedMs));
    await this.audit(id);
  }

  /** What a scan of the integrated tree finds. Throws what git, installing or the scan throws. */
  private async scan(id: ProjectId): Promise<ScanResult & { commit: CommitId | null }> {
    const { signal } = this.stopping;
    const runtime = await this.projects.runtime(id);
    const commit = await runtime.clone.integrationHead();
    const workspace = await runtime.scratch(commit);
    try {
      signal.throwIfAborted();
      const { profile } = runtime.project;
      const hold = await runtime.hold(false);
      const result = await scanInChild(
        { root: workspace.path, profile, remoteUrl: await remoteUrl(runtime.clone.userRepository) },
        signal,
        hold.wrap(workspace.path, { writesDependencies: false }),
      );
      return { ...result, commit };
    } finally {
      await runtime.workspaces.release(workspace);
    }
  }

  /** The events of a finished cycle: what became obsolete, what is new, and what was left out and why. */
  private outcome(
    project: ProjectState,
    seen: ScanResult & { commit: CommitId | null },
    startedMs: number,
  ): EventBody[] {
    const { world } = this.ledger;
    const nowMs = this.ledger.nowMs();
    const id = project.definition.id;
    const { limits } = this.ledger;
    const found = new Set(seen.gaps.map((gap) => gap.fingerprint));
    // A detector that failed saw nothing: then nothing can be said to have gone.
    const gone = (fingerprint: string) => seen.troubles.length === 0 && !found.has(fingerprint);
    const obsolete = [...world.tasks.values()]
      .filter(
        ({ spec }) =>
          spec.project === id && spec.origin.kind === 'gap' && gone(spec.origin.fingerprint),
      )
      .filter((task) => statusOf(task) === 'open');
    const obsoleteGaps = new Set(
      obsolete.map(({ spec }) => (spec.origin.kind === 'gap' ? spec.origin.fingerprint : '')),
    );
    const closed = Object.values(project.gaps)
      // A human's no, and a failure, count for their time whether or not the gap is there meanwhile.
      .filter((gap) =>
        gap.state === 'merged' || gap.state === 'done'
          ? gone(gap.fingerprint)
          : obsoleteGaps.has(gap.fingerprint),
      )
      .map((gap) => gap.fingerprint);

    const { kept, dropped: waiting } = this.withinBacklog(project, seen.gaps, limits);
    const known = Object.values(project.gaps).map((gap) => ({
      ...gap,
      closed: closed.includes(gap.fingerprint),
    }));
    const { chosen, dropped } = propose(kept, known, nowMs, limits);
    const specs = this.specsOf(project, chosen, nowMs);
    return [
      ...obsolete.map(({ spec }): EventBody => ({
        type: 'task.cancelled',
        task: spec.id,
        project: id,
        who: 'engine',
        reason: 'what it was to mend is no longer there',
      })),
      ...specs.map((spec): EventBody => ({ type: 'task.added', task: spec.id, project: id, spec })),
      {
        type: 'cycle.finished',
        project: id,
        cycle: project.cycle,
        commit: seen.commit ?? project.integration ?? project.baseline?.commit ?? NO_COMMIT,
        found: seen.gaps.length,
        proposed: specs.map((spec) => spec.id),
        dropped: [...dropped, ...waiting],
        closed,
        troubles: seen.troubles,
        durationMs: nowMs - startedMs,
      },
    ];
  }

  /** Without an agent anywhere, only so many tasks may wait for one: the rest is found again when there is. */
  private withinBacklog(
    project: ProjectState,
    gaps: readonly Gap[],
    limits: Limits,
  ): { kept: Gap[]; dropped: Dropped[] } {
    const { nodes } = this.ledger.world;
    if (
      [...nodes.values()].some((node) => node.up && node.capabilities.includes(AGENT_CAPABILITY))
    ) {
      return { kept: [...gaps], dropped: [] };
    }
    let room = Math.max(0, BACKLOG_CYCLES * limits.tasksPerCycle - agentBacklog(project));
    const kept: Gap[] = [];
    const dropped: Dropped[] = [];
    for (const gap of gaps.toSorted(
      (a, b) => b.score - a.score || (a.fingerprint < b.fingerprint ? -1 : 1),
    )) {
      if (gap.executor.kind !== 'agent' || project.gaps[gap.fingerprint]) kept.push(gap);
      else if (room > 0) {
        room -= 1;
        kept.push(gap);
      } else
        dropped.push({
          fingerprint: gap.fingerprint,
          reason: 'enough tasks wait for a coding agent already',
        });
    }
    return { kept, dropped };
  }

  private specsOf(project: ProjectState, chosen: readonly ChosenGap[], nowMs: number): TaskSpec[] {
    const { world, store } = this.ledger;
    const ids = new Map<string, TaskId>(
      chosen.map(({ gap }, index) => [gap.fingerprint, world.freshTaskId(index)]),
    );
    return chosen.map(({ gap, after }, index) => {
      const { fingerprint, detector, evidence, score, ...rest } = gap;
      const draft = {
        ...rest,
        id: world.freshTaskId(index),
        project: project.definition.id,
        weight: score,
        capabilities: [],
        review: false,
        ...(gap.executor.kind === 'mechanic' ? { maxAttempts: MECHANIC_ATTEMPTS } : {}),
        dependencies: after.flatMap((other) => {
          const task = ids.get(other);
          return task ? [{ type: 'ordering' as const, task }] : [];
        }),
        origin: {
          kind: 'gap' as const,
          detector,
          fingerprint,
          evidence,
          cycle: project.cycle,
          score,
        },
        createdBy: store.node,
        createdAtMs: nowMs,
      };
      return { ...draft, scores: scoreSpec(draft) };
    });
  }

  /** At the start and the end of every cycle: what is wrong is told once, and again when it changes (V6). */
  private async audit(id: ProjectId): Promise<void> {
    const { checks } = await runDoctor(this.ledger, this.projects, this.home);
    if (this.stopping.signal.aborted) return;
    const failures = checks
      .filter((check) => check.verdict !== 'ok')
      .map(({ name, detail, help }) => ({ check: name, detail, help: help ?? '' }));
    await this.ledger.commit({ type: 'audit.finished', project: id, failures });
  }
}

/** Stands where a scan failed before any commit of the project was known. */
const NO_COMMIT = '0'.repeat(40) as CommitId;

/** Where the project is published from, without the name and password that a URL may carry. */
async function remoteUrl(repository: string): Promise<string | null> {
  const { stdout } = await git(repository, ['config', '--get', 'remote.origin.url'], {
    allowExit: [1],
  });
  const url = stdout.trim().replace(/^(https?:\/\/)[^/@]*@/, '$1');
  return url === '' ? null : url;
}

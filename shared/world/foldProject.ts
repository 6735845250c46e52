import type { LoggedEvent } from '../model/events.ts';
import { LEFT_FOR_LATER } from '../policy/propose.ts';
import { observeMerged, observeReview } from '../policy/gates.ts';
import { workKind } from '../model/task.ts';
import { hasEnded, type TaskRegisters, type TaskStatus } from '../model/registers.ts';
import { poolOf, type Pool } from './node.ts';
import { newProject, type GapRecord, type ProjectState } from './project.ts';

/** The project after one of its events; undefined while the log has not introduced it. */
export function foldProject(
  project: ProjectState | undefined,
  { body, node: home }: LoggedEvent,
): ProjectState | undefined {
  if (body.type === 'project.added') {
    const state = project ?? newProject(body.definition);
    const moves = project ? (project.moves ?? 0) + 1 : 0;
    return { ...state, definition: body.definition, home, moves };
  }
  if (!project) return undefined;
  switch (body.type) {
    case 'project.profiled':
      return {
        ...project,
        definition: {
          ...project.definition,
          profile: body.profile,
          target: body.target,
          ...(body.remote === undefined ? {} : { remote: body.remote }),
        },
        // Other tests, another baseline.
        baseline: body.profile.test === project.definition.profile.test ? project.baseline : null,
      };
    case 'project.troubled':
      return { ...project, trouble: { reason: body.reason, help: body.help }, scanning: false };
    case 'project.recovered':
      return { ...project, trouble: null };
    case 'baseline.recorded':
      return { ...project, baseline: body.baseline, integration: body.baseline.commit };
    case 'integration.synced':
      return { ...project, integration: body.commit };
    case 'integration.promoted':
      return { ...project, promoted: body.to };
    case 'merge.done':
      return { ...project, integration: body.commit };
    case 'cycle.started':
      return { ...project, cycle: body.cycle, scanning: true };
    case 'cycle.finished': {
      const gaps = Object.fromEntries(
        Object.entries(project.gaps).filter(([fingerprint]) => !body.closed.includes(fingerprint)),
      );
      return {
        ...project,
        gaps,
        scanning: false,
        scannedCommit: body.commit,
        leftOver: body.dropped.filter((gap) => gap.reason === LEFT_FOR_LATER).length,
      };
    }
    default:
      return project;
  }
}

/** Counts a task's change into its project: initiatives, gaps and how tasks ended. */
export function foldTaskIntoProject(
  project: ProjectState,
  task: TaskRegisters,
  before: TaskStatus | null,
  status: TaskStatus,
  atMs: number,
): ProjectState {
  const began = before === null;
  const ended = hasEnded(status);
  if (!began && !ended) return project;
  let { initiatives, gaps, ended: endings } = project;
  const { origin } = task.spec;
  if (origin.kind === 'gap')
    initiatives = countOpen(
      initiatives,
      String(origin.cycle),
      poolOf(task.spec),
      Number(began) - Number(ended),
    );
  if (origin.kind !== 'human') {
    const record: GapRecord = {
      fingerprint: origin.fingerprint,
      state: ended ? status : 'open',
      endedAtMs: ended ? atMs : null,
    };
    gaps = { ...gaps, [origin.fingerprint]: record };
  }
  if (began && task.grantedAttempts > 0) endings = { ...endings, failed: endings.failed - 1 };
  if (ended) endings = { ...endings, [status]: endings[status] + 1 };
  return { ...project, initiatives, gaps, ended: endings };
}

function countOpen(
  initiatives: ProjectState['initiatives'],
  cycle: string,
  pool: Pool,
  by: number,
): ProjectState['initiatives'] {
  const { [cycle]: known = { agent: 0, cheap: 0 }, ...others } = initiatives;
  const next = { ...known, [pool]: known[pool] + by };
  return next.agent + next.cheap > 0 ? { ...others, [cycle]: next } : others;
}

/** What a review or a merge of an agent's result says of such results. */
export function foldGates(
  project: ProjectState,
  { spec }: TaskRegisters,
  { body, atMs }: LoggedEvent,
): ProjectState {
  if (spec.executor.kind !== 'agent') return project;
  const { id: task } = spec;
  const kind = workKind(spec);
  if (body.type === 'review.answered') {
    const review = { kind, task, approved: body.answer === 'approved', comment: body.reason };
    return { ...project, gates: observeReview(project.gates, review, atMs) };
  }
  return body.type === 'merge.done'
    ? { ...project, gates: observeMerged(project.gates, kind, task) }
    : project;
}

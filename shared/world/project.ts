import type { CommitId, NodeId } from '../model/ids.ts';
import type { EndedStatus } from '../model/registers.ts';
import type { Pool } from './node.ts';
import type { Baseline, Project } from '../model/project.ts';
import { NO_GATES, type Gates } from '../policy/gates.ts';

/** A gap that was proposed as a task, kept as long as a scan still sees it. */
export interface GapRecord {
  readonly fingerprint: string;
  readonly state: 'open' | EndedStatus;
  readonly endedAtMs: number | null;
}

/** What is known of a project beside its tasks. */
export interface ProjectState {
  readonly definition: Project;
  /** The node that holds the repository: it looks for work in it and merges into it. Absent: the only one. */
  readonly home?: NodeId;
  /** How often a human moved it: the last word counts, also over a home that was only cut off. */
  readonly moves?: number;
  readonly baseline: Baseline | null;
  readonly trouble: { readonly reason: string; readonly help: string } | null;
  /** Head of the integrated tree as the log knows it; git has the last word. */
  readonly integration: CommitId | null;
  /** Number of the last generation cycle, 0 before the first. */
  readonly cycle: number;
  readonly scanning: boolean;
  /** The integrated tree that the last finished scan looked at: an unchanged one is not scanned again. */
  readonly scannedCommit: CommitId | null;
  /** Gaps that the last scan found and left for a later cycle. */
  readonly leftOver: number;
  /** Open tasks by the cycle that made them; the tasks of one cycle are an initiative. */
  readonly initiatives: Readonly<Record<string, Readonly<Record<Pool, number>>>>;
  readonly gaps: Readonly<Record<string, GapRecord>>;
  readonly ended: Readonly<Record<EndedStatus, number>>;
  /** What agents' results have shown, and what humans corrected (G5, G6). */
  readonly gates: Gates;
  /** Last integrated commit that was promoted. */
  readonly promoted: CommitId | null;
}

export function newProject(definition: Project): ProjectState {
  return {
    definition,
    baseline: null,
    trouble: null,
    integration: null,
    cycle: 0,
    scanning: false,
    scannedCommit: null,
    leftOver: 0,
    initiatives: {},
    gaps: {},
    ended: { merged: 0, done: 0, rejected: 0, cancelled: 0, failed: 0, split: 0 },
    gates: NO_GATES,
    promoted: null,
  };
}

/**
 * Initiatives that somebody here can bring forward. Tasks that wait for an agent which no node has
 * are a backlog, and must not keep the mechanic from its own work.
 */
export function openInitiatives(project: ProjectState, hasAgent: boolean): number {
  return Object.values(project.initiatives).filter(
    (open) => open.cheap > 0 || (hasAgent && open.agent > 0),
  ).length;
}

/** Open generated tasks that need a coding agent. */
export function agentBacklog(project: ProjectState): number {
  return Object.values(project.initiatives).reduce((sum, open) => sum + open.agent, 0);
}

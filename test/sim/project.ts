import type { Ledger } from '../../electron/node/ledger.ts';
import { NodeId, ProjectId, type TaskId } from '../../shared/model/ids.ts';
import { NO_TESTS } from '../../shared/model/project.ts';
import type { Dependency, TaskSpec } from '../../shared/model/task.ts';
import type { Repository } from './repository.ts';

export const PROJECT = ProjectId.parse('app');

/** The project's home tells of it, and that its tests were seen. */
export async function found(ledger: Ledger, repository: Repository): Promise<void> {
  await ledger.commit(
    {
      type: 'project.added',
      project: PROJECT,
      taskFloor: 0,
      definition: {
        id: PROJECT,
        path: '/home/user/app',
        target: 'main',
        profile: {
          packageManager: 'none',
          install: null,
          test: null,
          lint: null,
          formatter: null,
          language: 'other',
          ignore: [],
          review: false,
          testTimeoutMs: 60_000,
          notes: [],
          sources: {},
        },
      },
    },
    {
      type: 'baseline.recorded',
      project: PROJECT,
      baseline: { commit: repository.head, tests: NO_TESTS },
    },
  );
}

/** What a user of the simulation asks for. */
export interface TaskWish {
  readonly key: number;
  readonly resource: string | null;
  /** Keys of tasks whose results have to be in the tree. */
  readonly needs: readonly number[];
  readonly review: boolean;
  /** Tasks of the same scope do not run side by side. */
  readonly scope: number;
  readonly estimateMs: number;
  /** Whether its agent wants to do what only a human may allow. */
  readonly permission?: boolean;
}

export function toSpec(wish: TaskWish, id: TaskId, node: NodeId, nowMs: number): TaskSpec {
  const dependencies: Dependency[] = wish.needs.map((key) => ({
    type: 'hard',
    artifact: artifactOf(key),
  }));
  if (wish.resource !== null) dependencies.push({ type: 'resource', resource: wish.resource });
  return {
    id,
    project: PROJECT,
    title: `task ${wish.key}`,
    type: 'command',
    instructions: wish.permission === true ? ASKS : '',
    acceptance: [],
    deliverables: [artifactOf(wish.key)],
    references: [],
    scope: [`src/${wish.scope}/**`],
    estimateMs: wish.estimateMs,
    weight: 0,
    capabilities: [],
    risk: 'low',
    review: wish.review,
    dependencies,
    executor: { kind: 'command', run: 'true' },
    origin: { kind: 'human', who: 'user' },
    scores: { specificity: 1, complexity: 0, notes: [] },
    createdBy: node,
    createdAtMs: nowMs,
  };
}

/** Instructions of a task whose agent asks a human before it goes on. */
export const ASKS = 'publish it';

function artifactOf(key: number): string {
  return `made/${key}`;
}

/** The ids that the processes of one node write to the document by, both ends included. */
export function clientsOf(slot: number): readonly [number, number] {
  return [slot * STARTS + 1, (slot + 1) * STARTS];
}

/** More starts than any node has in one run. */
const STARTS = 1_000;

export function nodeId(index: number): NodeId {
  return NodeId.parse(`n-${index}`);
}

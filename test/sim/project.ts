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
    instructions: '',
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

function artifactOf(key: number): string {
  return `made/${key}`;
}

export function nodeId(index: number): NodeId {
  return NodeId.parse(`n-${index}`);
}

import type { TaskInput } from '../../../shared/model/taskInput.ts';

/** Task inputs as the API takes them: what has a default may be left out. */
export type Input = Partial<TaskInput> & { readonly title: string };

type Ending = 'merged' | 'done' | 'failed' | 'rejected';

interface Kind {
  readonly ends: Ending;
  readonly input: (mark: string, before: string | null) => Omit<Input, 'title'>;
}

const append = (mark: string): string => `mkdir -p out && echo ${mark} >> out/${mark}.txt`;
const writes = (mark: string) => ({
  scope: [`out/${mark}.txt`],
  deliverables: [`out/${mark}.txt`],
});

/** The mix of work that is crashed through. The kind is the first word of a task's title, its mark the second. */
export const KINDS: Readonly<Record<string, Kind>> = {
  write: { ends: 'merged', input: (mark) => ({ run: append(mark), ...writes(mark) }) },
  slow: {
    ends: 'merged',
    input: (mark) => ({ run: `sleep 0.3; ${append(mark)}`, ...writes(mark) }),
  },
  leaves: {
    ends: 'merged',
    input: (mark) => ({ run: `sleep 300 & ${append(mark)}`, ...writes(mark) }),
  },
  mechanic: {
    ends: 'merged',
    input: (mark) => ({
      type: 'metadata',
      scope: [`m/${mark}/package.json`],
      executor: {
        kind: 'mechanic',
        recipe: {
          kind: 'metadata',
          manifest: `m/${mark}/package.json`,
          field: 'license',
          value: 'MIT',
        },
      },
    }),
  },
  flaky: {
    ends: 'merged',
    input: (mark) => ({
      run: `test "$VIGIL_ATTEMPT" -gt 1 || exit 1; ${append(mark)}`,
      ...writes(mark),
    }),
  },
  nothing: { ends: 'done', input: () => ({ run: 'true', scope: ['none'] }) },
  hopeless: { ends: 'failed', input: () => ({ run: 'exit 3', maxAttempts: 1, scope: ['none'] }) },
  milestone: {
    ends: 'done',
    input: (_mark, before) => ({
      type: 'milestone',
      dependencies: before === null ? [] : [{ type: 'ordering', task: before }],
    }),
  },
  after: {
    ends: 'merged',
    input: (mark, before) => ({
      run: append(mark),
      ...writes(mark),
      dependencies:
        before === null
          ? []
          : [
              { type: 'ordering', task: before },
              { type: 'resource', resource: 'one-at-a-time' },
            ],
    }),
  },
  approve: {
    ends: 'merged',
    input: (mark) => ({ run: append(mark), ...writes(mark), review: true }),
  },
  reject: {
    ends: 'rejected',
    input: (mark) => ({ run: append(mark), ...writes(mark), review: true }),
  },
};

/** Numbers between 0 and 1 that depend on the seed alone (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

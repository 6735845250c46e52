import type { Schedule } from './schedule.ts';

/** A schedule that once broke an invariant, shrunk, and what was wrong. */
export interface Regression {
  readonly why: string;
  readonly schedule: Schedule;
}

export const REGRESSIONS: readonly Regression[] = [
  {
    why: 'what a member had put into the list of another hid what that had signed there',
    schedule: {
      seed: 6,
      nodes: 3,
      slots: 1,
      capUsd: 2,
      steps: [
        { kind: 'budget', atMs: 14329, node: 1, tokens: 1 },
        {
          ...{ kind: 'forge', atMs: 16902, node: 2, as: 1 },
          ...{ what: 'budget', seal: 'own', forMs: 39563 },
        },
      ],
    },
  },
  {
    why: 'a register was gone until its next value came, and a node took itself for the home of a project',
    schedule: {
      seed: 49,
      nodes: 3,
      slots: 2,
      capUsd: 4,
      steps: [
        {
          kind: 'task',
          atMs: 26042,
          node: 2,
          wish: {
            ...{ key: 11, resource: null, needs: [], review: false },
            ...{ scope: 11, estimateMs: 12919 },
          },
        },
        {
          kind: 'task',
          atMs: 26812,
          node: 1,
          wish: {
            ...{ key: 4, resource: 'database', needs: [], review: false },
            ...{ scope: 4, estimateMs: 5149 },
          },
        },
        {
          kind: 'task',
          atMs: 34566,
          node: 1,
          wish: {
            ...{ key: 2, resource: null, needs: [], review: false },
            ...{ scope: 2, estimateMs: 8530 },
          },
        },
        {
          kind: 'task',
          atMs: 39464,
          node: 2,
          wish: {
            ...{ key: 10, resource: 'database', needs: [], review: false },
            ...{ scope: 10, estimateMs: 19176 },
          },
        },
        {
          ...{ kind: 'forge', atMs: 45784, node: 1, as: 0 },
          ...{ what: 'replay', seal: 'borrowed', forMs: 36808 },
        },
      ],
    },
  },
  {
    why: 'two leaders of one term: what the one that was left assigned never counted',
    schedule: {
      seed: 75,
      nodes: 3,
      slots: 1,
      steps: [
        { kind: 'crash', atMs: 47308, node: 0, turns: 42, silently: true, forMs: 4440 },
        { kind: 'crash', atMs: 58151, node: 1, turns: 35, silently: true, forMs: 2679 },
        {
          kind: 'task',
          atMs: 59309,
          node: 1,
          wish: { key: 6, resource: null, needs: [], review: false, scope: 0, estimateMs: 4116 },
        },
      ],
    },
  },
  {
    why: 'a result was lost with the disk that it was on, and was waited for',
    schedule: {
      seed: 76,
      nodes: 3,
      slots: 1,
      steps: [
        {
          kind: 'task',
          atMs: 17447,
          node: 2,
          wish: { key: 8, resource: null, needs: [], review: false, scope: 8, estimateMs: 8216 },
        },
        {
          kind: 'task',
          atMs: 19393,
          node: 0,
          wish: {
            key: 9,
            resource: 'database',
            needs: [],
            review: false,
            scope: 9,
            estimateMs: 2976,
          },
        },
        { kind: 'partition', atMs: 23051, side: [1], oneWay: true, forMs: 2576 },
        { kind: 'wipe', atMs: 24044, node: 1, by: 0, rejoins: true },
      ],
    },
  },
  {
    why: 'a task that only a revoked node had spoken of stayed in a world',
    schedule: {
      seed: 127,
      nodes: 3,
      slots: 3,
      steps: [
        { kind: 'budget', atMs: 54278, node: 1, tokens: 2 },
        {
          kind: 'task',
          atMs: 56713,
          node: 1,
          wish: { key: 1, resource: null, needs: [], review: false, scope: 1, estimateMs: 10577 },
        },
        { kind: 'freeze', atMs: 60298, node: 2, suspended: true, forMs: 56473 },
        { kind: 'revoke', atMs: 72304, node: 1, by: 0 },
        {
          kind: 'task',
          atMs: 76558,
          node: 1,
          wish: { key: 16, resource: null, needs: [], review: true, scope: 16, estimateMs: 11560 },
        },
      ],
    },
  },
  {
    why: 'a copied cancellation came before the copied task, and lists showed the task as open',
    schedule: {
      seed: 143,
      nodes: 5,
      slots: 1,
      steps: [
        { kind: 'diskFull', atMs: 42151, node: 3, forMs: 15466 },
        {
          kind: 'task',
          atMs: 45247,
          node: 4,
          wish: { key: 7, resource: null, needs: [], review: false, scope: 7, estimateMs: 9530 },
        },
        { kind: 'partition', atMs: 51324, side: [1, 2], oneWay: false, forMs: 11650 },
        {
          kind: 'task',
          atMs: 53611,
          node: 1,
          wish: {
            key: 4,
            resource: 'database',
            needs: [],
            review: true,
            scope: 0,
            estimateMs: 2638,
          },
        },
        {
          kind: 'task',
          atMs: 56967,
          node: 0,
          wish: { key: 12, resource: null, needs: [], review: false, scope: 12, estimateMs: 12428 },
        },
        { kind: 'cancel', atMs: 58914, node: 2, key: 4 },
      ],
    },
  },
  {
    why: 'work of a node that the leader had never seen was never given up',
    schedule: {
      seed: 220,
      nodes: 2,
      slots: 1,
      steps: [
        {
          kind: 'task',
          atMs: 25485,
          node: 0,
          wish: { key: 1, resource: null, needs: [], review: false, scope: 1, estimateMs: 15510 },
        },
        {
          kind: 'task',
          atMs: 27703,
          node: 0,
          wish: { key: 4, resource: null, needs: [], review: false, scope: 4, estimateMs: 10087 },
        },
        {
          kind: 'task',
          atMs: 29474,
          node: 0,
          wish: { key: 12, resource: null, needs: [], review: false, scope: 0, estimateMs: 9226 },
        },
        { kind: 'wipe', atMs: 44050, node: 1, by: 0, rejoins: true },
        { kind: 'crash', atMs: 51304, node: 0, turns: 4, silently: true, forMs: 50122 },
      ],
    },
  },
  {
    why: 'slots stayed taken by results of a project whose home was learned later',
    schedule: {
      seed: 29,
      nodes: 3,
      slots: 2,
      steps: [
        { kind: 'partition', atMs: 35089, side: [0], oneWay: true, forMs: 13063 },
        {
          kind: 'task',
          atMs: 46586,
          node: 1,
          wish: { key: 7, resource: 'port', needs: [], review: false, scope: 0, estimateMs: 15260 },
        },
        { kind: 'crash', atMs: 54153, node: 1, turns: 44, silently: false, forMs: 43539 },
      ],
    },
  },
  {
    why: 'a leader began its own order before that was on disk, where another node had asked for the task',
    schedule: {
      seed: 1,
      nodes: 2,
      slots: 1,
      capUsd: 1,
      steps: [
        {
          kind: 'task',
          atMs: 20000,
          node: 1,
          wish: { key: 1, resource: null, needs: [], review: false, scope: 1, estimateMs: 5000 },
        },
        {
          kind: 'task',
          atMs: 20000,
          node: 1,
          wish: { key: 2, resource: null, needs: [], review: false, scope: 2, estimateMs: 5000 },
        },
      ],
    },
  },
  {
    why: 'what a human rejected elsewhere stayed in review in the mirror, where the home died that moment',
    schedule: {
      seed: 26,
      nodes: 3,
      slots: 2,
      capUsd: 1,
      steps: [
        { kind: 'crash', atMs: 26897, node: 0, turns: 34, silently: false, forMs: 37398 },
        {
          kind: 'task',
          atMs: 41035,
          node: 1,
          wish: {
            key: 15,
            resource: 'database',
            needs: [],
            review: true,
            scope: 15,
            estimateMs: 7852,
          },
        },
        {
          kind: 'task',
          atMs: 52464,
          node: 2,
          wish: { key: 2, resource: null, needs: [], review: false, scope: 2, estimateMs: 9000 },
        },
      ],
    },
  },
  {
    why: 'a task began while an agent that was told to stop still had its resource',
    schedule: {
      seed: 31,
      nodes: 4,
      slots: 2,
      capUsd: 2,
      steps: [
        {
          kind: 'task',
          atMs: 49235,
          node: 0,
          wish: {
            key: 14,
            resource: 'database',
            needs: [],
            review: false,
            scope: 14,
            estimateMs: 6806,
          },
        },
        {
          kind: 'task',
          atMs: 52435,
          node: 0,
          wish: {
            key: 3,
            resource: 'database',
            needs: [],
            review: false,
            scope: 3,
            estimateMs: 19226,
          },
        },
        { kind: 'cancel', atMs: 54590, node: 2, key: 14 },
      ],
    },
  },
];

import type { GraphView } from '../../../shared/model/taskApi.ts';

export type GraphTask = GraphView['tasks'][number];

/** What a task does, at a glance. */
export type TaskState = 'running' | 'ready' | 'waiting' | 'review';

interface Look {
  readonly word: string;
  readonly colour: string;
  /** A sign of 12 by 12, as an SVG path: states differ by shape, not by colour alone. */
  readonly path: string;
}

export const LOOKS: Readonly<Record<TaskState, Look>> = {
  running: { word: 'at work', colour: '--vigil-busy', path: 'M2 1 L11 6 L2 11 Z' },
  ready: {
    word: 'ready',
    colour: '--vigil-good',
    path: 'M6 1 A5 5 0 1 1 5.99 1 Z',
  },
  waiting: {
    word: 'waits',
    colour: '--vigil-soft',
    path: 'M1.5 2 H4.5 V10 H1.5 Z M7.5 2 H10.5 V10 H7.5 Z',
  },
  review: { word: 'needs you', colour: '--vigil-warn', path: 'M6 0.5 L11.5 6 L6 11.5 L0.5 6 Z' },
};

export function stateOf({ status, waiting }: GraphTask): TaskState {
  if (status === 'review') return 'review';
  if (status !== 'open') return 'running';
  return waiting === null || waiting.kind === 'slot' ? 'ready' : 'waiting';
}

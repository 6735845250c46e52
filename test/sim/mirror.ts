import type { MirrorFile } from '../../electron/execute/repository/mirror.ts';
import type { Ledger } from '../../electron/node/ledger.ts';
import { MirrorWriter } from '../../electron/node/mirrorWriter.ts';
import { queueOf } from '../../electron/node/views/queue.ts';
import type { CommitId } from '../../shared/model/ids.ts';
import { statusOf } from '../../shared/world/status.ts';
import type { SimNode } from './node.ts';
import { PROJECT } from './project.ts';
import { commitId } from './repository.ts';
import type { Process } from './scheduler.ts';

/** `refs/vigil/queue` in the repository on a node's disk. */
export interface QueueRef {
  readonly files: Map<string, MirrorFile['json']>;
  seq: number | null;
  /** When its last commit was asked for, ms, and what the writer's clock showed. */
  askedMs: number;
  askedWallMs: number;
}

/** A mirror that is not yet what the queue is may be written within so long, ms: a batch, and git. */
const BEHIND_MS = 4_000;

/** Writes the mirror as one process of the home does; git takes a moment, and a crash may come before it. */
export function writeMirror(node: SimNode, ledger: Ledger, process: Process): MirrorWriter {
  const { queue, sim } = node;
  const pass = (ms: number) =>
    new Promise<void>((resolve) => sim.scheduler.after(ms, process, resolve));
  const mirror = {
    position: async () => {
      await pass(5);
      return queue.seq;
    },
    write: async (
      files: readonly MirrorFile[],
      _message: string,
      seq: number,
    ): Promise<CommitId> => {
      const onDisk = Math.max(0, ...[...ledger.store.heads().values()].map(({ pos }) => pos));
      if (seq > onDisk)
        sim.truth.violated(
          'durableFirst',
          `the mirror shows event ${seq}, and ${onDisk} is on disk`,
        );
      const [askedMs, askedWallMs] = [sim.scheduler.nowMs, ledger.nowMs()];
      await pass(30);
      for (const { path, json } of files) queue.files.set(path, json);
      Object.assign(queue, { seq, askedMs, askedWallMs });
      return commitId('queue', seq);
    },
  };
  const clock = {
    nowMs: () => ledger.nowMs(),
    after: (ms: number, act: () => void) => sim.scheduler.after(ms, process, act),
  };
  return new MirrorWriter({
    ledger,
    projects: { runtime: () => Promise.resolve({ mirror }) },
    clock,
  });
}

/** 14: the queue's mirror in git equals the queue that the home derives, once it has had time to be written. */
export function checkMirror({
  sim,
  ledger,
  queue,
  ready,
  process,
  id,
  changedMs,
  diskFull,
}: SimNode): void {
  if (!ledger || !ready || diskFull || !process || process.lagMs > 0) return;
  if (process.frozenSinceMs !== null || sim.scheduler.nowMs - changedMs < BEHIND_MS) return;
  const { world } = ledger;
  if (queue.seq === null) {
    if (world.tasks.size > 0) sim.truth.violated('mirror', `${id} has tasks and no mirror`);
    return;
  }
  for (const task of world.tasks.values()) {
    const path = `tasks/${task.spec.id}.json`;
    const derived = JSON.stringify({ status: statusOf(task), ...task });
    if (JSON.stringify(queue.files.get(path)) !== derived)
      sim.truth.violated('mirror', `${path} is not as ${id} derives it: ${derived}`);
  }
  // Some tasks become ready by time alone, so it is derived for the time at which it was written.
  if (queue.askedMs < changedMs) return;
  const {
    running,
    ready: next,
    review,
    waiting,
  } = queueOf(world, queue.askedWallMs, { project: PROJECT });
  const line = ({ id: task, title }: { id: string; title: string }) => `${task} ${title}`;
  const derived = JSON.stringify([running, next, review, waiting].map((part) => part.map(line)));
  const shown = queue.files.get('queue.json') as Record<string, (string | { task: string })[]>;
  const mirrored = JSON.stringify(
    ['running', 'ready', 'review', 'waiting'].map((part) =>
      (shown[part] ?? []).map((each) => (typeof each === 'string' ? each : each.task)),
    ),
  );
  if (mirrored !== derived)
    sim.truth.violated('mirror', `it shows ${mirrored}, and ${id} derives ${derived}`);
}

/** 14, in the end: what the mirror says of tasks that are no longer open. */
export function endedInMirror({ queue }: SimNode, task: string): string {
  const file = queue.files.get(`tasks/${task}.json`) as { status?: string } | undefined;
  return file?.status ?? 'nothing';
}

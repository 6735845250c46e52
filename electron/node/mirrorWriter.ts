import type { z } from 'zod';
import type { LoggedEvent } from '../../shared/model/events.ts';
import { projectOf, taskOf } from '../../shared/model/events.ts';
import type { ProjectId, TaskId } from '../../shared/model/ids.ts';
import type { TaskRegisters } from '../../shared/model/registers.ts';
import { statusOf } from '../../shared/world/status.ts';
import type { MirrorFile, QueueMirror } from '../execute/repository/mirror.ts';
import type { Clock } from './clock.ts';
import type { TaskChange } from '../../shared/world/openTasks.ts';
import type { Ledger } from './ledger.ts';
import { queueOf } from './views/queue.ts';
import { findTask } from './views/tasks.ts';

/** Changes that come within this time of the first share a commit: one per second is plenty to read. */
const BATCH_MS = 1_000;
/** A mirror that is further behind is written anew, instead of catching up event by event. */
const LONGEST_CATCH_UP = 50_000;
/** Events looked through before anything else has its turn: a few ms. */
const CATCH_UP_PAGE = 500;
/** Writing a long queue takes time that the engine's own thread lacks: it gets about this share of it. */
const MOST_SHARE = 0.05;

const CHANGED_ELSEWHERE = 'changed elsewhere';

/** Where the mirrors are: the projects of this node. */
interface Mirrors {
  runtime(id: ProjectId): Promise<{ readonly mirror: Pick<QueueMirror, 'position' | 'write'> }>;
}

/** Keeps `refs/vigil/queue` of each project at what the log says of its tasks (Q10). */
export class MirrorWriter {
  private readonly ledger: Ledger;
  private readonly projects: Mirrors;
  private readonly clock: Clock;
  private readonly pending = new Map<ProjectId, Map<TaskId, string>>();
  private readonly unsubscribe: () => void;
  private timer: { cancel(): void } | null = null;
  /** How long the last write kept the thread, ms. */
  private costMs = 0;
  private writing: Promise<void> = Promise.resolve();

  constructor(options: { ledger: Ledger; projects: Mirrors; clock: Clock }) {
    this.ledger = options.ledger;
    this.projects = options.projects;
    this.clock = options.clock;
    this.unsubscribe = this.ledger.onEvent((event, change) => this.note(event, change));
    this.ledger.onPut((id, project) => {
      if (project !== null) this.add(project, id, CHANGED_ELSEWHERE);
    });
    // Of a task that ended elsewhere and left the document meanwhile only its log tells.
    this.ledger.onCopied(({ body }) => {
      const [project, id] = [projectOf(body), taskOf(body)];
      if (project !== null && id !== null) this.add(project, id, CHANGED_ELSEWHERE);
    });
  }

  /** Finds and writes what changed while nobody wrote the mirror, as after a crash. Returns at once. */
  catchUp(): void {
    this.writing = this.writing.then(async () => {
      for (const id of this.ledger.world.projects.keys()) {
        if (!this.ledger.world.isHome(id)) continue;
        try {
          await this.findMissed(id);
        } catch {
          // The repository can't be read: whoever works on the project next says so, and writes what changed.
        }
      }
    });
  }

  private async findMissed(id: ProjectId): Promise<void> {
    const { store } = this.ledger;
    const { mirror } = await this.projects.runtime(id);
    const end = store.pos;
    let after = Math.max((await mirror.position()) ?? 0, end - LONGEST_CATCH_UP);
    while (after < end) {
      const page = store.read({
        after,
        before: end + 1,
        project: id,
        limit: CATCH_UP_PAGE,
      });
      for (const { body } of page) {
        const task = taskOf(body);
        if (task !== null) this.add(id, task, body.type);
      }
      after = page.at(-1)?.pos ?? end;
      // The node has just started: what else it has to do comes first.
      await new Promise(setImmediate);
    }
  }

  /** Writes what is pending, and resolves when it is in git or has failed. */
  flush(): Promise<void> {
    this.timer?.cancel();
    this.timer = null;
    this.writing = this.writing.then(async () => {
      for (const project of [...this.pending.keys()]) await this.write(project);
    });
    return this.writing;
  }

  async stop(): Promise<void> {
    this.unsubscribe();
    await this.flush();
  }

  private note({ body }: LoggedEvent, change: TaskChange | null): void {
    const project = projectOf(body);
    if (change === null || project === null) return;
    const moved = change.before === change.status ? body.type : change.status;
    this.add(project, change.task.spec.id, moved);
  }

  private add(project: ProjectId, task: TaskId, what: string): void {
    // The readable queue is in the user's repository.
    if (!this.ledger.world.isHome(project)) return;
    const changes = this.pending.get(project) ?? new Map<TaskId, string>();
    changes.set(task, what);
    this.pending.set(project, changes);
    this.timer ??= this.clock.after(
      Math.max(BATCH_MS, this.costMs / MOST_SHARE),
      () => void this.flush(),
    );
  }

  private async write(id: ProjectId): Promise<void> {
    const { world } = this.ledger;
    let changes: ReadonlyMap<TaskId, string> = new Map();
    try {
      const runtime = world.projects.has(id) ? await this.projects.runtime(id) : null;
      // From here to `world.seq` in one step: a restart takes the position at its word.
      changes = this.pending.get(id) ?? changes;
      this.pending.delete(id);
      if (runtime === null || changes.size === 0) return;
      const { seq } = world;
      const tasks = [...changes.keys()].map((task) => ({ id: task, open: world.tasks.get(task) }));
      const queue = this.queueFile(id);
      // What git shows must not be taken back by a crash. Tasks that ended are found in the store from here on.
      await this.ledger.durable();
      const { store } = this.ledger;
      const files = tasks.flatMap(({ id: task, open }) => {
        // A log may tell of a task that was only on a disk that is gone.
        const isKnown = open !== undefined || store.getTask(task) !== null;
        return isKnown ? [taskFile(open ?? findTask(this.ledger, task))] : [];
      });
      await runtime.mirror.write([...files, queue], headline(changes), seq);
    } catch {
      // Tried again with the next change; `doctor` asks the mirror why.
      const waiting = this.pending.get(id) ?? new Map<TaskId, string>();
      this.pending.set(id, new Map([...changes, ...waiting]));
    }
  }

  private queueFile(project: ProjectId): MirrorFile {
    const queue = queueOf(this.ledger.world, this.ledger.nowMs(), { project });
    const line = ({ id, title }: { id: TaskId; title: string }) => `${id} ${title}`;
    const { running, ready, review, waiting } = queue;
    return {
      path: 'queue.json',
      json: asJson({
        running: running.map(line),
        ready: ready.map(line),
        review: review.map(line),
        waiting: waiting.map((task) => ({ task: line(task), waits: task.waiting?.text ?? null })),
      }),
    };
  }
}

function taskFile(task: TaskRegisters): MirrorFile {
  return { path: `tasks/${task.spec.id}.json`, json: asJson({ status: statusOf(task), ...task }) };
}

type Json = z.core.util.JSONType;

/** Plain data as JSON has it: optional fields that are undefined are left out. */
function asJson(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

/** `T-3 merged, T-4 running`, and how many more. */
function headline(changes: ReadonlyMap<TaskId, string>): string {
  const all = [...changes].map(([task, what]) => `${task} ${what}`);
  const shown = all.slice(0, 4).join(', ');
  return all.length > 4 ? `${shown} and ${all.length - 4} more\n\n${all.join('\n')}` : shown;
}

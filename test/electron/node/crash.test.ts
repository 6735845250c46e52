import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { EventView } from '../../../shared/model/eventApi.ts';
import { ProjectView } from '../../../shared/model/projectApi.ts';
import { ReviewView } from '../../../shared/model/reviewApi.ts';
import { StatusView } from '../../../shared/model/statusApi.ts';
import { TaskSummary } from '../../../shared/model/taskApi.ts';
import { taskOf, type LoggedEvent } from '../../../shared/model/events.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { EventStore } from '../../../electron/store/store.ts';
import { KINDS, seeded } from './crashWork.ts';
import { userGit } from '../../userGit.ts';
import { locksIn, makeRepository } from './userRepository.ts';
import { bundleVigil, VigilProcess } from './vigilProcess.ts';

const LANES = Number(process.env['CRASH_LANES'] ?? 2);
const KILLS_PER_LANE = Number(process.env['CRASH_KILLS'] ?? 105);
const SEED = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);
/** Open tasks above which no more are added: each life of the node is short. */
const ENOUGH_OPEN = 6;
/** A life without the event that it was to end at ends after this, ms. */
const LONGEST_LIFE_MS = 2_500;
const MANIFESTS = 60;
/** Steps of the work in which a crash is most likely to leave something half-done, the likeliest more often. */
const KILL_AT = [
  ...[
    'task.added',
    'task.dispatched',
    'attempt.started',
    'attempt.failed',
    'task.failed',
    'baseline.recorded',
    'node.started',
    'project.added',
    'project.removed',
  ],
  ...Array.from({ length: 3 }, () => [
    'attempt.produced',
    'attempt.verified',
    'attempt.passed',
    'review.answered',
    'merge.done',
    'merge.done',
  ]).flat(),
];

type Kill = { readonly whom: 'node' | 'group' } & (
  | { readonly at: 'start' | 'work'; readonly delayMs: number }
  | { readonly at: 'event'; readonly type: string; readonly delayMs: number }
);

const Tasks = z.object({ tasks: z.array(TaskSummary) });
const Reviews = z.object({ reviews: z.array(ReviewView) });

let vigil: { entry: string; remove: () => void };
beforeAll(async () => {
  vigil = await bundleVigil();
});
afterAll(() => vigil.remove());

/** One node's home, one repository, and all that was acknowledged of them. */
class Lane {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'vigil-crash-'));
  readonly home = path.join(this.folder, 'home');
  readonly user: string;
  readonly schedule: Kill[] = [];
  /** When it is killed depends on the seed alone; what is asked of it also on how far it came. */
  private readonly killRandom: () => number;
  private readonly random: () => number;
  private readonly before: string;
  private readonly side: string;
  /** Whether the second project is there: null when the node died before it answered. */
  private sideIsThere: boolean | null = false;
  private sideInLog = false;
  private project = false;
  private lastTask: string | null = null;
  private counter = 0;
  private manifests = 0;
  private readonly tasks = new Map<string, string>();
  private readonly answers = new Set<string>();
  private seen = new Map<number, string>();
  private head: { seq: number; hash: string } | null = null;
  /** Task → the commit of its `merge.done`. */
  private readonly merged = new Map<string, string>();
  private readonly known = new Map<string, string>();
  private readonly ended = new Set<string>();
  kills = 0;
  /** The node that is to live to the end. */
  last: VigilProcess | null = null;

  constructor(seed: number) {
    this.killRandom = seeded(seed);
    this.random = seeded(seed + 1_000_000);
    mkdirSync(this.home);
    const manifests = Array.from({ length: MANIFESTS }, (_, n) => [
      `m/${n}/package.json`,
      `{\n  "name": "m${n}"\n}\n`,
    ]);
    this.user = makeRepository(
      path.join(this.folder, 'app'),
      Object.fromEntries(manifests) as Record<string, string>,
    );
    this.side = makeRepository(path.join(this.folder, 'side'));
    writeFileSync(path.join(this.user, 'a.txt'), 'changed, not committed\n');
    writeFileSync(
      path.join(this.home, 'config.yaml'),
      'concurrency: { cheap: 2 }\nlimits: { interruptionsPerTask: 10000, cheapTasksPerHour: 1000000, cyclesPerDay: 0, pauseAtFailureRate: 1, pauseMs: 0, leastFreeDiskBytes: 0, leastFreeDiskShare: 0 }\n',
    );
    this.before = this.userView();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** One life of the node, from its start to its kill. */
  async liveAndDie(): Promise<void> {
    const kill = this.nextKill();
    this.schedule.push(kill);
    const node = new VigilProcess(vigil.entry, this.home);
    if (kill.at === 'start') await sleep(kill.delayMs);
    else {
      const struck = Promise.withResolvers<void>();
      await node.ready;
      const from = this.head?.seq ?? 0;
      await node.follow(from, (event) => {
        this.seen.set(event.seq, event.hash);
        if (kill.at === 'event' && event.type === kill.type)
          setTimeout(() => struck.resolve(), kill.delayMs);
      });
      const working = this.work(node).catch(() => undefined);
      await Promise.race([
        struck.promise,
        sleep(kill.at === 'work' ? kill.delayMs : LONGEST_LIFE_MS),
      ]);
      await node.crash(kill.whom);
      await working;
    }
    await node.crash(kill.whom);
    this.kills += 1;
    this.age();
    this.check();
  }

  /** Lets the node finish all that can be finished, and checks what is left behind. */
  async liveToTheEnd(): Promise<void> {
    const node = new VigilProcess(vigil.entry, this.home);
    this.last = node;
    await node.ready;
    await node.follow(this.head?.seq ?? 0, (event: EventView) =>
      this.seen.set(event.seq, event.hash),
    );
    await this.work(node);
    await this.untilThrough(node);
    const { tasks } = await node.call('GET', '/v1/tasks?all=1', Tasks);
    const ended = tasks.map(({ id, title, status }) => `${id} ${title}: ${status}`);
    expect(ended).toEqual(
      tasks.map(({ id, title }) => `${id} ${title}: ${KINDS[title.split(' ')[0] ?? '']?.ends}`),
    );
    if (this.sideIsThere === true) await this.toggleSide(node);
    const exit = await node.stop();
    expect(exit).toEqual({ code: 0, signal: null, stderr: '' });
    this.check();
    // Each did its work once: what appends a line has left one line.
    for (const { title, status } of tasks) {
      const [kind = '', mark = ''] = title.split(' ');
      if (status !== 'merged' || kind === 'mechanic') continue;
      expect(userGit(this.user, 'show', `vigil/integration:out/${mark}.txt`)).toBe(mark);
    }
    const merges = tasks.filter(({ status }) => status === 'merged').map(({ id }) => id);
    expect([...this.commits().keys()].sort()).toEqual(merges.sort());
    expect([...this.merged.keys()].sort()).toEqual(merges.sort());
    this.checkTidy(tasks);
  }

  /** Answers what waits for a person until nothing is left to do. Throws with the state it stuck at. */
  private async untilThrough(node: VigilProcess): Promise<void> {
    const giveUpAtMs = Date.now() + 180_000;
    for (;;) {
      await this.review(node);
      const { state, summary, counts } = await this.resumeIfParked(node);
      const { open, running, review } = counts;
      if (state !== 'working' && open + running + review === 0) return;
      if (Date.now() > giveUpAtMs) {
        throw new Error(`stuck: ${JSON.stringify({ state, summary, open, running, review })}`);
      }
      await sleep(200);
    }
  }

  /** So much of this work fails on purpose that the engine may lose its confidence and ask to go on. */
  private async resumeIfParked(node: VigilProcess): Promise<StatusView> {
    const status = await node.call('GET', '/v1/status', StatusView);
    return status.state === 'parked' ? node.call('POST', '/v1/resume', StatusView, {}) : status;
  }

  private nextKill(): Kill {
    const dice = this.killRandom();
    const whom = this.killRandom() < 0.3 ? 'group' : 'node';
    if (dice < 0.2) return { whom, at: 'start', delayMs: Math.round(this.killRandom() * 600) };
    if (dice < 0.35) return { whom, at: 'work', delayMs: Math.round(this.killRandom() * 1_200) };
    const type = KILL_AT[Math.floor(this.killRandom() * KILL_AT.length)] ?? 'merge.done';
    return { whom, at: 'event', type, delayMs: Math.round(this.killRandom() ** 2 * 25) };
  }

  /** What a person does meanwhile: adds the project and tasks, answers reviews. Rejects when the node dies. */
  private async work(node: VigilProcess): Promise<void> {
    if (!this.project) {
      await node.call('POST', '/v1/projects', ProjectView, { path: this.user });
      this.project = true;
    }
    if (this.random() < 0.3) await this.toggleSide(node);
    const { counts } = await this.resumeIfParked(node);
    for (let open = counts.open + counts.running; open < ENOUGH_OPEN; open += 2) {
      const tasks = [this.input(), this.input()].map((task) => ({ project: 'app', ...task }));
      const added = await node.call('POST', '/v1/tasks', Tasks, { tasks });
      added.tasks.forEach(({ id, title }) => this.tasks.set(id, title));
      this.lastTask = added.tasks.at(-1)?.id ?? null;
    }
    await this.review(node);
  }

  /** Adds the second project, or removes it. */
  private async toggleSide(node: VigilProcess): Promise<void> {
    const was = this.sideIsThere;
    this.sideIsThere = null;
    if (was === true) await node.call('DELETE', '/v1/projects/side', z.unknown());
    else await node.call('POST', '/v1/projects', ProjectView, { path: this.side });
    this.sideIsThere = was !== true;
  }

  private async review(node: VigilProcess): Promise<void> {
    const { reviews } = await node.call('GET', '/v1/reviews', Reviews);
    for (const { task } of reviews) {
      const answer = task.title.startsWith('approve') ? 'approved' : 'rejected';
      await node.call('POST', `/v1/reviews/${task.id}`, TaskSummary, { answer });
      this.answers.add(task.id);
    }
  }

  private input(): { title: string } {
    const names = Object.keys(KINDS).filter(
      (name) => name !== 'mechanic' || this.manifests < MANIFESTS,
    );
    const kind = names[Math.floor(this.random() * names.length)] ?? 'write';
    const mark = kind === 'mechanic' ? String(this.manifests++) : `f${++this.counter}`;
    return { title: `${kind} ${mark}`, ...KINDS[kind]?.input(mark, this.lastTask) };
  }

  /** Lets the time pass that lies between a crash and the restart, as far as lock files are concerned. */
  private age(): void {
    const anHourAgo = Date.now() / 1_000 - 3_600;
    for (const lock of locksIn(path.join(this.user, '.git')))
      utimesSync(lock, anHourAgo, anHourAgo);
  }

  /** What must hold after every crash, read from the disk while no node runs. */
  private check(): void {
    this.checkLog();
    const commits = this.commits();
    for (const [task, commit] of this.merged)
      expect(commits.get(task), `merge.done of ${task} is in git`).toBe(commit);
    for (const task of commits.keys())
      expect(this.known.has(task), `${task} is in git and in the log`).toBe(true);
    expect(this.userView()).toBe(this.before);
  }

  private checkLog(): void {
    if (!existsSync(path.join(this.home, 'vigil.db'))) {
      expect(this.seen.size + this.tasks.size).toBe(0);
      return;
    }
    // Writable, so that an unfinished migration of the very first start is finished too.
    const store = EventStore.open(this.home, null);
    try {
      const from = this.head?.seq ?? 0;
      expect(store.verify(Math.max(1, from)).problem).toBeNull();
      for (const event of store.iterate(Math.max(0, from - 1))) this.checkEvent(event, from);
      for (const [seq] of this.seen)
        expect(seq <= store.head.seq, `event ${seq} was told and is in the log`).toBe(true);
      for (const [id, title] of this.tasks)
        expect(store.getTask(TaskId.parse(id))?.title, `acknowledged ${id}`).toBe(title);
      expect(this.sideIsThere ?? this.sideInLog, 'the second project').toBe(this.sideInLog);
      this.sideIsThere = this.sideInLog;
      this.seen = new Map();
      if (store.head.seq > 0) this.head = store.head;
    } finally {
      store.close();
    }
  }

  private checkEvent({ seq, hash, body }: LoggedEvent, from: number): void {
    const told = seq === from ? this.head?.hash : this.seen.get(seq);
    if (told !== undefined) expect(hash, `event ${seq} is the one that was told`).toBe(told);
    if (seq <= from) return;
    if (body.type === 'task.added') this.known.set(body.task, body.spec.title);
    if (body.type === 'project.added' && body.project === 'side') this.sideInLog = true;
    if (body.type === 'project.removed') this.sideInLog = false;
    if (body.type === 'review.answered') this.answers.delete(body.task);
    if (body.type === 'merge.done') {
      expect(this.merged.has(body.task), `${body.task} merged once`).toBe(false);
      this.merged.set(body.task, body.commit);
    }
    const ends =
      ['merge.done', 'task.failed', 'task.cancelled'].includes(body.type) ||
      (body.type === 'attempt.passed' && body.commit === null);
    const task = taskOf(body);
    if (ends && task !== null) {
      expect(this.ended.has(task), `${task} ended once`).toBe(false);
      this.ended.add(task);
    }
  }

  /** Task → commit of the integrated tree, by trailers. */
  private commits(): Map<string, string> {
    const found = new Map<string, string>();
    if (userGit(this.user, 'for-each-ref', 'refs/heads/vigil/integration') === '') return found;
    const format = '--format=%H %(trailers:key=Vigil-Task,valueonly,separator=%x2C)';
    for (const row of userGit(this.user, 'log', format, 'refs/heads/vigil/integration').split(
      '\n',
    )) {
      const [commit = '', task = ''] = row.split(' ');
      if (task === '') continue;
      expect(found.has(task), `${task} is in git once`).toBe(false);
      found.set(task, commit);
    }
    return found;
  }

  /** All of the user's repository that Vigil has no business to change. */
  private userView(): string {
    return [
      userGit(this.user, 'rev-parse', 'main'),
      userGit(this.user, 'symbolic-ref', 'HEAD'),
      userGit(this.user, 'status', '--porcelain=v2'),
      userGit(this.user, 'worktree', 'list', '--porcelain'),
      userGit(this.user, 'for-each-ref', '--format=%(refname) %(objectname)')
        .split('\n')
        .filter((row) => !/ ?refs\/(heads\/vigil\/integration|vigil\/queue) /.test(row))
        .join('\n'),
      readFileSync(path.join(this.user, '.git', 'config'), 'utf8'),
    ].join('\n');
  }

  private checkTidy(tasks: readonly TaskSummary[]): void {
    userGit(this.user, 'fsck', '--strict', '--connectivity-only');
    expect(readdirSync(path.join(this.home, 'projects'))).toEqual(['app']);
    expect(this.answers).toEqual(new Set());
    const clone = path.join(this.home, 'projects', 'app', 'repo.git');
    expect(locksIn(path.join(this.user, '.git'))).toEqual([]);
    expect(locksIn(clone)).toEqual([]);
    expect(userGit(clone, 'worktree', 'list', '--porcelain').match(/^worktree /gm)).toHaveLength(1);
    expect(userGit(clone, 'for-each-ref', 'refs/heads/vigil')).toBe('');
    expect(readdirSync(path.join(this.home, 'projects', 'app', 'work'))).toEqual([]);
    expect(existsSync(path.join(this.home, 'node.json'))).toBe(false);
    expect(this.processes()).toEqual([]);
    for (const { id, status } of tasks) {
      const shown = JSON.parse(userGit(this.user, 'show', `refs/vigil/queue:tasks/${id}.json`)) as {
        status: string;
      };
      expect(`${id} ${shown.status}`).toBe(`${id} ${status}`);
    }
  }

  /** Processes that work in this lane's folder or carry its name. */
  private processes(): string[] {
    return readdirSync('/proc').filter((pid) => {
      if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
      try {
        if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return false;
        return (
          readlinkSync(`/proc/${pid}/cwd`).startsWith(this.folder) ||
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(this.folder)
        );
      } catch {
        return false;
      }
    });
  }
}

test.concurrent.for(Array.from({ length: LANES }, (_, n) => SEED + n))(
  'a node that is killed again and again loses nothing that was acknowledged and does nothing twice (seed %i)',
  { timeout: 600_000 },
  async (seed, { onTestFailed, onTestFinished }) => {
    const lane = new Lane(seed);
    onTestFinished(() => lane.last?.crash('group'));
    onTestFailed(() =>
      console.error(
        `seed ${seed}, after ${lane.kills} kills, in ${lane.folder}: ${JSON.stringify(lane.schedule.slice(-8))}`,
      ),
    );
    while (lane.kills < KILLS_PER_LANE) await lane.liveAndDie();
    await lane.liveToTheEnd();
    lane.remove();
  },
);

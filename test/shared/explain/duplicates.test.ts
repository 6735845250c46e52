import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explainTask } from '../../../shared/explain/explain.ts';
import { emptyReport, foldReport } from '../../../shared/explain/report.ts';
import { viewReport } from '../../../shared/explain/reportView.ts';
import { AgentChoice } from '../../../shared/model/agent.ts';
import { ReportView } from '../../../shared/model/reportApi.ts';
import type { EventBody, LoggedEvent } from '../../../shared/model/events.ts';
import { NodeId, taskId } from '../../../shared/model/ids.ts';
import { app, commit, mac, MINUTE, priority, specOf, START_MS, summaryOf } from './log.ts';

const linux = NodeId.parse('linux-1');
const studio = NodeId.parse('studio-1');
const id = taskId(1);
const ids = { task: id, project: app };

/** The logs of nodes that may not see each other; each counts on from what it has seen. */
class Logs {
  readonly events: LoggedEvent[] = [];
  nowMs = START_MS;

  wait(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  /** `knows`: nodes whose events the writer has seen before it wrote. */
  add(node: NodeId, body: EventBody, knows: readonly NodeId[] = []): this {
    const of = (nodes: readonly NodeId[]) => this.events.filter((e) => nodes.includes(e.node));
    const seq = of([node]).length + 1;
    const clock = Math.max(0, ...of([node, ...knows]).map((event) => event.clock)) + 1;
    const pos = this.events.length + 1;
    const place = { node, seq, clock, pos, prev: '', hash: `${node} ${seq}` };
    this.events.push({ ...place, atMs: this.nowMs, body });
    return this;
  }

  /** A leader assigns the task, and its node begins. */
  begun(node: NodeId, by: NodeId, attempt = 1): this {
    const assignment = {
      ...{ attempt, node, term: 1, by, atMs: this.nowMs, timeoutMs: MINUTE, fallbacks: [] },
      expected: { pSuccess: 0.8, durationMs: MINUTE },
    };
    const chosen = { score: 1, reason: 'first', priority, alternatives: [] };
    return this.add(by, { type: 'task.dispatched', ...ids, assignment, ...chosen }).add(
      node,
      {
        ...{ type: 'attempt.started', ...ids, attempt, node, executor: 'agent' },
        ...{ base: null, prepareMs: 0, log: null },
      },
      [by],
    );
  }

  called(node: NodeId, costUsd: number, attempt = 1): this {
    const target = { provider: 'anthropic', model: 'opus' };
    const choice = AgentChoice.parse({ agent: 'claude', target });
    return this.add(node, {
      ...{ type: 'call.settled', ...ids, call: `c-${this.events.length}`, attempt },
      ...{ category: 'coding', role: 'writer', target: choice.target, billing: 'metered' },
      usage: { input: 1_000, output: 100, cacheRead: 0, cacheWrite: 0 },
      ...{
        costUsd,
        estimated: false,
        outcome: 'ok',
        detail: '',
        latencyMs: 2,
        firstByteMs: 1,
        retries: 0,
      },
    });
  }

  passed(node: NodeId, attempt = 1): this {
    return this.add(node, {
      ...{ type: 'attempt.passed', ...ids, attempt, commit: commit(node), needsReview: null },
      ...{ quality: 1, durationMs: MINUTE },
    });
  }

  stopped(
    node: NodeId,
    attempt = 1,
    { durationMs = MINUTE, interrupted = true, knows = [] as readonly NodeId[] } = {},
  ): this {
    const failure = { class: 'infrastructure' as const, reason: 'it lost', interrupted };
    return this.add(
      node,
      { type: 'attempt.failed', ...ids, attempt, failure, report: '', durationMs },
      knows,
    );
  }

  merged(home: NodeId, of: NodeId | null, attempt = 1, knows: readonly NodeId[] = []): this {
    return this.add(
      home,
      {
        ...{ type: 'merge.done', ...ids, attempt, ...(of ? { node: of } : {}) },
        ...{ commit: commit('1a2b3c4'), parent: commit('0'), rebased: false, recovered: false },
      },
      knows,
    );
  }
}

/** Two sides of a cut mesh do the task; the home's own result lands. */
function twice(): Logs {
  return new Logs()
    .add(mac, { type: 'task.added', ...ids, spec: specOf(id) })
    .begun(mac, mac)
    .begun(linux, linux)
    .wait(MINUTE)
    .called(mac, 0.5)
    .called(linux, 0.25)
    .called(linux, 0.5)
    .passed(mac)
    .passed(linux)
    .merged(mac, mac);
}

function byHistory(events: readonly LoggedEvent[]): LoggedEvent[] {
  return events.toSorted(
    (a, b) => a.clock - b.clock || (a.node < b.node ? -1 : a.node > b.node ? 1 : a.seq - b.seq),
  );
}

function report(events: readonly LoggedEvent[]): ReportView {
  const state = emptyReport(START_MS);
  for (const event of events) foldReport(state, event);
  return ReportView.parse(viewReport(state, { untilMs: START_MS + 10 * MINUTE, slots: 3 }));
}

function told(logs: Logs) {
  const summary = summaryOf(id, { status: 'merged' });
  const related = { unblocked: [], waitingForIt: [] };
  const events = byHistory(logs.events);
  return explainTask({
    ...{ events, summary, waits: [], related, promotedCommits: false, nowMs: logs.nowMs },
  }).execution;
}

test('the report tells what the attempt took and cost whose merge did not land, and spends it all the same', () => {
  const { duplicates, cost } = report(byHistory(twice().events));
  const spent = { durationMs: MINUTE, usd: 0.75, calls: 2, unpricedCalls: 0 };
  expect(duplicates).toMatchObject(spent);
  expect(duplicates.tokens).toBeGreaterThan(0);
  expect(duplicates.attempts).toMatchObject([
    { task: id, attempt: 1, node: linux, ...spent, merged: { attempt: 1, node: mac } },
  ]);
  expect(cost).toMatchObject({ usd: 1.25, calls: 3 });
});

test('explain shows two attempts of one number, names the duplicate, whose merge landed and what it cost', () => {
  const all = told(twice());
  expect(all).toHaveLength(2);
  const [own, other] = [mac, linux].map((node) => all.find((attempt) => attempt.node === node));
  expect(own).toMatchObject({ node: mac, duplicateOf: null, calls: 1, costUsd: 0.5 });
  expect(own?.result).toMatch(/^merged as/);
  expect(other).toMatchObject({ node: linux, attempt: 1, calls: 2, costUsd: 0.75 });
  expect(other?.duplicateOf).toEqual({ attempt: 1, node: mac });
  expect(other?.result).toMatch(/a duplicate: attempt 1 of mac-1 is the one that merged.*\$0\.75/);
});

test('the duplicate is the other one when the result of the other side lands', () => {
  const logs = new Logs().begun(mac, mac).begun(linux, linux).passed(mac).passed(linux);
  logs.merged(mac, linux, 1, [linux]);
  expect(report(byHistory(logs.events)).duplicates.attempts).toMatchObject([
    { node: mac, merged: { node: linux } },
  ]);
});

test('a merge that an old log tells of without whose it was is the one of the home', () => {
  const logs = new Logs().begun(mac, mac).begun(linux, linux).passed(mac).passed(linux);
  logs.merged(mac, null);
  expect(report(byHistory(logs.events)).duplicates.attempts).toMatchObject([{ node: linux }]);
});

test('one that was stopped when it learned that it had lost is a duplicate as far as it got', () => {
  const twin = new Logs().begun(mac, mac).begun(linux, linux).stopped(linux).passed(mac);
  expect(report(byHistory(twin.merged(mac, mac).events)).duplicates.attempts).toHaveLength(1);
  const late = new Logs().begun(linux, mac).begun(studio, mac, 2).passed(studio, 2);
  late.merged(mac, studio, 2, [studio]).stopped(linux, 1, { knows: [mac] });
  expect(report(byHistory(late.events)).duplicates.attempts).toMatchObject([
    { node: linux, attempt: 1, merged: { node: studio, attempt: 2 } },
  ]);
});

test('what failed by itself, was given back before another went on, or died, is no duplicate', () => {
  const ends: ((logs: Logs) => Logs)[] = [
    (logs) => logs.stopped(linux, 1, { interrupted: false }),
    (logs) => logs.stopped(linux),
  ];
  for (const end of ends) {
    const logs = end(new Logs().begun(linux, mac));
    logs.add(studio, { type: 'peer.lost', peer: linux, reason: '' }, [linux, mac]);
    logs.begun(studio, studio, 2).passed(studio, 2).merged(mac, studio, 2, [studio]);
    expect(report(byHistory(logs.events)).duplicates.attempts).toEqual([]);
    expect(told(logs.add(mac, { type: 'task.added', ...ids, spec: specOf(id) }))).toMatchObject([
      { duplicateOf: null },
      { duplicateOf: null },
    ]);
  }
  // It comes back from a crash and says so, long after the task was merged elsewhere.
  const died = new Logs().begun(linux, mac).begun(studio, mac, 2).passed(studio, 2);
  died.merged(mac, studio, 2, [studio]).stopped(linux, 1, { durationMs: 0, knows: [mac] });
  expect(report(byHistory(died.events)).duplicates.attempts).toEqual([]);
});

test('both attempts at one task count as work, each for its own time', () => {
  expect(report(byHistory(twice().events))).toMatchObject({ attempts: 2, merged: 1 });
  // Two of three slots for one of ten minutes.
  expect(report(byHistory(twice().events)).utilisation).toBeCloseTo(2 / 30, 6);
});

test('the order in which the logs arrive does not matter', () => {
  const { events } = twice();
  const expected = report(byHistory(events)).duplicates;
  expect(expected.attempts).toHaveLength(1);
  fc.assert(
    fc.property(
      fc.array(fc.nat(), { minLength: events.length, maxLength: events.length }),
      (draws) => {
        const logs = [mac, linux].map((node) => events.filter((event) => event.node === node));
        const arrived = draws.flatMap((draw) => {
          const rest = logs.filter((log) => log.length > 0);
          return rest[draw % rest.length]?.splice(0, 1) ?? [];
        });
        expect(arrived).toHaveLength(events.length);
        expect(report(arrived).duplicates).toEqual(expected);
        expect(report(byHistory(arrived)).duplicates).toEqual(expected);
      },
    ),
  );
});

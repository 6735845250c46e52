import { describe, expect, it } from 'vitest';
import { EventBody, type EventType } from '../../../shared/model/events.ts';
import { AgentId, ProviderId } from '../../../shared/model/agent.ts';
import { approvalId } from '../../../shared/model/approval.ts';
import { Budget } from '../../../shared/model/budget.ts';
import { taskId } from '../../../shared/model/ids.ts';
import { Limits } from '../../../shared/model/config.ts';
import type { Project, ProjectProfile, TestReport } from '../../../shared/model/project.ts';
import { describeEvent } from '../../../shared/explain/describe.ts';
import { formatDeviceId } from '../../../shared/model/device.ts';
import { app, commit, Log, mac, MINUTE, SECOND, specOf, START_MS } from './log.ts';

const task = taskId(1);
const profile: ProjectProfile = {
  packageManager: 'npm',
  install: null,
  test: 'npm test',
  lint: null,
  formatter: null,
  language: 'typescript',
  ignore: [],
  review: false,
  testTimeoutMs: MINUTE,
  notes: [],
  sources: {},
};
const definition: Project = { id: app, path: '/code/app', target: 'main', profile };
const tests: TestReport = {
  outcome: 'failed',
  exitCode: 1,
  failing: ['a', 'b'],
  total: 9,
  coverage: null,
  signature: '',
  durationMs: SECOND,
  log: null,
};
const failure = { class: 'external', reason: 'no network.', interrupted: false } as const;

const story = new Log()
  .added(1)
  .decided(1)
  .dispatched(1)
  .started(1)
  .produced(1, 1, ['a.js', 'b.js'])
  .verified(1, 1, false)
  .passed(1, 1, SECOND, { needsReview: 'high risk' })
  .failed(1, 1, 'external', 'no network.')
  .merged(1, 2)
  .events.map((event) => event.body);

const choice = {
  agent: AgentId.parse('opencode'),
  target: { provider: ProviderId.parse('acme'), model: 'm' },
};
const run = { task, project: app, attempt: 1, role: 'writer', choice } as const;
const call = {
  call: 'c1',
  task,
  project: app,
  attempt: 1,
  category: 'coding',
  role: 'writer',
  target: choice.target,
} as const;
const others: EventBody[] = [
  {
    type: 'node.started',
    node: mac,
    version: '1.0.0',
    concurrency: { agent: 1, cheap: 2 },
    capabilities: [],
    limits: Limits.parse({}),
  },
  { type: 'node.stopped', node: mac, reason: 'asked to' },
  {
    type: 'node.sensed',
    node: mac,
    fitness: {
      any: true,
      heavy: false,
      steady: false,
      troubles: [{ kind: 'battery', bars: 'heavy', text: 'is on battery (40 %)' }],
    },
    senses: 'on battery (40 %), load 3 %',
  },
  { type: 'node.drained', node: mac, who: 'alex', drain: true },
  { type: 'capabilities.found', node: mac, capabilities: ['macos', 'arm64'] },
  { type: 'project.added', project: app, definition, taskFloor: 0 },
  { type: 'project.profiled', project: app, profile, target: 'main' },
  { type: 'project.removed', project: app },
  {
    type: 'request.refused',
    reason: 'host',
    host: 'evil.example:4774',
    origin: '',
    count: 3,
  },
  { type: 'project.troubled', project: app, reason: 'it is bare', help: 'Clone it.' },
  { type: 'project.recovered', project: app },
  { type: 'baseline.recorded', project: app, baseline: { commit: commit('abc1234'), tests } },
  {
    type: 'artifact.observed',
    project: app,
    artifact: 'dist/x.js',
    exists: false,
    commit: commit('abc1234'),
  },
  {
    type: 'integration.synced',
    project: app,
    commit: commit('abc1234'),
    target: commit('def5678'),
  },
  {
    type: 'integration.promoted',
    project: app,
    branch: 'main',
    from: commit('abc1234'),
    to: commit('def5678'),
    who: 'alex',
  },
  { type: 'task.linked', task, project: app, dependency: { type: 'ordering', task: taskId(2) } },
  {
    type: 'task.refused',
    project: app,
    title: 'Loop',
    reason: 'it would close a cycle',
    cycle: ['a', 'b', 'a'],
    origin: { kind: 'human', who: 'alex' },
  },
  { type: 'task.cancelled', task, project: app, who: 'alex', reason: '' },
  {
    type: 'task.retried',
    task,
    project: app,
    who: 'alex',
    granted: 1,
    spec: specOf(task),
    addedDependencies: [],
    attempts: [],
  },
  {
    type: 'attempt.overdue',
    task,
    project: app,
    attempt: 1,
    timeoutMs: MINUTE,
    runningMs: 2 * MINUTE,
  },
  { type: 'task.failed', task, project: app, failure, attempts: 5 },
  {
    type: 'review.answered',
    task,
    project: app,
    attempt: 1,
    answer: 'approved',
    who: 'alex',
    reason: '',
  },
  {
    type: 'prediction.checked',
    task,
    project: app,
    attempt: 1,
    held: false,
    finding: 'flaky',
    confidence: 0.75,
    expected: { pSuccess: 0.8, durationMs: SECOND },
    actual: { success: false, durationMs: 2 * SECOND },
  },
  {
    type: 'engine.adapted',
    project: app,
    cause: task,
    change: { kind: 'gate', work: 'agent fix', open: true, reason: '25 of the last 25 were good' },
  },
  {
    type: 'engine.adapted',
    project: app,
    cause: task,
    change: {
      kind: 'route',
      work: 'agent fix',
      from: 'a/b/c',
      to: 'd/e/f',
      share: 0.6,
      reason: '90 % succeeded',
    },
  },
  { type: 'cycle.started', project: app, cycle: 3, trigger: 'too few tasks' },
  {
    type: 'cycle.finished',
    project: app,
    cycle: 3,
    commit: commit('abc1234'),
    found: 4,
    proposed: [task],
    dropped: [{ fingerprint: 'f', reason: 'known' }],
    closed: [],
    troubles: ['knip failed.'],
    durationMs: SECOND,
  },
  {
    type: 'audit.finished',
    project: null,
    failures: [{ check: 'disk', detail: '1 % free', help: 'Make room.' }],
  },
  {
    type: 'limit.reached',
    limit: 'agentTasksPerHour',
    subject: 'mac-1',
    value: 20,
    max: 20,
    untilMs: START_MS,
  },
  { type: 'limit.cleared', limit: 'agentTasksPerHour', subject: 'mac-1' },
  {
    type: 'notice.shown',
    notice: 'approval.A-3',
    level: 'ask',
    title: 'A-3: raise the budget?',
    channel: 'desktop',
  },
  {
    type: 'notice.failed',
    notice: 'approval.A-3',
    level: 'ask',
    title: 'A-3: raise the budget?',
    channel: 'ntfy',
    reason: 'ntfy.sh answered 403',
    next: 'the page, where it waits',
  },
  { type: 'notice.dismissed', notice: 'failed.mac-1.12', who: 'alex' },
  { type: 'builds.paused', by: 'human', who: 'alex', reason: 'lunch', untilMs: null },
  { type: 'builds.resumed', by: 'engine', who: 'engine', reason: 'the pause is over' },
  { type: 'task.amended', task, project: app, spec: specOf(task), by: 'model', reason: 'vague' },
  { type: 'task.split', task, project: app, into: [taskId(8), taskId(9)], reason: 'too large' },
  {
    type: 'attempt.continued',
    task,
    project: app,
    attempt: 2,
    commit: commit('abc1234'),
    from: { attempt: 1, node: mac },
  },
  { type: 'attempt.checkpointed', task, project: app, attempt: 1, commit: commit('abc1234') },
  {
    type: 'context.built',
    task,
    project: app,
    attempt: 1,
    role: 'writer',
    bytes: 1_200,
    parts: [
      { kind: 'task', name: 'task', bytes: 1_200 },
      { kind: 'code', name: 'src/a.ts', bytes: 0 },
    ],
  },
  {
    type: 'agent.started',
    ...run,
    version: '1.2.3',
    session: 's',
    transcript: '/logs/1.writer.jsonl',
    startMs: 1_200,
  },
  {
    type: 'agent.ended',
    ...run,
    outcome: 'ended',
    detail: '',
    toolCalls: 3,
    denied: ['write outside: no'],
    summary: 'done',
    durationMs: SECOND,
  },
  {
    type: 'agents.found',
    node: mac,
    agents: [
      {
        id: run.choice.agent,
        name: 'OpenCode',
        version: '1.2.3',
        format: 'openai-chat',
        ready: true,
        detail: '',
      },
    ],
  },
  {
    type: 'provider.set',
    provider: run.choice.target.provider,
    config: {
      formats: ['openai-chat'],
      baseUrl: 'https://models.example/v1',
      billing: 'metered',
      models: [{ name: 'm' }],
    },
  },
  { type: 'provider.removed', provider: run.choice.target.provider },
  { type: 'budget.set', budget: Budget.parse({}), who: 'alex' },
  { type: 'budget.granted', task, project: app, who: 'alex', tokens: 1_000, calls: 5 },
  { type: 'call.reserved', ...call, billing: 'metered', maxTokens: 9_000, maxCostUsd: 0.2 },
  {
    type: 'call.settled',
    ...call,
    billing: 'metered',
    outcome: 'ok',
    usage: { input: 800, output: 200, cacheRead: 0, cacheWrite: 0 },
    costUsd: 0.012,
    estimated: false,
    detail: '',
    latencyMs: 800,
    firstByteMs: 200,
    retries: 0,
  },
  {
    type: 'call.refused',
    ...call,
    reached: { cap: 'hour.hard', value: 4.9, max: 5, untilMs: START_MS },
    maxTokens: 9_000,
    maxCostUsd: 0.2,
  },
  {
    type: 'approval.asked',
    approval: approvalId(1),
    task,
    project: app,
    subject: { kind: 'permission', node: mac, title: 'run npm publish', act: 'x' },
    reason: 'it publishes a package',
  },
  {
    type: 'approval.answered',
    approval: approvalId(1),
    task,
    project: app,
    answer: 'denied',
    who: 'alex',
    reason: 'no releases from here',
  },
  {
    type: 'spec.written',
    project: app,
    task,
    subject: 'the roadmap item',
    effort: 'detailed',
    asked: 1,
    trouble: null,
  },
  { type: 'mesh.entered', name: 'box', slot: 0, floor: 0, inviter: null },
  { type: 'mesh.left', reason: 'vigil leave' },
  { type: 'mesh.left', reason: 'it was revoked', revoked: true },
  {
    type: 'member.admitted',
    peer: mac,
    name: 'mac',
    device: formatDeviceId(new Uint8Array(32)),
    slot: 32,
  },
  { type: 'member.revoked', peer: mac, name: 'mac', cut: 12, by: [mac] },
  { type: 'link.opened', peer: mac, address: '192.168.1.7:4775' },
  { type: 'link.closed', peer: mac, reason: 'it was silent' },
  { type: 'stranger.refused', address: '203.0.113.9', reason: 'no TLS', count: 40 },
  { type: 'peer.doubled', peer: mac, address: '192.168.1.8' },
  {
    type: 'peer.incompatible',
    peer: mac,
    reason: 'mac runs an older version of Vigil (protocol 1; this node speaks 2).',
    help: 'Update Vigil on mac.',
  },
  {
    type: 'peer.changed',
    peer: mac,
    name: 'mac',
    version: '0.1.0',
    concurrency: { agent: 1, cheap: 2 },
    capabilities: ['macos'],
    fitness: null,
    draining: false,
    choices: [],
  },
  { type: 'peer.lost', peer: mac, reason: 'silent for 4 s' },
  { type: 'leader.changed', leader: mac, term: 3, reason: 'plugged in' },
  {
    type: 'attempt.abandoned',
    task,
    project: app,
    attempt: 1,
    node: mac,
    term: 3,
    reason: 'nothing was heard of it for 15 s',
  },
  { type: 'unknown', name: 'task.moved', json: '{"type":"task.moved"}' },
  { type: 'log.broken', node: mac, seq: 7, what: 'its hash is wrong', from: null },
  { type: 'log.forked', node: mac, seq: 7, what: 'it signed two', from: mac },
  { type: 'log.repaired', node: mac, seq: 7, what: 'fetched anew', from: mac },
  { type: 'log.behind', node: mac, seq: 7, what: 'a backup was restored', from: mac },
  { type: 'register.refused', peer: mac, reason: 'its writer did not sign it' },
];
const all = [...story, ...others];

function line(type: EventType): string {
  const body = all.find((candidate) => candidate.type === type);
  if (!body) throw new Error(`no ${type} among the examples`);
  return describeEvent(body);
}

describe('an event in one line', () => {
  it('is there for every type of event', () => {
    const types = EventBody.options.map((option) => option.shape.type.value);
    expect(new Set(all.map((body) => body.type))).toEqual(new Set(types));
  });

  it.each(all.map((body) => [body.type, body] as const))(
    'is one plain line for %s',
    (_type, body) => {
      expect(describeEvent(body)).toMatch(/^\S[^\n]*[^.\s]$/);
      expect(describeEvent(body)).not.toMatch(/undefined|null|NaN|\[object|\.[,;:)]/);
    },
  );

  it('says who, what and why', () => {
    expect(line('task.added')).toBe(
      'T-1 added by the unused-file detector in cycle 3: Remove src/old.js',
    );
    expect(line('attempt.produced')).toBe('T-1 attempt 1 produced abc0000 in 1 s: 2 files, +1 −2');
    expect(line('attempt.verified')).toBe(
      'T-1 attempt 1 did not pass: tests failed (1 new failure); quality 0.40 of at least 0.60',
    );
    expect(line('attempt.failed')).toBe('T-1 attempt 1 failed after 10 s (external): no network');
    expect(line('decision.made')).toBe(
      'decided on task.added: dispatch T-1 to mac-1 (7.00); 1 candidate, 2 ready of 2 open, confidence 0.80 (full)',
    );
    expect(line('limit.reached')).toBe(
      'limit agentTasksPerHour reached for mac-1: 20 of 20, until 2026-11-21 12:00 UTC',
    );
    expect(line('task.refused')).toBe(
      'task "Loop" from alex refused for app: it would close a cycle (a → b → a)',
    );
    expect(line('baseline.recorded')).toBe(
      'project app before any change (abc1234): 2 tests failed, which will not count against a task',
    );
  });
});

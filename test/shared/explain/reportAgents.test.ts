import { describe, expect, it } from 'vitest';
import {
  AgentId,
  ProviderId,
  type AgentRole,
  type SpendCategory,
} from '../../../shared/model/agent.ts';
import { ReportView } from '../../../shared/model/reportApi.ts';
import { taskId } from '../../../shared/model/ids.ts';
import type { Rung } from '../../../shared/model/route.ts';
import { emptyReport, foldReport } from '../../../shared/explain/report.ts';
import { viewReport } from '../../../shared/explain/reportView.ts';
import { app, Log, mac, MINUTE, priority, START_MS } from './log.ts';

const target = { provider: ProviderId.parse('anthropic'), model: 'sonnet' };
const choice = { agent: AgentId.parse('opencode'), target };

/** A log in which agents work and models are paid. */
class AgentLog extends Log {
  private calls = 0;

  routed(number: number, attempt = 1, rung: Rung = 'first', answers = rung !== 'first'): this {
    return this.add({
      type: 'task.dispatched',
      task: taskId(number),
      project: app,
      assignment: {
        attempt,
        node: mac,
        term: 1,
        atMs: this.nowMs,
        by: mac,
        timeoutMs: MINUTE,
        fallbacks: [],
        expected: { pSuccess: 0.8, durationMs: MINUTE },
        route: {
          choice,
          fallbacks: [],
          reason: '',
          rung,
          signature: answers ? 'tests failed' : null,
          instruction: null,
        },
      },
      score: 7,
      reason: 'longest remaining path',
      priority,
      alternatives: [],
    });
  }

  agent(number: number, role: AgentRole, attempt = 1): this {
    return this.add({
      type: 'agent.started',
      task: taskId(number),
      project: app,
      attempt,
      role,
      choice,
      version: null,
      session: 's',
      transcript: 't',
      startMs: 1,
    });
  }

  call(
    costUsd: number | null,
    options: {
      task?: number;
      category?: SpendCategory;
      role?: AgentRole;
      provider?: string;
      tokens?: number;
    } = {},
  ): this {
    const { task, category = 'coding', role = null, provider = 'anthropic', tokens = 10 } = options;
    return this.add({
      type: 'call.settled',
      call: `c${(this.calls += 1)}`,
      task: task === undefined ? null : taskId(task),
      project: app,
      attempt: task === undefined ? null : 1,
      category,
      role,
      target: { provider: ProviderId.parse(provider), model: 'm' },
      billing: costUsd === null ? 'local' : 'metered',
      outcome: 'ok',
      usage: { input: tokens, output: 0, cacheRead: 1_000, cacheWrite: 0 },
      costUsd,
      estimated: false,
      detail: '',
      latencyMs: 1,
      firstByteMs: null,
      retries: 0,
    });
  }

  /** The first attempt of a task, with tests first or without, that is merged or fails. */
  first(number: number, tests: boolean, well: boolean): this {
    this.added(number).routed(number);
    if (tests) this.agent(number, 'tester');
    this.agent(number, 'writer');
    return well
      ? this.passed(number, 1, MINUTE).merged(number)
      : this.failed(number, 1, 'model-limit', 'tests fail');
  }

  report(): ReportView {
    const state = emptyReport(START_MS);
    for (const event of this.events) foldReport(state, event);
    return ReportView.parse(viewReport(state, { untilMs: this.nowMs, slots: 1 }));
  }

  taskFailed(number: number): this {
    return this.add({
      type: 'task.failed',
      task: taskId(number),
      project: app,
      failure: { class: 'model-limit', reason: 'no', interrupted: false },
      attempts: 1,
    });
  }
}

describe('the cost of a report', () => {
  it('is unknown, never zero, where nothing was paid in dollars', () => {
    const { cost } = new AgentLog().call(null, { task: 1 }).call(null).report();
    expect(cost).toMatchObject({
      usd: null,
      unpricedCalls: 2,
      calls: 2,
      tokens: 20,
      perTaskUsd: null,
      perMergedUsd: null,
    });
    expect(cost.byCategory).toEqual([
      { category: 'coding', usd: null, unpricedCalls: 2, calls: 2, tokens: 20, share: null },
    ]);
    expect(new AgentLog().report().cost).toMatchObject({ usd: null, calls: 0, byRole: [] });
  });

  it("gives each role's share of the dollars, the engine's own calls apart", () => {
    const { cost } = new AgentLog()
      .call(3, { task: 1, role: 'writer' })
      .call(0.5, { task: 1, role: 'tester' })
      .call(0.25, { task: 1, role: 'reviewer', category: 'validation' })
      .call(0.25, { category: 'generation' })
      .report();
    expect(cost.usd).toBe(4);
    expect(cost.byRole.map(({ role, share }) => [role, share])).toEqual([
      ['writer', 0.75],
      ['tester', 0.125],
      [null, 0.0625],
      ['reviewer', 0.0625],
    ]);
    expect(cost.byCategory.map(({ category, usd }) => [category, usd])).toEqual([
      ['coding', 3.5],
      ['generation', 0.25],
      ['validation', 0.25],
    ]);
  });

  it('keeps what has no price apart, by provider and model', () => {
    const { cost } = new AgentLog()
      .call(1, { task: 1 })
      .call(null, { task: 2, provider: 'ollama', tokens: 99 })
      .report();
    expect(cost).toMatchObject({ usd: 1, unpricedCalls: 1, perTaskUsd: 1 });
    expect(cost.byProvider.map(({ provider, usd, share }) => [provider, usd, share])).toEqual([
      ['anthropic', 1, 1],
      ['ollama', null, null],
    ]);
    expect(cost.byModel.map(({ model }) => model)).toEqual(['anthropic/m', 'ollama/m']);
  });

  it('divides all dollars, also those of failures, by the merged tasks that paid', () => {
    const log = new AgentLog().call(1, { task: 1 }).call(2, { task: 2 });
    log.added(1).added(2).added(3).passed(1, 1, MINUTE).merged(1).passed(3, 1, MINUTE).merged(3);
    expect(log.report().cost).toMatchObject({ perTaskUsd: 1.5, perMergedUsd: 3 });
  });
});

describe('how agents fared', () => {
  it('is unknown where no agent worked', () => {
    const log = new AgentLog().added(1).dispatched(1).started(1).passed(1, 1, MINUTE).merged(1);
    expect(log.report().agents).toEqual({
      tasks: 0,
      firstAttemptSuccess: null,
      withTestsFirst: { tasks: 0, firstAttemptSuccess: null },
      withoutTestsFirst: { tasks: 0, firstAttemptSuccess: null },
      afterHealing: null,
      heals: [],
    });
  });

  it('compares first attempts with tests first to those without', () => {
    const log = new AgentLog().first(1, true, true).first(2, true, true).first(3, true, false);
    log.first(4, false, true).first(5, false, false);
    const { agents } = log.report();
    expect(agents.tasks).toBe(5);
    expect(agents.firstAttemptSuccess).toBe(0.6);
    expect(agents.withTestsFirst).toEqual({ tasks: 3, firstAttemptSuccess: 2 / 3 });
    expect(agents.withoutTestsFirst).toEqual({ tasks: 2, firstAttemptSuccess: 0.5 });
  });

  it('takes an attempt after an interrupted one as the first still, with the tests it left', () => {
    const log = new AgentLog().added(1).routed(1).agent(1, 'tester');
    log.failed(1, 1, 'infrastructure', 'killed', { interrupted: true });
    log.routed(1, 2, 'retry', false).agent(1, 'writer', 2).passed(1, 2, MINUTE).merged(1, 2);
    const { agents } = log.report();
    expect(agents.withTestsFirst).toEqual({ tasks: 1, firstAttemptSuccess: 1 });
    expect(agents).toMatchObject({ heals: [], afterHealing: null });
  });

  it('counts by rung what was tried and what worked, and who is merged in the end', () => {
    const log = new AgentLog().first(1, false, false).first(2, false, false);
    log.routed(1, 2, 'retry').failed(1, 2, 'model-limit', 'again');
    log.routed(1, 3, 'redirect').passed(1, 3, MINUTE).merged(1, 3);
    log.routed(2, 2, 'retry').passed(2, 2, MINUTE).merged(2, 2);
    log.first(3, false, false).taskFailed(3);
    log.first(4, false, true);
    const { agents } = log.report();
    expect(agents.heals).toEqual([
      { rung: 'retry', tried: 2, worked: 1 },
      { rung: 'redirect', tried: 1, worked: 1 },
    ]);
    expect(agents.afterHealing).toBe(2 / 3);
  });

  it('takes a success back when the attempt could not be merged', () => {
    const log = new AgentLog().added(1).routed(1).passed(1, 1, MINUTE);
    log.failed(1, 1, 'external', 'it conflicts');
    expect(log.report().agents).toMatchObject({ tasks: 1, firstAttemptSuccess: 0 });
    log.routed(1, 2, 'retry').passed(1, 2, MINUTE).failed(1, 2, 'external', 'it conflicts');
    expect(log.report().agents.heals).toEqual([{ rung: 'retry', tried: 1, worked: 0 }]);
  });

  it('takes a split task as healed when all its parts have ended well', () => {
    const split = (last: boolean) => {
      const log = new AgentLog().first(1, false, false).routed(1, 2, 'decompose');
      const into = [taskId(2), taskId(3)];
      log.add({ type: 'task.split', task: taskId(1), project: app, into, reason: 'too large' });
      log.first(2, false, true);
      expect(log.report().agents).toMatchObject({ heals: [], afterHealing: null });
      if (last) log.first(3, false, true);
      else log.added(3).taskFailed(3);
      return log.report().agents;
    };
    expect(split(true)).toMatchObject({
      heals: [{ rung: 'decompose', tried: 1, worked: 1 }],
      afterHealing: 1,
    });
    expect(split(false).heals).toEqual([{ rung: 'decompose', tried: 1, worked: 0 }]);
  });
});

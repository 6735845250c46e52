import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import {
  AgentCheckView,
  AgentView,
  ApprovalView,
  BudgetView,
  ModelView,
} from '../../../shared/model/agentApi.ts';
import { AgentId, ProviderId } from '../../../shared/model/agent.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import { Budget } from '../../../shared/model/budget.ts';
import { renderAgents, renderChecks } from '../../../electron/cli/render/agents.ts';
import { renderApproval } from '../../../electron/cli/render/approvals.ts';
import { renderBudget } from '../../../electron/cli/render/budget.ts';
import { renderExecution } from '../../../electron/cli/render/execution.ts';
import type { Look } from '../../../electron/cli/render/look.ts';
import { renderModels } from '../../../electron/cli/render/models.ts';
import { renderTranscript } from '../../../electron/cli/render/transcript.ts';
import { parseTranscript } from '../../../electron/execute/agent/parseTranscript.ts';

const look: Look = {
  width: Infinity,
  colours: pc.createColors(false),
  nowMs: Date.UTC(2026, 10, 21, 12),
  command: 'vigil',
};

const nothing = { calls: 0, tokens: 0, usd: 0, unpriced: 0 };
const by = { category: {}, provider: {}, model: {}, project: {}, role: {}, node: {} };

describe('the budget', () => {
  const view = (sums: Record<string, Partial<typeof nothing>>): BudgetView =>
    BudgetView.parse({
      budget: Budget.parse({}),
      spent: { hourUsd: 0, dayUsd: 0, monthUsd: 1.5 },
      reservedUsd: 0.25,
      caps: [{ cap: 'hour.hard', used: 4.5, max: 5, unit: 'USD', then: 'agents wait' }],
      month: '2026-11',
      by: {
        ...by,
        category: Object.fromEntries(
          Object.entries(sums).map(([name, sum]) => [name, { ...nothing, ...sum }]),
        ),
      },
      tasks: [
        { task: 'T-3', title: 'Add a flag', ...nothing, calls: 3, tokens: 12_345, unpriced: 3 },
      ],
    });

  it('never shows what was not paid in dollars as zero', () => {
    const text = renderBudget(
      view({
        coding: { calls: 3, tokens: 900, usd: 0, unpriced: 3 },
        validation: { calls: 2, tokens: 5, usd: 1.5, unpriced: 1 },
      }),
      look,
    ).join('\n');
    expect(text).toMatch(/coding +3 +900 +not paid in dollars/);
    expect(text).toMatch(/validation +2 +5 +\$1\.50 and 1 call not paid in dollars/);
    expect(text).toMatch(/T-3 +Add a flag +3 +12\.3k +not paid in dollars/);
    expect(text).not.toMatch(/\$0\.00 *$/m);
  });
  it('shows where every cap stands and what happens there', () => {
    const text = renderBudget(view({ coding: { calls: 1, usd: 1.5 } }), look).join('\n');
    expect(text).toMatch(/hour\.hard +\$4\.50 +\$5\.00 +agents wait/);
    expect(text).toContain('$0.25 at most, for calls that are under way');
    expect(text).toMatch(/2026-11 +\$1\.50/);
  });
});

describe('models', () => {
  const model = (more: object): ModelView =>
    ModelView.parse({
      provider: 'p',
      model: 'm',
      billing: 'metered',
      price: null,
      contextTokens: null,
      outputTokens: 32_000,
      calls: 0,
      tokens: 0,
      usd: 0,
      routes: [],
      ...more,
    });
  it('show their price as it is known', () => {
    const text = renderModels(
      [
        model({ model: 'a', price: { input: 3, output: 15 }, calls: 2, tokens: 10, usd: 0.004 }),
        model({ model: 'b', billing: 'subscription', calls: 1 }),
        model({ model: 'c', billing: 'local' }),
        model({ model: 'd' }),
      ],
      look,
    );
    expect(text[1]).toMatch(/a +p +\$3\.00 in, \$15\.00 out +32k +2 +10 +\$0\.0040$/);
    expect(text[2]).toMatch(/b +p +by subscription .*not paid in dollars$/);
    expect(text[3]).toMatch(/c +p +local, no charge +32k$/);
    expect(text[4]).toMatch(/d +p +unknown: it is not called +32k$/);
  });
  it('show the share of each kind of work, the largest first, and why', () => {
    const route = { kind: 'fix', agent: 'opencode', success: 0.5, latencyMs: 60_000, why: 'cheap' };
    const text = renderModels(
      [
        model({ model: 'a', routes: [{ ...route, weight: 0.25 }] }),
        model({ model: 'b', routes: [{ ...route, weight: 0.75, success: null, latencyMs: null }] }),
      ],
      look,
    ).join('\n');
    expect(text).toMatch(
      /fix +opencode +p\/b +75 % +cheap\nfix +opencode +p\/a +25 % +50 % +60 s +cheap/,
    );
  });
});

it('shows of an agent whether it can work, else why not', () => {
  const agent = (more: object): AgentView =>
    AgentView.parse({
      id: 'opencode',
      name: 'OpenCode',
      version: '1.2',
      format: 'openai-chat',
      ready: true,
      detail: '/bin/opencode',
      node: 'n-1',
      models: ['p/a', 'p/b', 'p/c', 'p/d'],
      ...more,
    });
  const text = renderAgents(
    [
      agent({}),
      agent({ id: 'qwen', models: [] }),
      agent({ id: 'goose', version: null, ready: false, detail: 'not installed: get it' }),
    ],
    look,
  ).join('\n');
  expect(text).toMatch(/opencode +1\.2 +yes +p\/a, p\/b, p\/c and 1 more +\/bin\/opencode/);
  expect(text).toMatch(
    /qwen +1\.2 +no model +calls its model in openai-chat, which no provider here/,
  );
  expect(text).toContain('Not installed\n  · goose: get it');
  const check = AgentCheckView.parse({
    agent: 'goose',
    ok: false,
    detail: 'crashed',
    startMs: null,
  });
  expect(renderChecks([check], look)).toContain('✗ goose: crashed');
});

it('shows the whole act that a yes would allow, without its escape codes', () => {
  const approval = ApprovalView.parse({
    id: 'A-3',
    task: 'T-4',
    project: 'app',
    subject: { kind: 'permission', node: 'n-1', title: 'push', act: 'git push \u001b[2J\n--force' },
    text: 'allow the agent to push',
    reason: 'it would leave this machine',
    askedAtMs: look.nowMs - 60_000,
  });
  const text = renderApproval(approval, look).join('\n');
  expect(text).toContain('  git push ·[2J\n  --force');
  expect(text).toContain('vigil approvals deny A-3');
});

describe('an attempt of an agent', () => {
  const attempt: ExplanationView['execution'][number] = {
    attempt: 2,
    node: NodeId.parse('mac-1'),
    duplicateOf: null,
    startedAtMs: 0,
    durationMs: 90_000,
    result: 'passed',
    failure: null,
    verification: null,
    diff: null,
    log: null,
    agents: [
      {
        agent: AgentId.parse('opencode'),
        role: 'writer',
        model: 'm',
        provider: ProviderId.parse('p'),
        outcome: 'finished',
        toolCalls: 7,
        denied: ['write /etc/passwd: outside of its scope'],
        durationMs: 80_000,
        transcript: '/home/t.jsonl',
      },
    ],
    route: 'a retry with the last report',
    context: [
      { role: 'writer', kind: 'rules', name: 'writer', bytes: 100 },
      { role: 'writer', kind: 'file', name: 'src/a.ts', bytes: 2_048 },
    ],
    calls: 3,
    tokens: 45_000,
    costUsd: null,
  };
  it('tells who worked, how it differed, what was denied, given and paid', () => {
    const text = renderExecution(attempt, look).join('\n');
    expect(text).toContain('opencode with m of p, finished, 7 tool calls, 80 s');
    expect(text).toContain('a retry with the last report');
    expect(text).toContain('writer: write /etc/passwd: outside of its scope');
    expect(text).toContain('writer: rules (100 B), file src/a.ts (2 kB)');
    expect(text).toContain('3 calls, 45k tokens, not all paid in dollars');
    expect(text).toContain('/home/t.jsonl');
  });
});

describe('a transcript', () => {
  const at = look.nowMs;
  const lines = (entries: readonly object[]) =>
    entries.map((one) => JSON.stringify(one)).join('\n');
  const show = (text: string) => renderTranscript(parseTranscript(text), look).join('\n');

  it('shows what was told, said, done and denied, in its order', () => {
    const text = show(
      lines([
        { at, kind: 'start', agent: 'opencode 1.2', sessionId: 's', resumed: false },
        { at, kind: 'prompt', text: 'Add a flag.\nKeep it small.' },
        {
          at,
          kind: 'permission',
          source: 'file',
          answer: 'deny',
          reason: 'outside',
          title: 'write',
          tool: 'edit',
          paths: ['/etc/x'],
          command: null,
        },
        { at, kind: 'message', text: 'Done.' },
        { at, kind: 'end', outcome: 'ended', detail: 'it ended its turn' },
      ]),
    );
    expect(text).toMatch(
      /started {2}opencode 1\.2\n.*told\n {4}Add a flag\.\n {4}Keep it small\.\n.*denied {2}write \(\/etc\/x\): outside\n.*said\n {4}Done\.\n.*ended {2}it ended its turn$/,
    );
  });
  it('tells a tool call once, by how it ended', () => {
    const tool = { at, kind: 'tool', id: '1', title: 'run tests', tool: 'execute', paths: [] };
    const text = show(
      lines([
        { ...tool, status: 'pending', command: null },
        { at, kind: 'thought', text: 'hm' },
        { ...tool, status: 'failed', command: 'npm test' },
      ]),
    );
    expect(text.match(/run tests/g)).toHaveLength(1);
    expect(text).toMatch(/failed {2}run tests \(npm test\)\n.*thought/);
  });
  it('says what was left out, passes over a cut line, and shows kinds that it does not know', () => {
    const text = show(
      `${lines([{ at, kind: 'news', text: 'x' }])}\n{"at":1,"ki\n[… 1500 bytes left out …]\n`,
    );
    expect(text).toMatch(/news {2}x\n.*1\.5 kB left out/);
  });
  it('can not repaint the terminal', () => {
    expect(show(lines([{ at, kind: 'message', text: 'a\u001b[2Jb' }]))).toContain('a·[2Jb');
  });
});

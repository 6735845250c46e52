import { describe, expect, it } from 'vitest';
import { engineTarget, reviewerOf } from '../../../shared/decide/route.ts';
import { holdsOf, conditionsOf } from '../../../shared/decide/holds.ts';
import { AgentId, ProviderId, type ProviderConfig } from '../../../shared/model/agent.ts';
import { approvalId } from '../../../shared/model/approval.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import { FIT } from '../../../shared/model/senses.ts';
import { app, mac, MINUTE, Site, T } from './site.ts';

const agent = { executor: { kind: 'agent' } } as const;
const acme = ProviderId.parse('acme');
const best = ProviderId.parse('best');

function provider(config: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    formats: ['openai-chat'],
    baseUrl: 'https://models.example/v1',
    billing: 'metered',
    models: [{ name: 'm', price: { input: 1, output: 5 } }],
    ...config,
  };
}

function found(site: Site, ...ids: string[]): Site {
  return site.add({
    type: 'agents.found',
    node: mac,
    agents: ids.map((id) => ({
      id: AgentId.parse(id),
      name: id,
      version: '1',
      format: 'openai-chat',
      ready: true,
      detail: '',
    })),
  });
}

/** A site whose node has these agents, with one provider. */
function withAgents(...ids: string[]): Site {
  const site = found(Site.with(), ...ids);
  return site.add({ type: 'provider.set', provider: acme, config: provider() });
}

function waits(site: Site, number: number): string[] {
  const task = site.world.tasks.get(T(number));
  if (!task) throw new Error(`no task ${number}`);
  return holdsOf(site.world, task, conditionsOf(site.world, site.nowMs), null).map(
    ({ kind }) => kind,
  );
}

function spent(site: Site, usd: number, number = 1): Site {
  return site.add({
    type: 'call.settled',
    call: `c${site.events.length}`,
    task: T(number),
    project: app,
    attempt: 1,
    category: 'coding',
    role: 'writer',
    target: { provider: acme, model: 'm' },
    billing: 'metered',
    outcome: 'ok',
    usage: { input: 10, output: 10, cacheRead: 0, cacheWrite: 0 },
    costUsd: usd,
    estimated: false,
    detail: '',
    latencyMs: 1,
    firstByteMs: 1,
    retries: 0,
  });
}

describe('a task for an agent', () => {
  it('waits until there is an agent, and a model that it can call', () => {
    const site = Site.with().task(1, agent);
    expect(waits(site, 1)).toEqual(['agent']);
    expect(waits(found(site, 'opencode'), 1)).toEqual(['agent']);
    site.add({ type: 'provider.set', provider: acme, config: provider() });
    expect(waits(site, 1)).toEqual([]);
    expect(site.decide().dispatches[0]?.route).toMatchObject({
      choice: { agent: 'opencode', target: { provider: 'acme', model: 'm' } },
      rung: 'first',
      instruction: null,
    });
    site.add({ type: 'provider.removed', provider: acme });
    expect(waits(site, 1)).toEqual(['agent']);
  });

  it('is given to an agent of another node, by that node’s own word', () => {
    const choice = { agent: AgentId.parse('claude'), target: { provider: best, model: 'n' } };
    const site = Site.with().task(1, agent);
    expect(site.decide().dispatches).toEqual([]);
    site.add({
      type: 'peer.changed',
      peer: NodeId.parse('box-1'),
      name: 'box',
      version: '1',
      concurrency: { agent: 1, cheap: 1 },
      capabilities: [],
      fitness: FIT,
      draining: false,
      choices: [choice],
    });
    const [dispatch] = site.decide().dispatches;
    expect(dispatch?.node).toBe('box-1');
    expect(dispatch?.route?.choice).toEqual(choice);
  });

  it('that waits for an agent keeps nobody from looking for further work, whoever leads', () => {
    const site = Site.with().task(1, agent);
    expect(site.decide().generate).toEqual([app]);
    site.add({ type: 'mesh.entered', name: 'mac', slot: 0, floor: 0, inviter: null });
    const leader = NodeId.parse('box-1');
    site.add({ type: 'leader.changed', leader, term: 1, reason: 'it is the best' });
    expect(site.decide().generate).toEqual([app]);
    site.task(2);
    expect(site.decide().generate).toEqual([]);
  });

  it('can turn to other providers of its agent’s format in the middle of an attempt', () => {
    const site = withAgents('opencode')
      .add({ type: 'provider.set', provider: best, config: provider() })
      .add({
        type: 'provider.set',
        provider: ProviderId.parse('other'),
        config: provider({ formats: ['anthropic-messages'] }),
      })
      .task(1, agent);
    const route = site.decide().dispatches[0]?.route;
    const all = [route?.choice, ...(route?.fallbacks ?? [])];
    expect(all.map((choice) => choice?.target.provider).toSorted()).toEqual(['acme', 'best']);
  });

  it('is tried again by the same agent, then by another, when the same thing fails', () => {
    const site = withAgents('claude', 'opencode').task(1, agent);
    site.start();
    site.failed(1).wait(10 * MINUTE);
    const second = site.decide().dispatches[0]?.route;
    expect(second?.rung).toBe('retry');
    expect(second?.signature).not.toBeNull();
    const tried = site.world.tasks.get(T(1))?.attempts[0]?.route?.choice;
    expect(second?.choice).toEqual(tried);
    expect(second?.reason).toContain('retry');
  });

  it('is gone on with by whoever was interrupted, as if nothing had failed', () => {
    for (let number = 1; number <= 6; number += 1) {
      const site = withAgents('claude', 'opencode', 'qwen').task(number, agent);
      site.start();
      const first = site.world.tasks.get(T(number))?.attempts[0]?.route?.choice;
      site.failed(number, true).wait(MINUTE);
      const route = site.decide().dispatches[0]?.route;
      expect(route?.choice).toEqual(first);
      expect(route?.rung).toBe('first');
    }
  });

  it('goes where the project wants it', () => {
    const site = withAgents('claude', 'opencode');
    const project = site.world.projects.get(app);
    if (!project) throw new Error('no project');
    const { id, target, profile } = project.definition;
    const prefer = [{ agent: 'opencode' }];
    site.add({
      type: 'project.profiled',
      project: id,
      target,
      profile: { ...profile, prefer },
    });
    for (let number = 1; number <= 4; number += 1) site.task(number, agent);
    const { dispatches } = site.decide();
    expect(dispatches.map(({ route }) => route?.choice.agent)).toEqual(['opencode']);
  });

  it('waits for money once a call of it was refused, until the window has moved on', () => {
    const site = withAgents('claude').task(1, agent).task(2, agent);
    spent(site, 4.9);
    expect(waits(site, 2)).toEqual([]);
    site.add({
      type: 'call.refused',
      call: 'c',
      task: T(1),
      project: app,
      attempt: 1,
      category: 'coding',
      role: 'writer',
      target: { provider: acme, model: 'm' },
      reached: { cap: 'hour.hard', value: 4.9, max: 5, untilMs: null },
      maxTokens: 9_000,
      maxCostUsd: 0.3,
    });
    expect(waits(site, 1)).toEqual(['budget']);
    // A smaller call of another task may still fit.
    expect(waits(site, 2)).toEqual([]);
    const plan = site.decide();
    expect(plan.dispatches.map(({ task }) => task)).toEqual([T(2)]);
    expect(plan.rails.map(({ limit }) => limit)).toContain('hour.hard');
    spent(site, 0.1, 2);
    site.add({
      type: 'call.reserved',
      call: 'open',
      task: T(2),
      project: app,
      attempt: 1,
      category: 'coding',
      role: 'writer',
      target: { provider: acme, model: 'm' },
      billing: 'metered',
      maxTokens: 10,
      maxCostUsd: 0.01,
    });
    expect(waits(site, 2)).toEqual(['budget']);
    site.wait(62 * MINUTE);
    expect([...waits(site, 1), ...waits(site, 2)]).toEqual([]);
    expect(site.decide().rails.map(({ limit }) => limit)).not.toContain('hour.hard');
  });

  it('waits for the answer that its last attempt asked for, and for no other task’s', () => {
    const site = withAgents('claude').task(1, agent).task(2, agent);
    site.add({
      type: 'approval.asked',
      approval: approvalId(1),
      task: T(1),
      project: app,
      subject: { kind: 'permission', node: mac, title: 'run x', act: 'run x' },
      reason: 'it publishes',
    });
    expect(waits(site, 1)).toEqual(['approval']);
    expect(waits(site, 2)).toEqual([]);
    site.add({
      type: 'approval.answered',
      approval: approvalId(1),
      task: T(1),
      project: app,
      answer: 'denied',
      who: 'alex',
      reason: '',
    });
    expect(waits(site, 1)).toEqual([]);
  });

  it('that is vague is looked at by a model first, where there is one, and once', () => {
    const vague = { ...agent, scores: { specificity: 0.1, complexity: 0, notes: [] } };
    expect(waits(found(Site.with(), 'claude').task(1, vague), 1)).toEqual(['spec', 'agent']);
    expect(waits(withAgents('claude').task(1, vague), 1)).toEqual([]);
    const looked = { ...vague, effort: 'minimal' } as const;
    expect(waits(withAgents('claude').task(1, looked), 1)).toEqual(['spec']);
  });
});

describe('a reviewer', () => {
  const writer = { agent: AgentId.parse('claude'), target: { provider: acme, model: 'm' } };

  it('has another model than the writer where there is one, else is another agent, else the same', () => {
    const site = withAgents('claude', 'opencode').task(1, agent);
    const task = site.world.tasks.get(T(1));
    if (!task) throw new Error('no task');
    expect(reviewerOf(site.world, task, mac, writer)?.choice.agent).toBe('opencode');
    site.add({ type: 'provider.set', provider: best, config: provider() });
    expect(reviewerOf(site.world, task, mac, writer)?.choice.target.provider).toBe('best');
    const alone = withAgents('claude').task(1, agent);
    expect(reviewerOf(alone.world, task, mac, writer)?.choice).toEqual(writer);
  });
});

describe('the engine’s own calls', () => {
  it('go to what costs no dollars, then to the cheapest, and never to a price that nobody knows', () => {
    const site = withAgents();
    expect(engineTarget(site.world)?.target).toEqual({ provider: 'acme', model: 'm' });
    const cheap = [{ name: 'small', price: { input: 0.1, output: 0.4 } }];
    site.add({ type: 'provider.set', provider: best, config: provider({ models: cheap }) });
    expect(engineTarget(site.world)?.target.model).toBe('small');
    const local = provider({ billing: 'local', models: [{ name: 'mine' }] });
    site.add({ type: 'provider.set', provider: ProviderId.parse('ollama'), config: local });
    expect(engineTarget(site.world)?.target.model).toBe('mine');
    const unknown = Site.with().add({
      type: 'provider.set',
      provider: acme,
      config: provider({ models: [{ name: 'nobody-knows' }] }),
    });
    expect(engineTarget(unknown.world)).toBeNull();
  });
});

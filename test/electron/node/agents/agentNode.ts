import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import { BudgetChangeView } from '../../../../shared/model/agentApi.ts';
import { ExplanationView } from '../../../../shared/model/explanationApi.ts';
import { TaskSummary } from '../../../../shared/model/taskApi.ts';
import { Budget } from '../../../../shared/model/budget.ts';
import { EventBody, type BodyOf, type EventType } from '../../../../shared/model/events.ts';
import { startNode, type RunningNode } from '../../../../electron/node/startNode.ts';
import { startModelServer, type ModelServer } from '../../../models/modelServer.ts';
import { fail } from '../../../models/reply.ts';
import { makeRepository } from '../userRepository.ts';
import { temporaryFolder } from '../localNode.ts';
import { scripted, think, writeConfig, type Brain, type TestAgent } from './scriptedAgents.ts';

/** A whole node with real coding agents, whose models are scripted, on a repository of its own. */
export class AgentNode {
  readonly home: string;
  readonly user: string;
  readonly model: ModelServer;
  private readonly node: RunningNode;
  private stopped: Promise<void> | null = null;

  private constructor(home: string, user: string, model: ModelServer, node: RunningNode) {
    this.home = home;
    this.user = user;
    this.model = model;
    this.node = node;
  }

  static async start(options: {
    brain: Brain;
    agents?: readonly TestAgent[];
    files?: Readonly<Record<string, string>>;
    test?: string;
    /** Whether it looks for work by itself; else only what is added is done. */
    cycles?: boolean;
    /** Adds a provider that comes first by name and answers nothing but 503. */
    outage?: boolean;
    /** Further limits of `config.yaml`, as `stallMs: 5000`. */
    limits?: string;
    /** Caps that differ from the defaults; those of a task are raised unless told. */
    budget?: z.input<typeof Budget>;
  }): Promise<AgentNode> {
    const folder = temporaryFolder();
    const home = path.join(folder, 'home');
    mkdirSync(home);
    const agents = options.agents ?? ['opencode'];
    const { brain } = options;
    writeConfig(home, agents, [
      ...(options.cycles === true ? [] : ['cyclesPerDay: 0']),
      ...(options.limits === undefined ? [] : [options.limits]),
    ]);
    const model = await startModelServer({ script: (request) => think(brain, request) });
    onTestFinished(() => model.close());
    const user = makeRepository(path.join(folder, 'app'), options.files, options.test);
    const node = await startNode({ home, port: 0 });
    const agentNode = new AgentNode(home, user, model, node);
    onTestFinished(() => agentNode.stop());
    await agentNode.call('POST', '/v1/projects', z.unknown(), { path: user });
    await agentNode.raiseBudget(options.budget ?? { task: { tokens: 1_000_000, calls: 100 } });
    if (options.outage === true) {
      const down = await startModelServer({ script: () => fail(503) });
      onTestFinished(() => down.close());
      await agentNode.provide('a-down', down, agents);
    }
    await agentNode.provide('scripted', model, agents);
    return agentNode;
  }

  private async provide(
    id: string,
    { baseUrl }: ModelServer,
    agents: readonly TestAgent[],
  ): Promise<void> {
    await this.call('PUT', `/v1/providers/${id}`, z.unknown(), scripted(baseUrl, agents));
  }

  async call<T>(method: string, route: string, shape: z.ZodType<T>, body?: unknown): Promise<T> {
    const init =
      body === undefined
        ? { method }
        : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await this.node.fetch(new Request(`http://127.0.0.1${route}`, init));
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return shape.parse(JSON.parse(text));
  }

  /** Adds a task for an agent. Returns its id. */
  async addTask(task: Readonly<Record<string, unknown>>): Promise<string> {
    const { tasks } = await this.call(
      'POST',
      '/v1/tasks',
      z.object({ tasks: z.array(TaskSummary) }),
      {
        tasks: [{ project: 'app', executor: { kind: 'agent' }, ...task }],
      },
    );
    return tasks[0]?.id ?? expect.fail('no task was added');
  }

  /** Waits until the task has this status; fails with its story when it ends otherwise. */
  async until(id: string, status: string, timeoutMs = 50_000): Promise<ExplanationView> {
    const giveUpAtMs = Date.now() + timeoutMs;
    for (;;) {
      const story = await this.explain(id);
      if (story.task.status === status) return story;
      const ended = ['merged', 'done', 'failed', 'rejected', 'cancelled', 'split'];
      if (ended.includes(story.task.status) || Date.now() > giveUpAtMs)
        expect.fail(
          `${id} is ${story.task.status}, not ${status}: ${story.headline}\n${story.events.map((event) => `${event.atMs % 1_000_000} ${event.text}`).join('\n')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async tasks(): Promise<TaskSummary[]> {
    return (await this.call('GET', '/v1/tasks?all=1', z.object({ tasks: z.array(TaskSummary) })))
      .tasks;
  }

  explain(id: string): Promise<ExplanationView> {
    return this.call('GET', `/v1/tasks/${id}/explain`, ExplanationView);
  }

  /** Every event of a type so far. */
  async events<T extends EventType>(type: T): Promise<BodyOf<T>[]> {
    const { events } = await this.call(
      'GET',
      `/v1/events?limit=1000&type=${type}`,
      z.object({ events: z.array(z.object({ body: EventBody })) }),
    );
    return events.map(({ body }) => body).filter((body): body is BodyOf<T> => body.type === type);
  }

  /** Sets the caps; a raise is asked for and approved, as a person would. */
  async raiseBudget(caps: z.input<typeof Budget>): Promise<void> {
    const { approval } = await this.call('PUT', '/v1/budget', BudgetChangeView, Budget.parse(caps));
    if (approval !== null) await this.answer(approval, 'approved');
  }

  answer(approval: string, answer: 'approved' | 'denied'): Promise<unknown> {
    return this.call('POST', `/v1/approvals/${approval}`, z.unknown(), { answer });
  }

  approve(task: string): Promise<unknown> {
    return this.call('POST', `/v1/reviews/${task}`, z.unknown(), { answer: 'approved' });
  }

  idle(): Promise<void> {
    return this.node.idle();
  }

  /** Stops it once; every test ends so. */
  stop(): Promise<void> {
    return (this.stopped ??= this.node.stop('the test is over'));
  }
}

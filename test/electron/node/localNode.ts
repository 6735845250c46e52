import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import { EventView } from '../../../shared/model/eventApi.ts';
import { ProjectView } from '../../../shared/model/projectApi.ts';
import { ReviewView } from '../../../shared/model/reviewApi.ts';
import { StatusView } from '../../../shared/model/statusApi.ts';
import { TaskDetail, TaskSummary } from '../../../shared/model/taskApi.ts';
import { startNode, type RunningNode } from '../../../electron/node/startNode.ts';
import { TestClock } from './testClock.ts';
import type { Input } from './crashWork.ts';

/** A whole node within the test's process, and what a person asks of it. */

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-node-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A machine that runs tests may be as full as it likes. */
const ANY_DISK = 'leastFreeDiskBytes: 0, leastFreeDiskShare: 0';

/** Longer than any tick, ms: whatever is looked at regularly is looked at. */
const A_WHILE_MS = 10 * 60_000;

export class LocalNode {
  private readonly node: RunningNode;
  private readonly clock: TestClock;

  private constructor(node: RunningNode, clock: TestClock) {
    this.node = node;
    this.clock = clock;
  }

  static async start(home: string): Promise<LocalNode> {
    writeFileSync(
      path.join(home, 'config.yaml'),
      `heavyOnBattery: true\nlimits: { cyclesPerDay: 0, pauseAtFailureRate: 1, ${ANY_DISK} }\n`,
    );
    const clock = new TestClock();
    const node = await startNode({ home, port: 0, clock });
    const local = new LocalNode(node, clock);
    onTestFinished(() => local.node.stop('the test is over'));
    return local;
  }

  async call<T>(method: string, route: string, shape: z.ZodType<T>, body?: unknown): Promise<T> {
    const init =
      body === undefined
        ? { method }
        : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await this.node.fetch(new Request(`http://127.0.0.1${route}`, init));
    const answer: unknown = await response.json();
    if (!response.ok) throw Object.assign(new Error(JSON.stringify(answer)), { answer });
    return shape.parse(answer);
  }

  /** Waits until nothing can be done any more. */
  idle(): Promise<void> {
    return this.node.idle();
  }

  /** Time passes, so that the node looks at its projects; waits until it is through with that. */
  async later(): Promise<void> {
    this.clock.forward(A_WHILE_MS);
    await this.idle();
  }

  async addProject(user: string): Promise<void> {
    await this.call('POST', '/v1/projects', ProjectView, { path: user });
    await this.idle();
  }

  async project(): Promise<ProjectView> {
    return (
      (await this.call('GET', '/v1/projects', z.object({ projects: z.array(ProjectView) })))
        .projects[0] ?? expect.fail('no project')
    );
  }

  /** Adds a task and waits until all that can be done is done. Returns its id. */
  async task(input: Input): Promise<string> {
    const { tasks } = await this.call(
      'POST',
      '/v1/tasks',
      z.object({ tasks: z.array(TaskSummary) }),
      { tasks: [input] },
    );
    await this.idle();
    return tasks[0]?.id ?? expect.fail('no task');
  }

  async status(id: string): Promise<string> {
    return (await this.call('GET', `/v1/tasks/${id}`, TaskDetail)).status;
  }

  async approve(id: string): Promise<void> {
    await this.call('POST', `/v1/reviews/${id}`, TaskSummary, { answer: 'approved' });
    await this.idle();
  }

  async review(id: string): Promise<ReviewView> {
    return this.call('GET', `/v1/reviews/${id}`, ReviewView);
  }

  async events(type: string): Promise<Record<string, unknown>[]> {
    const { events } = await this.call(
      'GET',
      `/v1/events?type=${type}&limit=1000`,
      z.object({ events: z.array(EventView) }),
    );
    return events.map(({ body }) => body);
  }

  async overview(): Promise<StatusView> {
    return this.call('GET', '/v1/status', StatusView);
  }
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { EventView } from '../../../shared/model/eventApi.ts';
import { ExplanationView } from '../../../shared/model/explanationApi.ts';
import { ProjectView } from '../../../shared/model/projectApi.ts';
import { StatusView } from '../../../shared/model/statusApi.ts';
import { TaskSummary } from '../../../shared/model/taskApi.ts';
import type { TaskInput } from '../../../shared/model/taskInput.ts';
import type { EventBody, EventType } from '../../../shared/model/events.ts';
import { startNode, type RunningNode } from '../../../electron/node/startNode.ts';
import { TestClock } from './testClock.ts';
import { userRepository } from '../execute/repository.ts';

/** The configuration with what makes it work alike on a laptop on battery and on a full disk. */
function anywhere({ limits, ...config }: { readonly limits?: object }): object {
  const anyDisk = { leastFreeDiskBytes: 0, leastFreeDiskShare: 0 };
  return { heavyOnBattery: true, ...config, limits: { ...anyDisk, ...limits } };
}

/** A real node on a real repository in this process, and the few things a test asks of it. */
export class LiveNode {
  readonly home: string;
  readonly repository: string;
  readonly events: EventView[] = [];
  private node: RunningNode | null = null;
  readonly clock: TestClock;
  private readonly env: NodeJS.ProcessEnv;
  private changed: () => void = () => {};

  private constructor(
    home: string,
    repository: string,
    clock: TestClock,
    desktop: NodeJS.ProcessEnv,
  ) {
    this.home = home;
    this.repository = repository;
    this.clock = clock;
    // Never the desktop of whoever runs the tests.
    const none = { DBUS_SESSION_BUS_ADDRESS: 'none:', DBUS_SYSTEM_BUS_ADDRESS: 'none:' };
    this.env = { ...none, ...desktop };
  }

  /** Starts a node with this `config.yaml` and adds the repository. */
  static async start(options: {
    config?: object;
    files?: Readonly<Record<string, string>>;
    clock?: TestClock;
    /** Where its desktop is; it has none when not given. */
    env?: NodeJS.ProcessEnv;
  }): Promise<LiveNode> {
    const home = mkdtempSync(join(tmpdir(), 'vigil-node-'));
    const live = new LiveNode(
      home,
      userRepository(options.files ?? PLAIN),
      options.clock ?? new TestClock(),
      options.env ?? {},
    );
    onTestFinished(async () => {
      await live.stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 3 });
    });
    writeFileSync(join(home, 'config.yaml'), JSON.stringify(anywhere(options.config ?? {})));
    await live.run();
    await live.call('POST', '/v1/projects', ProjectView, { path: live.repository });
    return live;
  }

  async run(): Promise<void> {
    this.node = await startNode({
      home: this.home,
      port: 0,
      clock: this.clock,
      env: this.env,
      onEvent: (event) => {
        this.events.push(event);
        this.changed();
      },
    });
  }

  async stop(): Promise<void> {
    await this.node?.stop('the test is over');
    this.node = null;
  }

  get url(): string {
    return this.running.url;
  }

  get token(): string {
    return this.running.token;
  }

  idle(): Promise<void> {
    return this.running.idle();
  }

  async call<S extends z.ZodType>(
    method: string,
    path: string,
    schema: S,
    body?: unknown,
  ): Promise<z.infer<S>> {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return schema.parse(JSON.parse(text));
  }

  async add(...tasks: (Partial<TaskInput> & { title: string })[]): Promise<TaskSummary[]> {
    return (await this.call('POST', '/v1/tasks', Tasks, { tasks })).tasks;
  }

  status(): Promise<StatusView> {
    return this.call('GET', '/v1/status', StatusView);
  }

  explain(id: string): Promise<ExplanationView> {
    return this.call('GET', `/v1/tasks/${id}/explain`, ExplanationView);
  }

  async tasks(): Promise<TaskSummary[]> {
    return (await this.call('GET', '/v1/tasks?all=1', Tasks)).tasks;
  }

  /** The bodies of the events of a type, as they came. */
  of<T extends EventType>(type: T): Extract<EventBody, { type: T }>[] {
    return this.events
      .filter((event) => event.type === type)
      .map((event) => event.body as unknown as Extract<EventBody, { type: T }>);
  }

  /** Resolves when the fact holds; it is looked at after every event. */
  until(fact: (live: LiveNode) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.changed = () => {
        if (!fact(this)) return;
        this.changed = () => {};
        resolve();
      };
      this.changed();
    });
  }

  private get running(): RunningNode {
    if (!this.node) throw new Error('the node of this test is not running');
    return this.node;
  }
}

const Tasks = z.object({ tasks: z.array(TaskSummary) });

/** A project whose tests pass at once, and in which a scan finds nothing to do. */
const PLAIN = { 'a.txt': 'one\n', 'vigil.yaml': 'test: "true"\n' } as const;

import type { NodeConfig } from '../../shared/model/config.ts';
import type { LoggedEvent } from '../../shared/model/events.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import type { ProviderKeys } from '../gateway/keys.ts';
import { Adapting } from './adapting.ts';
import { ContextSource } from './agents/context.ts';
import { EngineCalls } from './agents/engineCalls.ts';
import { LocalAgents } from './agents/localAgents.ts';
import { ModelGateway } from './agents/modelGateway.ts';
import { Attempts } from './attempts.ts';
import { Caretaker } from './caretaker.ts';
import type { Clock } from './clock.ts';
import { Engine, PROMPTS } from './engine.ts';
import { Generation } from './generation.ts';
import { giveUpIfSpent } from './giveUp.ts';
import { Integrator } from './integrator.ts';
import type { Ledger } from './ledger.ts';
import type { MeshNode } from './mesh/meshNode.ts';
import { MirrorWriter } from './mirrorWriter.ts';
import type { Projects } from './projects.ts';

export interface NodeWorkOptions {
  readonly ledger: Ledger;
  readonly projects: Projects;
  readonly keys: ProviderKeys;
  readonly home: string;
  readonly config: NodeConfig['agents'];
  readonly clock: Clock;
  /** Not asked before the work begins. */
  readonly mesh: () => Pick<MeshNode, 'bring' | 'bringCheckpoint' | 'isOut'>;
  /** All that could be decided now has been. */
  readonly rested: () => void;
  readonly fail: (error: unknown) => void;
}

/** What decides and does the work of a node, wired together: what one part finishes wakes the engine. */
export class NodeWork {
  readonly engine: Engine;
  readonly attempts: Attempts;
  readonly gateway: ModelGateway;
  readonly sources: ContextSource;
  readonly integrator: Integrator;
  readonly caretaker: Caretaker;
  readonly generation: Generation;
  readonly mirror: MirrorWriter;
  private readonly ledger: Ledger;
  private readonly agents: LocalAgents;
  private readonly fail: (error: unknown) => void;
  /** What other nodes do is acted on only between: not before this node's own past is settled. */
  private phase: 'before' | 'working' | 'ending' = 'before';

  constructor({ ledger, projects, keys, home, config, clock, ...options }: NodeWorkOptions) {
    const { mesh, fail } = options;
    this.ledger = ledger;
    this.fail = fail;
    this.gateway = new ModelGateway({
      ledger,
      key: (provider) => keys.get(provider),
      refused: ({ purpose: { task, attempt } }, reached) => {
        if (task !== null && attempt !== null) this.agents.refused(task, attempt, reached);
      },
      fail,
    });
    this.agents = new LocalAgents({ ledger, home, config, gateway: this.gateway });
    this.sources = new ContextSource(ledger);
    this.attempts = new Attempts({
      ledger,
      projects,
      workers: {
        ledger,
        home,
        host: this.agents,
        sources: this.sources,
        calls: new EngineCalls(ledger, this.gateway),
      },
      fail,
      ended: (task) => {
        this.integrator.mergeIfCleared(task);
        this.engine.wake('attempt.ended');
      },
      bringCheckpoint: (task) => mesh().bringCheckpoint(task),
    });
    this.integrator = new Integrator({
      ledger,
      projects,
      fail,
      ended: () => this.engine.wake('merge.done'),
      giveUp: (task, failure) => giveUpIfSpent(ledger, task, failure),
      bring: (task, attempt) => mesh().bring(task, attempt),
      isOut: (node) => mesh().isOut(node),
    });
    this.caretaker = new Caretaker({
      ledger,
      projects,
      integrator: this.integrator,
      looked: () => this.engine.wake('project.observed'),
    });
    this.generation = new Generation({
      ledger,
      projects,
      home,
      fail,
      ended: () => this.engine.wake('cycle.finished'),
    });
    this.mirror = new MirrorWriter({ ledger, projects, clock });
    this.engine = new Engine({
      ledger,
      clock,
      fail,
      effects: {
        dispatch: (task) => this.attempts.follow(task),
        generate: (project) => this.generation.start(project),
        observe: () => this.observe(),
        rested: options.rested,
      },
    });
    new Adapting({ ledger, fail }).start();
    ledger.onEvent((event) => this.recorded(event));
    ledger.onPut((task) => this.put(task));
  }

  /** Whether anything is under way whose end the engine will hear of. */
  get busy(): boolean {
    const { agents, attempts, integrator, caretaker, generation } = this;
    return [agents, attempts, integrator, caretaker, generation].some((part) => part.busy);
  }

  /** What no event tells: branches that the user moved, merges that git refused before. */
  observe(): void {
    this.caretaker.lookAtAll();
    this.integrator.mergeCleared();
  }

  /** Begins to decide, and goes on with what is open. */
  begin(): void {
    this.phase = 'working';
    this.engine.start();
    for (const id of this.ledger.world.tasks.keys()) this.attempts.follow(id);
    // Each that is installed says its version: the node need not wait for that.
    void this.agents.look().then(() => this.engine.wake('agents.found'), this.fail);
  }

  /** Decides nothing more; what is under way goes on until its part is stopped. */
  ending(): void {
    this.engine.stop();
    this.phase = 'ending';
  }

  /** A result of another node may have come within reach. */
  resultsMayBe(): void {
    if (this.phase === 'working') this.integrator.mergeCleared();
  }

  private recorded({ body }: LoggedEvent): void {
    // Told as it is recorded, the engine's answer goes to disk together with what prompted it.
    if (PROMPTS.has(body.type)) this.engine.wake(body.type);
    if (body.type === 'project.added' || body.type === 'project.profiled')
      this.caretaker.lookAt(body.project);
    if (body.type === 'attempt.abandoned') this.attempts.follow(body.task);
    if (body.type === 'review.answered') this.integrator.mergeIfCleared(body.task);
  }

  /** Another node has changed a task. */
  private put(task: TaskId): void {
    // What is still assigned to a node that ends is given back at once.
    if (this.phase !== 'before') this.attempts.follow(task);
    if (this.phase !== 'working') return;
    this.integrator.mergeIfCleared(task);
    this.engine.wake('task.put');
  }
}

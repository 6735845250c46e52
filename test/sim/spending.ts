import type { CallStart } from '../../electron/gateway/meter.ts';
import type { Ledger } from '../../electron/node/ledger.ts';
import { LedgerMeter } from '../../electron/node/meter.ts';
import { AgentId, NO_TOKENS, ProviderId } from '../../shared/model/agent.ts';
import { Budget } from '../../shared/model/budget.ts';
import type { EventBody } from '../../shared/model/events.ts';
import type { NodeId } from '../../shared/model/ids.ts';
import type { WorkOrder } from '../../shared/world/order.ts';
import type { SimNode } from './node.ts';
import type { Simulation } from './simulation.ts';

/** A model call as it really was. */
export interface Call {
  readonly node: NodeId;
  readonly atMs: number;
  readonly maxUsd: number;
  /** Null while it is under way, or when its node died meanwhile. */
  usd: number | null;
  /** Whether all nodes knew who was there when it was made. */
  readonly settled: boolean;
}

/** A call of an agent costs up to so much, USD. */
const CALL_USD = 0.6;
const PROVIDER = ProviderId.parse('provider');
const AGENT = AgentId.parse('agent');
const TARGET = { provider: PROVIDER, model: 'model' };
/** Until every node knows that a link is gone or back, ms: silence of 4 s, a dead connection of 10 s, and a bit. */
const KNOWN_MS = 16_000;
/** A call is told to the others within so long, ms, delayed links included. */
const TOLD_MS = 6_000;

/** The caps of a run: only the day's binds, and the tokens of a task tell one budget from another. */
export function budgetOf(capUsd: number | null, tokens: number): Budget {
  const none = 1_000_000;
  if (capUsd === null) return Budget.parse({ task: { tokens } });
  return Budget.parse({
    task: { tokens: none + tokens, calls: none },
    hour: { hard: none },
    day: { soft: none, criticalOnly: none, hard: capUsd },
    month: { hard: none },
  });
}

/** What a node that can call models tells of itself at its start. */
export function suppliesOf(node: NodeId): EventBody[] {
  return [
    {
      type: 'provider.set',
      provider: PROVIDER,
      config: {
        formats: ['openai-chat'],
        baseUrl: 'http://localhost/v1',
        billing: 'metered',
        models: [{ name: TARGET.model }],
      },
    },
    {
      type: 'agents.found',
      node,
      agents: [
        {
          id: AGENT,
          name: 'agent',
          version: null,
          format: 'openai-chat',
          ready: true,
          detail: '',
        },
      ],
    },
  ];
}

/** The model calls of one process: the meter is the product's, the model is not. */
export class SimSpender {
  readonly #node: SimNode;
  readonly #meter: LedgerMeter;
  readonly #run: number;
  #calls = 0;

  constructor(node: SimNode, ledger: Ledger, run: number) {
    this.#node = node;
    this.#run = run;
    this.#meter = new LedgerMeter(ledger, () => undefined);
    this.#meter.settleLost();
  }

  /** Makes one call for an attempt, if the caps allow it; `pass` is how long it takes. */
  async call(order: WorkOrder, pass: (ms: number) => Promise<void>): Promise<void> {
    const { sim, id: node } = this.#node;
    this.#calls += 1;
    const { task, project, attempt } = order;
    const start: CallStart = {
      id: `${this.#run}-${this.#calls}`,
      purpose: { category: 'coding', task, project, attempt, role: 'writer', agent: AGENT },
      target: TARGET,
      format: 'openai-chat',
      billing: 'metered',
      maxTokens: { ...NO_TOKENS, input: 10, output: 10 },
      maxCostUsd: CALL_USD,
    };
    if ((await this.#meter.reserve(start)) !== null) return;
    const settled = sim.scheduler.nowMs > sim.truth.disturbedMs + KNOWN_MS;
    const call: Call = { node, atMs: sim.scheduler.nowMs, maxUsd: CALL_USD, usd: null, settled };
    sim.truth.calls.push(call);
    checkSpend(sim, call);
    const costUsd = CALL_USD * sim.money.pick([0.5, 0.8, 1]);
    try {
      await pass(sim.money.int(200, 3_000));
    } finally {
      call.usd = costUsd;
      await this.#meter.settle({
        ...start,
        outcome: 'ok',
        usage: { ...NO_TOKENS, input: 5, output: 5 },
        costUsd,
        estimated: false,
        status: 200,
        detail: '',
        latencyMs: 0,
        firstByteMs: 0,
        retries: 0,
      });
    }
  }
}

/**
 * 9: what is spent passes the cap by no more than what others had under way when it was reached; and, where links
 * had just changed, by what was spent before all knew of it.
 */
function checkSpend(sim: Simulation, call: Call): void {
  const cap = sim.capUsd;
  if (cap === null || !call.settled || isOut(sim, call.node)) return;
  const all = sim.truth.calls.filter(({ node }) => !isOut(sim, node));
  const sum = (calls: readonly Call[]) =>
    calls.reduce((usd, each) => usd + (each.usd ?? each.maxUsd), 0);
  const untold = all.filter(
    (each) => !each.settled || (each.node !== call.node && each.atMs > call.atMs - TOLD_MS),
  );
  if (sum(all) <= cap + sum(untold) + 1e-9) return;
  sim.truth.violated(
    'budget',
    `${call.node} spends, and ${sum(all).toFixed(2)} of ${cap} USD is spent, ${sum(untold).toFixed(2)} of it where it could not be known`,
  );
}

/** What nobody may have heard of does not count. */
function isOut(sim: Simulation, node: NodeId): boolean {
  return sim.hostile.has(node) || sim.nodes.some((each) => each.id === node && each.gone);
}

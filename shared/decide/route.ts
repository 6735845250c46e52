import { failureSignature } from '../heal/signature.ts';
import { nextStep, type FailedAttempt, type Step } from '../heal/nextStep.ts';
import { choiceName } from '../learn/routing.ts';
import type { AgentChoice, ModelTarget } from '../model/agent.ts';
import { VigilError } from '../model/errors.ts';
import type { NodeId } from '../model/ids.ts';
import type { TaskRegisters } from '../model/registers.ts';
import type { Route } from '../model/route.ts';
import { workKind } from '../model/task.ts';
import { attemptLimit } from '../world/status.ts';
import { priceOf } from '../policy/prices.ts';
import { choicesOn, targetsOf, type Supply } from '../world/supply.ts';
import type { World } from '../world/world.ts';
import { chooseAgent, type RouteOption, type Routing } from './routing.ts';

/** Attempts that failed by themselves, as the ladder looks at them. */
function failuresOf(task: TaskRegisters): FailedAttempt[] {
  return task.attempts.flatMap(({ state, report, route }, index) => {
    if (state.state !== 'failed' || state.failure.interrupted) return [];
    const { failure } = state;
    return [
      {
        rung: route?.rung ?? (index === 0 ? 'first' : 'retry'),
        choice: route?.choice ?? null,
        instruction: route?.instruction ?? null,
        failure,
        signature: failureSignature(failure, report ?? ''),
      },
    ];
  });
}

/** What comes after the last failure of an agent task (H1); null when nothing has failed yet. */
export function stepAfterFailure(world: World, task: TaskRegisters, node: NodeId): Step | null {
  const failures = failuresOf(task);
  const limits = world.nodes.get(node)?.limits;
  if (failures.length === 0 || !limits) return null;
  const available = choicesOn(world.supply, node);
  return nextStep(failures, available, world.learned.remedies, {
    attempts: attemptLimit(task, limits),
  });
}

/** Who is to do the next attempt of an agent task on a node, and what differs from the last; null when nobody can. */
export function routeOf(world: World, task: TaskRegisters, node: NodeId): Route | null {
  const { spec } = task;
  const options = optionsOn(world, node);
  const step = stepAfterFailure(world, task, node);
  const attempt = (task.attempts.at(-1)?.number ?? 0) + 1;
  const preferred = world.projects.get(spec.project)?.definition.profile.prefer ?? [];
  const last = task.attempts.at(-1);
  const interrupted = last?.state.state === 'failed' && last.state.failure.interrupted;
  // Who was interrupted goes on with what it knows.
  const wanted = interrupted ? (last.route?.choice ?? null) : (step?.prefer ?? null);
  const stays = options.find(({ choice }) => isSame(choice, wanted));
  const choose = (exclude: readonly AgentChoice[]): Routing | null =>
    chooseAgent(
      world.learned.routes,
      workKind(spec),
      options,
      spec.id,
      attempt,
      exclude,
      preferred,
    );
  const routing = choose(step?.exclude ?? []) ?? choose([]);
  if (!routing) return null;
  const choice = stays?.choice ?? routing.choice;
  return {
    choice,
    fallbacks: fallbacksOf(choice, [routing.choice, ...routing.order], options),
    reason:
      step === null
        ? routing.reason
        : `${step.why}; ${stays ? `${choiceName(choice)} again` : routing.reason}`,
    rung: step?.rung ?? 'first',
    signature: step === null ? null : (failuresOf(task).at(-1)?.signature ?? null),
    instruction: step?.instruction ?? null,
  };
}

/** Who is to review what another agent wrote, and who stands in: another model than the writer's where there is one. */
export function reviewerOf(
  world: World,
  task: TaskRegisters,
  node: NodeId,
  writer: AgentChoice,
): { choice: AgentChoice; fallbacks: AgentChoice[] } | null {
  const options = optionsOn(world, node);
  const sameModel = options
    .map(({ choice }) => choice)
    .filter(
      ({ target }) =>
        target.provider === writer.target.provider && target.model === writer.target.model,
    );
  const attempt = task.attempts.at(-1)?.number ?? 1;
  const choose = (exclude: readonly AgentChoice[]) =>
    chooseAgent(world.learned.routes, 'agent review', options, task.spec.id, attempt, exclude);
  const found = choose(sameModel) ?? choose([writer]) ?? choose([]);
  return (
    found && {
      choice: found.choice,
      fallbacks: fallbacksOf(found.choice, [...found.order, writer], options),
    }
  );
}

/** Formats in which the engine asks, and the order in which equal models are taken. */
const ENGINE_FORMATS = ['anthropic-messages', 'openai-chat'] as const;

/**
 * The model for the engine's own calls: the cheapest there is, what costs no dollars first; null when
 * there is none, or none whose price is known.
 */
export function engineTarget({
  supply,
}: World): { target: ModelTarget; format: (typeof ENGINE_FORMATS)[number] } | null {
  const found = ENGINE_FORMATS.flatMap((format) =>
    targetsOf(supply, format).flatMap((target) => {
      const usd = usdPerMillion(supply, target);
      return usd === null ? [] : [{ target, format, usd }];
    }),
  );
  // The sort keeps the order of formats and names among equals.
  const [cheapest] = found.toSorted((a, b) => a.usd - b.usd);
  return cheapest ? { target: cheapest.target, format: cheapest.format } : null;
}

/** Input and output together; null for a metered model whose price nobody knows. */
function usdPerMillion(supply: Supply, { provider, model }: ModelTarget): number | null {
  const config = supply.providers[provider];
  const entry = config?.models.find(({ name }) => name === model);
  if (!config || !entry) return null;
  try {
    const price = priceOf(entry, config.billing);
    return price === null ? 0 : price.input + price.output;
  } catch (error) {
    if (error instanceof VigilError && error.code === 'price-unknown') return null;
    throw error;
  }
}

function optionsOn({ supply }: World, node: NodeId): RouteOption[] {
  const formats = new Map((supply.agents[node] ?? []).map(({ id, format }) => [id, format]));
  return choicesOn(supply, node).map((choice) => ({
    choice,
    format: formats.get(choice.agent) ?? null,
  }));
}

/** The same agent with other models of its format: what the gateway can turn to in the middle of an attempt. */
function fallbacksOf(
  choice: AgentChoice,
  order: readonly AgentChoice[],
  options: readonly RouteOption[],
): AgentChoice[] {
  const known = new Set(options.map((option) => choiceName(option.choice)));
  return order.filter(
    (other) =>
      other.agent === choice.agent && !isSame(other, choice) && known.has(choiceName(other)),
  );
}

function isSame(a: AgentChoice, b: AgentChoice | null): boolean {
  return b !== null && choiceName(a) === choiceName(b);
}

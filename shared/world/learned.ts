import { NO_CAPABILITY, observeOutcome, type Capability } from '../learn/capability.ts';
import { newConfidence, observePrediction, type Confidence } from '../learn/confidence.ts';
import { NO_DURATIONS, observeDuration, type Durations } from '../learn/durations.ts';
import {
  forgetAttempts,
  NO_RATES,
  observeAttemptEnd,
  observeCycle,
  observeDispatch,
  type Rates,
} from '../learn/limits.ts';
import { observeRemedy, NO_REMEDIES, type RemedyMemory } from '../heal/memory.ts';
import { NO_ROUTES, observeRouted, type Routes } from '../learn/routing.ts';
import { NO_SPEC_OUTCOMES, observeSpecOutcome, type SpecOutcomes } from '../policy/effort.ts';
import { NO_RECORDS, observeAttempt, observeNode, type NodeRecords } from '../learn/nodeRecord.ts';
import { NO_QUALITY, observeQuality, type QualityBars } from '../learn/quality.ts';
import type { BodyOf, LoggedEvent } from '../model/events.ts';
import type { TaskId } from '../model/ids.ts';
import type { TaskRegisters } from '../model/registers.ts';
import { workKind } from '../model/task.ts';
import { poolOf } from './node.ts';

/** What the engine has learned from outcomes, and the counters that its rails stand on. */
export interface Learned {
  readonly durations: Durations;
  readonly capability: Capability;
  readonly quality: QualityBars;
  readonly confidence: Confidence;
  readonly rates: Rates;
  /** Which agents and models did well at what (C4). */
  readonly routes: Routes;
  /** What helped against which failure (H5). */
  readonly remedies: RemedyMemory;
  /** What came of specs, by the effort put into them (G7). */
  readonly specs: SpecOutcomes;
  /** What each node has done, for its profile (V5). */
  readonly nodes: NodeRecords;
}

export function newLearned(): Learned {
  return {
    durations: NO_DURATIONS,
    capability: NO_CAPABILITY,
    quality: NO_QUALITY,
    confidence: newConfidence(0),
    rates: NO_RATES,
    routes: NO_ROUTES,
    remedies: NO_REMEDIES,
    specs: NO_SPEC_OUTCOMES,
    nodes: NO_RECORDS,
  };
}

/** What an event teaches, while so many nodes are up. Interrupted attempts teach nothing: the node ended, not the work. */
export function foldLearned(
  learned: Learned,
  event: LoggedEvent,
  task: (id: TaskId) => TaskRegisters | undefined,
  nodesUp: number,
): Learned {
  const { body, atMs } = event;
  switch (body.type) {
    case 'task.dispatched': {
      const spec = task(body.task)?.spec;
      if (!spec) return learned;
      return { ...learned, rates: observeDispatch(learned.rates, poolOf(spec), atMs) };
    }
    case 'node.started':
    case 'node.stopped':
      return { ...learned, nodes: observeNode(learned.nodes, event) };
    case 'cycle.started':
      return { ...learned, rates: observeCycle(learned.rates, body.project, atMs) };
    case 'merge.done':
    case 'task.failed': {
      const known = task(body.task);
      return known ? { ...learned, specs: specLearned(learned.specs, known, body) } : learned;
    }
    case 'builds.resumed':
      return {
        ...learned,
        rates: forgetAttempts(learned.rates),
        // A human who says "go on" has looked: that is worth as much as time.
        confidence: body.by === 'human' ? newConfidence(atMs) : learned.confidence,
      };
    case 'prediction.checked':
      return {
        ...learned,
        confidence: observePrediction(learned.confidence, body.held, atMs, nodesUp),
      };
    case 'attempt.verified': {
      const spec = task(body.task)?.spec;
      if (!spec) return learned;
      const { quality, parts } = body.verification;
      // Where nothing could be measured there is no quality to learn from.
      if (!parts.some((part) => part.weight > 0)) return learned;
      return {
        ...learned,
        quality: observeQuality(learned.quality, { type: workKind(spec), quality }, atMs),
      };
    }
    case 'attempt.passed':
    case 'attempt.failed': {
      const known = task(body.task);
      const node = known?.assignment?.node;
      if (!known || !node) return learned;
      const nodes = observeAttempt(learned.nodes, known, event);
      if (body.type === 'attempt.failed' && body.failure.interrupted) return { ...learned, nodes };
      const success = body.type === 'attempt.passed';
      const type = workKind(known.spec);
      const { durationMs } = body;
      return {
        ...learned,
        ...agentLearned(learned, known, body, atMs),
        nodes,
        // A failure says little about how long the work takes: it may have stopped at once.
        durations: success
          ? observeDuration(learned.durations, { type, node, durationMs })
          : learned.durations,
        capability: observeOutcome(learned.capability, { node, type, success }, atMs),
        rates: observeAttemptEnd(learned.rates, success),
      };
    }
    default:
      return learned;
  }
}

/** What an agent's attempt says of the agent, its model, and the remedy that led to it. */
function agentLearned(
  { routes, remedies }: Learned,
  task: TaskRegisters,
  body: BodyOf<'attempt.passed'> | BodyOf<'attempt.failed'>,
  atMs: number,
): Partial<Learned> {
  const attempt = task.attempts.find(({ number }) => number === body.attempt);
  const route = attempt?.route;
  if (!attempt || !route) return {};
  const success = body.type === 'attempt.passed';
  const routed = {
    kind: workKind(task.spec),
    choice: route.choice,
    success,
    quality: success ? (body.quality ?? 0) : 0,
    costUsd: attempt.costUsd ?? null,
    durationMs: body.durationMs,
  };
  const { rung, signature } = route;
  const isRemedy = rung !== 'first' && rung !== 'human' && signature !== null;
  return {
    routes: observeRouted(routes, routed, atMs),
    remedies: isRemedy ? observeRemedy(remedies, { signature, rung, success }, atMs) : remedies,
  };
}

function specLearned(
  specs: SpecOutcomes,
  { spec, attempts }: TaskRegisters,
  body: BodyOf<'merge.done'> | BodyOf<'task.failed'>,
): SpecOutcomes {
  if (spec.executor.kind !== 'agent') return specs;
  const costs = attempts.map(({ costUsd }) => costUsd ?? null);
  return observeSpecOutcome(specs, {
    kind: workKind(spec),
    effort: spec.effort ?? 'minimal',
    merged: body.type === 'merge.done',
    attempts: attempts.length,
    specUsd: spec.effort === undefined ? 0 : null,
    attemptsUsd: costs.reduce<number | null>(
      (sum, cost) => (sum === null || cost === null ? null : sum + cost),
      0,
    ),
  });
}

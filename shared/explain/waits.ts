import type { WaitView } from '../model/taskApi.ts';
import type { CapReached } from '../model/budget.ts';
import type { NodeId, TaskId } from '../model/ids.ts';
import type { Trouble } from '../model/senses.ts';
import { describeCap } from './describeAgents.ts';
import { count, duration, inline } from './format.ts';

/** A node that is up and able, and why it takes no such work nevertheless. */
export interface Unwilling {
  readonly node: NodeId;
  readonly why: Trouble['kind'] | 'draining';
  /** Goes on from the node's name: `is hot (serious thermal pressure)`. */
  readonly text: string;
}

/** Why a task can't start, as the graph and the engine know it. */
export type Wait =
  /** `task` makes the artifact, as far as is known; `taskEnded`: and it has ended without it. */
  | { kind: 'artifact'; artifact: string; task: TaskId | null; taskEnded: boolean }
  | { kind: 'soft'; task: TaskId; untilMs: number; fallback: string }
  | { kind: 'ordering'; task: TaskId }
  /** `stopsOn`: the holder no longer counts, and that node has not told yet that it has stopped it. */
  | { kind: 'resource'; resource: string; holder: TaskId; stopsOn?: NodeId }
  | { kind: 'scope'; scope: string; holder: TaskId; stopsOn?: NodeId }
  /** No node is running. */
  | { kind: 'node' }
  /** No node has these labels. */
  | { kind: 'capability'; missing: readonly string[] }
  /** No node has a coding agent. */
  | { kind: 'agent' }
  /** Every node that could take it takes no such work now. */
  | { kind: 'unfit'; nodes: readonly Unwilling[] }
  /** It is done and can't merge: the node that holds the repository, or the result, is not there. */
  | { kind: 'away'; node: NodeId; holds: 'repository' | 'result' }
  /** `ahead`: ready tasks that come first. */
  | { kind: 'slot'; pool: 'agent' | 'cheap'; used: number; max: number; ahead: number }
  | { kind: 'limit'; limit: string; value: number; max: number; untilMs: number | null }
  | { kind: 'paused'; reason: string; untilMs: number | null }
  /** Confidence is too low for this task. */
  | { kind: 'autonomy'; detail: string }
  | { kind: 'backoff'; untilMs: number }
  | { kind: 'project'; reason: string; help: string }
  /** The project's tests have not been run yet on what is there. */
  | { kind: 'baseline' }
  /** A human was asked and has not answered. */
  | { kind: 'approval'; approval: string; text: string }
  /** Money: a cap would be passed by what the task needs next. */
  | { kind: 'budget'; reached: CapReached; untilMs: number | null; asked: string | null }
  /** The spec is too vague or too large to be given to an agent (G4). */
  | { kind: 'spec'; detail: string };

/** A wait as a sentence, with what ends it and when. Durations count from `nowMs`. */
export function describeWait(wait: Wait, nowMs: number): WaitView {
  return { kind: wait.kind, ...words(wait, nowMs), untilMs: untilOf(wait), task: taskOf(wait) };
}

/**
 * The waits with the one that truly binds first: that which ends last, as far as can be known.
 * 1. What only a person (or a machine that joins) can end: no node at all, a project in trouble, a pause or a limit
 *    without an end, slots set to 0, only drained or full machines, an artifact that no task will make, a missing label, no agent.
 * 2. What waits for another task that may not even have started: an artifact, an ordering.
 * 3. What ends by the clock, the latest first: a pause, a limit, a soft dependency. Then low
 *    confidence, which comes back over hours, and machines that are hot, short of memory or on battery.
 * 4. What ends as soon as work that runs now ends: a resource, a scope, a slot.
 * 5. The pause before a retry: seconds to minutes.
 * Equal ones keep the order above, then that of their text, so that the answer is always the same.
 */
export function orderWaits(waits: readonly Wait[]): Wait[] {
  return [...waits].sort((a, b) => {
    const byRank = rank(a) - rank(b);
    if (byRank !== 0) return byRank;
    const byTime = (untilOf(b) ?? 0) - (untilOf(a) ?? 0);
    return byTime !== 0 ? byTime : compare(words(a, 0).text, words(b, 0).text);
  });
}

function rank(wait: Wait): number {
  switch (wait.kind) {
    case 'node':
    case 'away':
      return 9;
    case 'project':
      return 10;
    case 'paused':
      return wait.untilMs === null ? 11 : 30;
    case 'limit':
      return wait.untilMs === null ? 12 : 30;
    case 'approval':
      return 12.4;
    case 'budget':
      return wait.untilMs === null ? 12.5 : 30;
    case 'artifact':
      return wait.task === null || wait.taskEnded ? 14 : 20;
    case 'capability':
      return 15;
    case 'agent':
      return 16;
    case 'unfit':
      return wait.nodes.every(({ why }) => onlyByHand(why)) ? 13.5 : 31.5;
    case 'ordering':
      return 21;
    case 'soft':
      return 30;
    case 'autonomy':
      return 31;
    case 'resource':
      return 40;
    case 'scope':
      return 41;
    case 'slot':
      return wait.max === 0 ? 13 : 42;
    case 'spec':
      return 17;
    case 'baseline':
      return 43;
    case 'backoff':
      return 50;
  }
}

function words(wait: Wait, nowMs: number): { text: string; until: string } {
  switch (wait.kind) {
    case 'artifact':
      return artifactWords(wait);
    case 'soft':
      return {
        text: `Waits for ${wait.task} (soft): it starts when ${wait.task} ends, or without it ${at(wait.untilMs, nowMs)}.`,
        until: `${wait.task} ends; without it, the agent is told: ${inline(wait.fallback)}`,
      };
    case 'ordering':
      return {
        text: `Waits for ${wait.task} (ordering): it starts when ${wait.task} ends.`,
        until: `${wait.task} ends, however it ends`,
      };
    case 'away':
      return {
        text: `Is done, and merges when ${wait.node} is back, which holds the ${wait.holds}.`,
        until: `${wait.node} is back`,
      };
    case 'resource':
      if (wait.stopsOn !== undefined) return stopWords(wait.holder, wait.stopsOn);
      return {
        text: `Waits for the resource ${wait.resource}, which ${wait.holder} is using: it starts when ${wait.holder} ends.`,
        until: `${wait.holder} ends`,
      };
    case 'scope':
      if (wait.stopsOn !== undefined) return stopWords(wait.holder, wait.stopsOn);
      return {
        text: `Waits for ${wait.holder}, which may change ${wait.scope === '**' ? 'any file' : `the same files (${wait.scope})`}: it starts when ${wait.holder} ends.`,
        until: `${wait.holder} ends`,
      };
    case 'node':
      return {
        text: 'Waits for the node, which is not running.',
        until: 'someone runs vigil up',
      };
    case 'capability':
      return {
        text: `Waits for a node with ${wait.missing.join(' and ')}; none is connected.`,
        until: `a node whose capabilities include ${wait.missing.join(' and ')} joins`,
      };
    case 'agent':
      return {
        text: 'Waits for a node with a coding agent; none is connected.',
        until: 'a coding agent and a model for it are connected: vigil agents says what is missing',
      };
    case 'unfit':
      return {
        text: `Waits for a machine that can take it: ${wait.nodes.map(({ node, text }) => `${node} ${inline(text)}`).join('; ')}.`,
        until: wait.nodes.map((unwilling) => endOf(unwilling)).join(', or '),
      };
    case 'slot':
      return slotWords(wait);
    case 'limit':
      return {
        text: `Waits for the limit ${wait.limit}: ${wait.value} of ${wait.max} are used${wait.untilMs === null ? ', and only a person can raise it' : `; the next one frees ${at(wait.untilMs, nowMs)}`}.`,
        until:
          wait.untilMs === null
            ? `a person raises ${wait.limit} in config.yaml`
            : 'the oldest use leaves the window',
      };
    case 'paused':
      return {
        text: `Builds are paused (${inline(wait.reason)}): it can start ${wait.untilMs === null ? 'when someone resumes them' : at(wait.untilMs, nowMs)}.`,
        until:
          wait.untilMs === null
            ? 'someone runs vigil resume'
            : 'the pause ends, or someone runs vigil resume',
      };
    case 'autonomy':
      return {
        text: `Held back because the engine trusts its own picture less just now: ${inline(wait.detail)}.`,
        until: 'confidence is back, which comes with time and with predictions that hold',
      };
    case 'approval':
      return {
        text: `Waits for your answer to ${wait.approval}: ${inline(wait.text)}.`,
        until: `someone answers: vigil approvals approve ${wait.approval}, or deny`,
      };
    case 'budget':
      return {
        text: `Waits for money: ${describeCap(wait.reached)}${wait.asked === null ? '' : `; ${wait.asked} asks you for more`}.`,
        until:
          wait.asked === null
            ? wait.untilMs === null
              ? `someone raises ${wait.reached.cap}: vigil budget --set ${wait.reached.cap}=…`
              : `the window moves on, or someone raises ${wait.reached.cap}: vigil budget --set ${wait.reached.cap}=…`
            : `someone answers ${wait.asked}: vigil approvals approve ${wait.asked}`,
      };
    case 'backoff':
      return {
        text: `Waits before the next attempt: it starts ${at(wait.untilMs, nowMs)}.`,
        until: 'the pause between two attempts is over',
      };
    case 'spec':
      return {
        text: `Is not given to an agent as it is: ${inline(wait.detail)}.`,
        until: 'someone cancels it and adds it again with what `vigil task show` says is missing',
      };
    case 'baseline':
      return {
        text: "Waits for the project's tests, which run once before anything is changed.",
        until: 'the tests have run',
      };
    case 'project':
      return {
        text: `The project can't be worked on: ${inline(wait.reason)}.`,
        until: inline(wait.help),
      };
  }
}

function stopWords(holder: TaskId, node: NodeId): { text: string; until: string } {
  return {
    text: `Waits until ${node} has stopped ${holder}, which no longer counts and may still hold what this needs.`,
    until: `${node} tells that it has stopped ${holder}, or is gone for good`,
  };
}

function artifactWords(wait: Extract<Wait, { kind: 'artifact' }>): { text: string; until: string } {
  const { artifact, task, taskEnded } = wait;
  if (task === null) {
    return {
      text: `Waits for ${artifact} (hard), which does not exist in the integrated tree and which no task is known to make.`,
      until: `someone commits ${artifact}, or adds a task that makes it`,
    };
  }
  if (taskEnded) {
    return {
      text: `Waits for ${artifact} (hard): ${task} has ended but ${artifact} does not exist in the integrated tree.`,
      until: `someone commits ${artifact}, or another task makes it`,
    };
  }
  return {
    text: `Waits for ${artifact} from ${task} (hard): it starts when ${artifact} exists in the integrated tree.`,
    until: `${task} merges ${artifact}`,
  };
}

function slotWords(wait: Extract<Wait, { kind: 'slot' }>): { text: string; until: string } {
  const { pool, used, max, ahead } = wait;
  if (max === 0) {
    return {
      text: `Waits for a slot: this node is set to run no ${pool} tasks.`,
      until: `a person raises concurrency.${pool} in config.yaml`,
    };
  }
  const first =
    ahead === 0 ? 'it is next' : `${count(ahead, 'task')} ${ahead === 1 ? 'goes' : 'go'} first`;
  return {
    text: `Waits for a free ${pool} slot: ${used} of ${max} ${used === 1 ? 'is' : 'are'} in use, and ${first}.`,
    until: 'a running task ends',
  };
}

/** Whether only a person ends it. */
function onlyByHand(why: Unwilling['why']): boolean {
  return why === 'draining' || why === 'disk';
}

function endOf({ node, why }: Unwilling): string {
  switch (why) {
    case 'draining':
      return `someone runs vigil undrain ${node}`;
    case 'disk':
      return `someone frees space on the disk of ${node}`;
    case 'battery':
      return `${node} is plugged in`;
    case 'sleep':
    case 'slept':
      return `${node} is awake`;
    case 'hot':
    case 'warm':
    case 'throttled':
      return `${node} has been cool for some minutes`;
    case 'ending':
      return `${node} is started again`;
    case 'memory':
    case 'swapping':
      return `${node} has had memory to spare for a minute`;
  }
}

function untilOf(wait: Wait): number | null {
  return 'untilMs' in wait ? wait.untilMs : null;
}

function taskOf(wait: Wait): TaskId | null {
  if ('holder' in wait) return wait.holder;
  return 'task' in wait ? wait.task : null;
}

/** `in 12 min`, or that it is due. */
function at(untilMs: number, nowMs: number): string {
  return untilMs <= nowMs ? 'at the next decision' : `in ${duration(untilMs - nowMs)}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import { describeSubject } from '../../../shared/explain/describeAgents.ts';
import { describeLimit, holdsWork, needsHuman } from '../../../shared/explain/describeLimit.ts';
import { spentUsd } from '../../../shared/learn/spend.ts';
import { hasEnded } from '../../../shared/model/registers.ts';
import type { LimitView, StatusView } from '../../../shared/model/statusApi.ts';
import type { Approval } from '../../../shared/model/approval.ts';
import type { NodeState } from '../../../shared/world/node.ts';
import { missingCapabilities } from '../../../shared/world/node.ts';
import { statusOf } from '../../../shared/world/status.ts';
import type { Ledger } from '../ledger.ts';

/** Which node this is, and how it is reached. */
export interface NodeIdentity {
  readonly home: string;
  readonly version: string;
  /** Null when no node runs and the store was only opened to be read. */
  readonly running: { readonly pid: number; readonly url: string } | null;
}

type Counts = StatusView['counts'];

/** The node at a glance. */
export function statusView(ledger: Ledger, identity: NodeIdentity): StatusView {
  const { world, store } = ledger;
  const nowMs = ledger.nowMs();
  const node = world.nodes.get(store.node) ?? null;
  const { confidence, level } = world.autonomy(nowMs);
  const counts = countTasks(ledger, node);
  const limits: LimitView[] = [...world.limits.values()].map((limit) => ({ ...limit }));
  const { state, summary } = stateOf(ledger, identity, counts, nowMs);
  return {
    node: store.node,
    version: identity.version,
    home: identity.home,
    pid: identity.running?.pid ?? null,
    url: identity.running?.url ?? null,
    running: identity.running !== null,
    state,
    summary,
    resumable: world.pause !== null || level === 'paused',
    attention: attentionOf(ledger, counts),
    approvals: openApprovals(ledger).length,
    // Calls that are not paid in dollars add nothing, and none is claimed for them.
    spentTodayUsd: spentUsd(world.supply.spend, nowMs).day || null,
    confidence,
    autonomy: level,
    counts,
    slots: {
      agent: { used: node?.used.agent ?? 0, max: node?.concurrency.agent ?? 0 },
      cheap: { used: node?.used.cheap ?? 0, max: node?.concurrency.cheap ?? 0 },
    },
    limits,
    projects: [...world.projects.values()].map(({ definition, trouble, ended }) => ({
      id: definition.id,
      path: definition.path,
      open: [...world.tasks.values()].filter((task) => task.spec.project === definition.id).length,
      merged: ended.merged,
      trouble: trouble?.reason ?? null,
    })),
    seq: ledger.store.pos,
  };
}

function countTasks({ world }: Ledger, node: NodeState | null): Counts {
  const counts: Counts = {
    open: 0,
    waitingForAgent: 0,
    running: 0,
    review: 0,
    merged: 0,
    done: 0,
    failed: 0,
    rejected: 0,
    cancelled: 0,
  };
  for (const task of world.tasks.values()) {
    const status = statusOf(task);
    if (hasEnded(status)) continue;
    if (status === 'review') counts.review += 1;
    else if (status !== 'open') counts.running += 1;
    else {
      counts.open += 1;
      const lacksAgent = node === null || missingCapabilities(task.spec, node).length > 0;
      if (task.spec.executor.kind === 'agent' && lacksAgent) counts.waitingForAgent += 1;
    }
  }
  for (const { ended } of world.projects.values()) {
    counts.merged += ended.merged;
    counts.done += ended.done;
    counts.failed += ended.failed;
    counts.rejected += ended.rejected;
    counts.cancelled += ended.cancelled;
  }
  return counts;
}

function stateOf(
  { world }: Ledger,
  { running }: NodeIdentity,
  counts: Counts,
  nowMs: number,
): Pick<StatusView, 'state' | 'summary'> {
  if (running === null) {
    const paused =
      world.pause?.by === 'human'
        ? ` It will start paused (${world.pause.who}: ${world.pause.reason}) until \`vigil resume\`.`
        : '';
    return {
      state: 'stopped',
      summary: `The node is not running. \`vigil up\` starts it.${paused}`,
    };
  }
  if (world.pause?.by === 'human') {
    return { state: 'paused', summary: `Paused by ${world.pause.who}: ${world.pause.reason}.` };
  }
  if (world.pause) return { state: 'parked', summary: `Builds are paused: ${world.pause.reason}.` };
  if (world.autonomy(nowMs).paused) {
    return {
      state: 'parked',
      summary:
        'Its own predictions failed too often, so it has stopped and waits for `vigil resume`.',
    };
  }
  const scanning = [...world.projects.values()].find((project) => project.scanning);
  if (counts.running > 0) {
    return {
      state: 'working',
      summary: `${counts.running} at work, ${counts.open} more in the queue.`,
    };
  }
  if (scanning)
    return { state: 'working', summary: `Looking for work in ${scanning.definition.id}.` };
  // A limit that nothing waits for is history, not a state.
  const limit = [...world.limits.values()].find(
    (one) => one.reached && holdsWork(one) && (one.subject !== 'budget' || counts.open > 0),
  );
  if (limit) {
    return {
      state: 'parked',
      summary:
        limit.subject === 'budget'
          ? describeLimit(limit)
          : `The limit ${limit.limit} of ${limit.max} is reached for ${limit.subject}.`,
    };
  }
  const troubled = [...world.projects.values()].find((project) => project.trouble);
  if (troubled?.trouble) {
    return {
      state: 'parked',
      summary: `${troubled.definition.id} can't be worked on: ${troubled.trouble.reason}`,
    };
  }
  const isDrained = world.self !== null && world.nodes.get(world.self)?.draining === true;
  const drained = isDrained ? 'This node is drained: `vigil undrain` has it take work again. ' : '';
  return { state: 'idle', summary: `${drained}${idleSummary(counts)}` };
}

function idleSummary({ open, waitingForAgent, review }: Counts): string {
  const others = open - waitingForAgent;
  const parts = [
    review > 0
      ? `${review} ${review === 1 ? 'result waits' : 'results wait'} for your review`
      : null,
    waitingForAgent > 0
      ? `${waitingForAgent} ${waitingForAgent === 1 ? 'task waits' : 'tasks wait'} for a coding agent`
      : null,
    others > 0
      ? `${others} ${others === 1 ? 'waits' : 'wait'} for something else: see \`vigil queue\``
      : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'Nothing to do.' : `${parts.join(', ')}.`;
}

function attentionOf(ledger: Ledger, counts: Counts): string[] {
  const { world } = ledger;
  const items: string[] = [];
  for (const { definition, trouble } of world.projects.values()) {
    if (trouble) items.push(`${definition.id}: ${trouble.reason} ${trouble.help}`);
  }
  if (world.pause?.by === 'engine')
    items.push(
      `Builds are paused: ${world.pause.reason}. Look at \`vigil report\`, then \`vigil resume\`.`,
    );
  for (const { id, task, subject } of openApprovals(ledger))
    items.push(
      `${id} waits for your yes or no: ${describeSubject(subject)}${task === null ? '' : ` for ${task}`}. See \`vigil approvals show ${id}\`.`,
    );
  if (counts.review > 0) items.push(`${counts.review} to review: \`vigil review list\`.`);
  for (const limit of world.limits.values())
    if (limit.reached && needsHuman(limit)) items.push(describeLimit(limit));
  return items;
}

/** What a human was asked and has not answered, which means no. */
function openApprovals({ world }: Ledger): Approval[] {
  return world.supply.approvals.filter(({ answer }) => answer === null);
}

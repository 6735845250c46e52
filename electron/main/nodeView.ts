import { z } from 'zod';
import { glance, type Glance } from '../../shared/explain/glance.ts';
import { ApprovalView } from '../../shared/model/agentApi.ts';
import { NodeView } from '../../shared/model/meshApi.ts';
import { StatusView } from '../../shared/model/statusApi.ts';
import { TaskSummary } from '../../shared/model/taskApi.ts';
import type { NodeLink } from './nodeLink.ts';

/** Events come in bursts: what is shown is read at most this often, the first time at once, ms. */
const THROTTLE_MS = 1_000;

/** What the icon and its menu are made of. */
export interface Seen {
  readonly glance: Glance;
  readonly paused: boolean;
  readonly draining: boolean;
  readonly approvals: readonly z.infer<typeof Question>[];
  /** Results that wait for a human. */
  readonly reviews: readonly z.infer<typeof Result>[];
}

const Question = ApprovalView.pick({ id: true, text: true, task: true });
const Result = TaskSummary.pick({ id: true, title: true });
const Status = StatusView.pick({ state: true, summary: true, approvals: true, counts: true });
const Self = NodeView.pick({ self: true, draining: true, fitness: true });

export const UNSEEN: Seen = {
  glance: glance(null, null),
  paused: false,
  draining: false,
  approvals: [],
  reviews: [],
};

/** Keeps what the icon and its menu show current: read again after events, and nothing is polled. */
export class Watch {
  private readonly link: NodeLink;
  private readonly told: (seen: Seen) => void;
  private timer: NodeJS.Timeout | null = null;
  private readAtMs = -Infinity;

  constructor(link: NodeLink, told: (seen: Seen) => void) {
    this.link = link;
    this.told = told;
    link.listen({
      onOpen: () => this.refresh(),
      onEvent: () => this.refresh(),
      onClose: () => told(UNSEEN),
    });
  }

  /** Reads soon; further calls until then are answered by the same reading. */
  refresh(): void {
    if (this.timer) return;
    const waitMs = Math.max(0, this.readAtMs + THROTTLE_MS - performance.now());
    this.timer = setTimeout(() => {
      this.timer = null;
      this.readAtMs = performance.now();
      // A node that goes away meanwhile is told by the link.
      void this.read().catch(() => undefined);
    }, waitMs);
  }

  private async read(): Promise<void> {
    const { link } = this;
    const [status, { nodes }] = await Promise.all([
      link.call('GET', '/v1/status', Status),
      link.call('GET', '/v1/nodes', z.object({ nodes: z.array(Self) })),
    ]);
    const self = nodes.find((node) => node.self) ?? null;
    const { approvals } =
      status.approvals === 0
        ? { approvals: [] }
        : await link.call('GET', '/v1/approvals', z.object({ approvals: z.array(Question) }));
    const { tasks: reviews } =
      status.counts.review === 0
        ? { tasks: [] }
        : await link.call('GET', '/v1/tasks?status=review', z.object({ tasks: z.array(Result) }));
    if (!link.live) return;
    this.told({
      glance: glance(status, self),
      paused: status.state === 'paused',
      draining: self?.draining ?? false,
      approvals,
      reviews,
    });
  }
}

/**
 * The page's way to the local API. It takes the shapes from shared/model as types only: the node that
 * answers is the one that served this very bundle, so checking its replies again here would cost 50 kB
 * of zod and could find nothing.
 */
import type { ApprovalView } from '../shared/model/agentApi.ts';
import type {
  ApiError,
  EventView,
  ExplanationView,
  QueueView,
  ReviewView,
  StatusView,
  TaskSummary,
} from '../shared/model/api.ts';
import type { ApprovalId, TaskId } from '../shared/model/ids.ts';

const TOKEN_KEY = 'vigil.token';

/**
 * The token that the link carried in its fragment. It moves to this tab's session storage and leaves the
 * address bar, so that it is in no bookmark, history or screenshot.
 */
export function takeToken(): string | null {
  const match = /^#token=([^&]+)$/.exec(location.hash);
  if (match?.[1]) {
    sessionStorage.setItem(TOKEN_KEY, decodeURIComponent(match[1]));
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem(TOKEN_KEY);
}

/** A reply that says no: what happened and what to do. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly help: string;

  constructor(status: number, message: string, help: string) {
    super(message);
    this.status = status;
    this.help = help;
  }
}

/** Everything that the page's lists show, read together. */
export interface Overview {
  readonly status: StatusView;
  readonly queue: QueueView;
  readonly reviews: readonly ReviewView[];
  readonly approvals: readonly ApprovalView[];
  readonly recent: readonly TaskSummary[];
}

export interface Api {
  overview(): Promise<Overview>;
  explain(task: TaskId): Promise<ExplanationView>;
  logTail(task: TaskId, attempt: number, bytes: number): Promise<string>;
  answer(review: ReviewView, answer: 'approved' | 'rejected', reason: string): Promise<void>;
  answerApproval(approval: ApprovalId, answer: 'approved' | 'denied'): Promise<void>;
  setPaused(paused: boolean): Promise<void>;
  /** Opens the event stream; returns what closes it. */
  stream(after: number, handlers: StreamHandlers): () => void;
}

interface StreamHandlers {
  onOpen(): void;
  onEvent(event: EventView): void;
  onClose(): void;
}

/** How many finished tasks the page lists. */
const RECENT = 12;

export function openApi(token: string): Api {
  const request = async (path: string, body?: unknown): Promise<Response> => {
    const response = await fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.ok) return response;
    const reply = (await response.json().catch(() => null)) as ApiError | null;
    throw new ApiFailure(
      response.status,
      reply?.error.message ?? `The node answered ${response.status}.`,
      reply?.error.help ?? 'Look at the terminal in which it runs.',
    );
  };
  const get = async <T>(path: string): Promise<T> => (await (await request(path)).json()) as T;
  return {
    overview: async () => {
      const [status, queue, { reviews }, { approvals }, { tasks }] = await Promise.all([
        get<StatusView>('/v1/status'),
        get<QueueView>('/v1/queue'),
        get<{ reviews: ReviewView[] }>('/v1/reviews'),
        get<{ approvals: ApprovalView[] }>('/v1/approvals'),
        get<{ tasks: TaskSummary[] }>(`/v1/tasks?all=1&limit=${RECENT}`),
      ]);
      const recent = tasks
        .filter((task) => task.endedAtMs !== null)
        .sort((a, b) => (b.endedAtMs ?? 0) - (a.endedAtMs ?? 0))
        .slice(0, RECENT);
      return { status, queue, reviews, approvals, recent };
    },
    explain: (task) => get(`/v1/tasks/${task}/explain`),
    logTail: async (task, attempt, bytes) =>
      (await request(`/v1/tasks/${task}/attempts/${attempt}/log?tail=${bytes}`)).text(),
    answer: async ({ task, commit }, answer, reason) => {
      const seen = commit === null ? {} : { commit };
      await request(`/v1/reviews/${task.id}`, { answer, reason, ...seen });
    },
    answerApproval: async (approval, answer) => {
      await request(`/v1/approvals/${approval}`, { answer, reason: 'answered on the page' });
    },
    setPaused: async (paused) => {
      await request(
        paused ? '/v1/pause' : '/v1/resume',
        paused ? { reason: 'paused on the page' } : {},
      );
    },
    stream: (after, handlers) => {
      const socket = new WebSocket(
        `${location.origin.replace(/^http/, 'ws')}/v1/stream?after=${after}`,
        ['vigil.v1', `vigil.bearer.${token}`],
      );
      socket.addEventListener('open', () => handlers.onOpen());
      socket.addEventListener('message', ({ data }) =>
        handlers.onEvent(JSON.parse(String(data)) as EventView),
      );
      socket.addEventListener('close', () => handlers.onClose());
      return () => socket.close();
    },
  };
}

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProviderId, WireFormat } from '../../shared/model/agent.ts';
import { redact } from '../../shared/policy/redact.ts';
import { Breaker } from './breaker.ts';
import type { Candidate } from './provider.ts';
import { authOf, messageIn, passedOn, providerUrl, readError } from './providerHttp.ts';
import { retryAfterMs } from './retryAfter.ts';
import { UpstreamFailure, type GatewayTimes, type Upstream } from './upstream.ts';

/** Tries of one target before the next one is asked. */
const TRIES_PER_TARGET = 3;
/** A provider that wants to be left alone for longer is left to the next target, or the caller. */
const LONGEST_WAIT_MS = 20_000;
const LONGEST_BACKOFF_MS = 8_000;

/** What became of sending a call. */
export type Forwarded =
  /** The answer has begun; nothing of it has been read. */
  | {
      readonly kind: 'answer';
      readonly candidate: Candidate;
      readonly response: IncomingMessage;
      readonly retries: number;
    }
  | Refusal
  | Failure;

/** The provider refuses this very request: asking again or elsewhere would not help. */
export interface Refusal {
  readonly kind: 'refused';
  readonly candidate: Candidate;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly retries: number;
}

/** No provider took the call. */
export interface Failure {
  readonly kind: 'failed';
  /** The one that was asked last. */
  readonly candidate: Candidate;
  /** Of the last answer; null when there was none. */
  readonly status: number | null;
  /** What went wrong, target by target. */
  readonly detail: string;
  /** One may have worked on the call without an answer, and may charge for it. */
  readonly mayCharge: boolean;
  /** Nothing but a human's act helps: the key is missing or wrong. */
  readonly hopeless: boolean;
  readonly retryAfterMs: number | null;
  readonly retries: number;
}

export interface Outgoing {
  readonly format: WireFormat;
  /** Below the provider's base URL, with the caller's query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly candidates: readonly Candidate[];
  readonly bodyFor: (candidate: Candidate) => Buffer;
  readonly signal: AbortSignal;
}

type Failed = Omit<Failure, 'kind' | 'candidate' | 'retries'>;

const NOT_TRIED: Failed = {
  status: null,
  detail: '',
  mayCharge: false,
  hopeless: false,
  retryAfterMs: null,
};

/** Sends calls to providers: retries what may pass, goes on to the next target, rests what keeps failing. */
export class Forwarder {
  private readonly upstream: Upstream;
  private readonly times: GatewayTimes;
  private readonly breakers = new Map<ProviderId, Breaker>();

  constructor(upstream: Upstream, times: GatewayTimes) {
    this.upstream = upstream;
    this.times = times;
  }

  private breaker(id: ProviderId): Breaker {
    const known = this.breakers.get(id);
    if (known !== undefined) return known;
    const breaker = new Breaker();
    this.breakers.set(id, breaker);
    return breaker;
  }

  /** Nothing has been passed on when this resolves. Throws only when the caller's signal fired. */
  async forward(outgoing: Outgoing): Promise<Forwarded> {
    const { candidates, signal } = outgoing;
    const details: string[] = [];
    let retries = 0;
    let last = NOT_TRIED;
    let lastCandidate = candidates[0];
    if (lastCandidate === undefined) throw new Error('a call needs a candidate');
    for (const candidate of candidates) {
      const { id } = candidate.provider;
      const breaker = this.breaker(id);
      if (!breaker.allows(performance.now())) {
        details.push(`${id} is left alone for a while, since it kept failing`);
        const retryAfterMs = Math.max(0, (breaker.restsUntilMs ?? 0) - performance.now());
        last = { ...last, hopeless: false, retryAfterMs };
        continue;
      }
      lastCandidate = candidate;
      for (let tries = 1; ; tries += 1) {
        const tried = await this.once(outgoing, candidate);
        if (tried.kind === 'answer' || tried.kind === 'refused') return { ...tried, retries };
        last = { ...tried.failed, mayCharge: last.mayCharge || tried.failed.mayCharge };
        const waitMs = tried.again && tries < TRIES_PER_TARGET ? this.wait(tries, last) : null;
        if (waitMs === null) {
          details.push(`${id}: ${last.detail}${tries > 1 ? ` (${tries} tries)` : ''}`);
          break;
        }
        retries += 1;
        await sleep(waitMs, undefined, { signal });
      }
      if (candidate !== candidates.at(-1)) retries += 1;
    }
    return {
      kind: 'failed',
      candidate: lastCandidate,
      ...last,
      detail: details.join('; '),
      retries,
    };
  }

  /** Time until the next try, or null when it would be too long. */
  private wait(tries: number, { retryAfterMs: asked }: Failed): number | null {
    if (asked !== null) return asked <= LONGEST_WAIT_MS ? asked : null;
    const backoffMs = Math.min(LONGEST_BACKOFF_MS, this.times.backoffMs * 2 ** (tries - 1));
    return backoffMs * (0.5 + Math.random() / 2);
  }

  private async once(
    { format, path, headers, bodyFor, signal }: Outgoing,
    candidate: Candidate,
  ): Promise<Tried> {
    const { provider } = candidate;
    const breaker = this.breaker(provider.id);
    const key = provider.key();
    if (key === null && provider.config.billing === 'metered')
      return giveUp(null, `it has no key; give it one with \`vigil providers add ${provider.id}\``);
    let response: IncomingMessage;
    try {
      response = await this.upstream.send(
        {
          method: 'POST',
          url: providerUrl(provider, path),
          headers: { ...authOf(format, key), ...passedOn(headers) },
          body: bodyFor(candidate),
        },
        signal,
      );
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof UpstreamFailure)) throw error;
      breaker.failed(performance.now());
      const detail = redact(error.message, key === null ? [] : [key]);
      const mayCharge = error.kind !== 'connect';
      const failed: Failed = { ...NOT_TRIED, detail, mayCharge };
      // Another ten minutes of silence help nobody.
      return { kind: 'failed', again: error.kind !== 'timeout', failed };
    }
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) {
      breaker.succeeded();
      return { kind: 'answer', candidate, response };
    }
    const body = await readError(response, key);
    if (status === 401 || status === 403)
      return giveUp(
        status,
        `it refused its key (HTTP ${status}); give it the right one with \`vigil providers add ${provider.id}\``,
      );
    if (status === 408 || status === 429 || status >= 500) {
      // A rate limit says that it works; anything else counts as a failure.
      if (status !== 429) breaker.failed(performance.now());
      const detail = `HTTP ${status} ${messageIn(body)}`.trim();
      const wait = retryAfterMs(response.headers, Date.now());
      const failed: Failed = { ...NOT_TRIED, status, detail, retryAfterMs: wait };
      return { kind: 'failed', again: true, failed };
    }
    breaker.succeeded();
    const contentType = response.headers['content-type'] ?? 'application/json';
    return { kind: 'refused', candidate, status, contentType, body };
  }
}

type Tried =
  | Omit<Extract<Forwarded, { kind: 'answer' }>, 'retries'>
  | Omit<Refusal, 'retries'>
  | { readonly kind: 'failed'; readonly again: boolean; readonly failed: Failed };

function giveUp(status: number | null, detail: string): Tried {
  return {
    kind: 'failed',
    again: false,
    failed: { ...NOT_TRIED, status, detail, hopeless: true },
  };
}

import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { NO_TOKENS, type TokenUsage } from '../../shared/model/agent.ts';
import { messageOf } from '../../shared/model/errors.ts';
import { countCall } from '../../shared/policy/countCall.ts';
import { worstCost, worstUsage } from '../../shared/policy/worstCase.ts';
import { sendFailure, sendRefusal } from './answers.ts';
import { capMessage } from './capMessage.ts';
import type { Forwarded, Forwarder } from './forward.ts';
import type { Grant } from './grants.ts';
import type { CallEnd, CallStart, Meter } from './meter.ts';
import { passThrough } from './passThrough.ts';
import type { Candidate } from './provider.ts';
import { messageIn } from './providerHttp.ts';
import { bodyFor, outputLimit, type ModelCall } from './request.ts';
import { createTap } from './tap.ts';
import { WireError } from './wireError.ts';

export interface MeteredCall {
  readonly grant: Grant;
  readonly call: ModelCall;
  readonly candidates: readonly Candidate[];
  /** Below the provider's base URL, with the caller's query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly response: ServerResponse;
  /** Fires when the caller went away, or its grant ended. */
  readonly signal: AbortSignal;
  /** When it came in, ms (`performance.now`). */
  readonly beganMs: number;
}

/** What is known of the end, but for what every end carries. */
type Ending = Pick<CallEnd, 'outcome' | 'usage' | 'costUsd' | 'estimated' | 'status' | 'detail'> & {
  readonly candidate: Candidate;
  readonly firstByteMs: number | null;
  readonly retries: number;
};

/**
 * Makes one call: reserves its worst case, sends it, passes the answer on, settles by what it used.
 * A reserved call is settled once whatever happens. Throws `WireError` when a cap refuses it.
 */
export async function makeMeteredCall(
  metered: MeteredCall,
  meter: Meter,
  forwarder: Forwarder,
): Promise<void> {
  const { grant, call, candidates, response, beganMs } = metered;
  const start = worstOf(metered);
  const reached = await meter.reserve(start);
  if (reached !== null) throw new WireError(402, 'budget_exceeded', capMessage(reached));

  const settle = ({ candidate, ...ending }: Ending): Promise<void> =>
    meter.settle({
      id: start.id,
      purpose: grant.purpose,
      target: candidate.target,
      billing: candidate.provider.config.billing,
      latencyMs: performance.now() - beganMs,
      ...ending,
    });

  let forwarded: Forwarded;
  try {
    forwarded = await forwarder.forward({
      format: call.format,
      path: metered.path,
      headers: metered.headers,
      candidates,
      bodyFor: (candidate) => bodyFor(call, candidate),
      signal: metered.signal,
    });
  } catch (error) {
    // The caller went away, or something broke here: the provider may have been at work.
    const [candidate] = candidates;
    if (candidate !== undefined)
      await settle({
        candidate,
        ...atWorst(call, candidate),
        outcome: 'cut',
        status: null,
        detail: metered.signal.aborted
          ? 'the caller went away before the answer'
          : messageOf(error),
        firstByteMs: null,
        retries: 0,
      });
    if (!metered.signal.aborted) throw error;
    response.destroy();
    return;
  }
  const { candidate, retries } = forwarded;
  switch (forwarded.kind) {
    case 'answer': {
      const { broken, ...ending } = await passAnswer(metered, candidate, forwarded.response);
      // The books are right before the answer ends, so that the caller's next call finds them so.
      await settle({ candidate, retries, ...ending }).finally(() => {
        if (broken) response.destroy();
        else response.end();
      });
      return;
    }
    case 'refused': {
      const { status, body } = forwarded;
      await settle({
        candidate,
        ...nothingUsed(candidate),
        outcome: 'refused',
        status,
        detail: `HTTP ${status} ${messageIn(body)}`.trim(),
        firstByteMs: null,
        retries,
      });
      sendRefusal(response, forwarded);
      return;
    }
    case 'failed': {
      const { status, detail, mayCharge } = forwarded;
      await settle({
        candidate,
        ...(mayCharge ? atWorst(call, candidate) : nothingUsed(candidate)),
        outcome: status === null ? 'error' : 'refused',
        status,
        detail,
        firstByteMs: null,
        retries,
      });
      sendFailure(response, call.format, forwarded);
    }
  }
}

/** The call at its worst, whichever of its candidates takes it. */
function worstOf({ grant, call, candidates }: MeteredCall): CallStart {
  const [first] = candidates;
  if (first === undefined) throw new Error('a call needs a candidate');
  const usages = candidates.map((candidate) => worstTokens(call, candidate));
  const costs = candidates.flatMap((candidate) =>
    candidate.price === null ? [] : [worstCost(worstTokens(call, candidate), candidate.price)],
  );
  const metered = costs.length > 0;
  return {
    id: randomUUID(),
    purpose: grant.purpose,
    target: first.target,
    format: call.format,
    billing: metered ? 'metered' : first.provider.config.billing,
    maxTokens: {
      ...NO_TOKENS,
      input: Math.max(...usages.map(({ input }) => input)),
      output: Math.max(...usages.map(({ output }) => output)),
    },
    maxCostUsd: metered ? Math.max(...costs) : null,
  };
}

function worstTokens(call: ModelCall, candidate: Candidate): TokenUsage {
  return worstUsage({
    prompt: call.prompt,
    contextTokens: candidate.model.contextTokens,
    outputTokens: outputLimit(call, candidate),
    answers: call.answers,
  });
}

type Counted = Pick<CallEnd, 'usage' | 'costUsd' | 'estimated'>;

function atWorst(call: ModelCall, candidate: Candidate): Counted {
  const usage = worstTokens(call, candidate);
  const costUsd = candidate.price === null ? null : worstCost(usage, candidate.price);
  return { usage, costUsd, estimated: true };
}

function nothingUsed({ price }: Candidate): Counted {
  return { usage: NO_TOKENS, costUsd: price === null ? null : 0, estimated: false };
}

async function passAnswer(
  { call, response, beganMs, signal }: MeteredCall,
  candidate: Candidate,
  answer: IncomingMessage,
): Promise<Omit<Ending, 'candidate' | 'retries'> & { readonly broken: boolean }> {
  const tap = createTap(call.format, call.stream);
  const { trouble, firstByteMs } = await passThrough(answer, response, tap, signal);
  const { seen } = tap;
  const { why, ...counted } = countCall(
    { format: call.format, ...seen },
    call.prompt,
    worstTokens(call, candidate),
    candidate.price,
  );
  const cut = trouble ?? (seen.ended ? null : 'the answer did not come to its end');
  return {
    ...counted,
    outcome: cut !== null ? 'cut' : seen.error !== null ? 'error' : 'ok',
    status: answer.statusCode ?? null,
    detail: [cut, seen.error, why].filter(Boolean).join('; '),
    firstByteMs: firstByteMs === null ? null : firstByteMs - beganMs,
    broken: trouble !== null,
  };
}

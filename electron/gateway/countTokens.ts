import { sendFailure, sendRefusal } from './answers.ts';
import type { Forwarder } from './forward.ts';
import type { MeteredCall } from './meteredCall.ts';
import { passThrough } from './passThrough.ts';
import { uncountedBodyFor } from './request.ts';
import { createTap } from './tap.ts';

/** Lets a provider count the tokens of a request. It costs nothing, so that nothing is reserved. */
export async function countTokens(
  { call, candidates, path, headers, response, signal }: MeteredCall,
  forwarder: Forwarder,
): Promise<void> {
  const forwarded = await forwarder.forward({
    format: call.format,
    path,
    headers,
    candidates,
    bodyFor: (candidate) => uncountedBodyFor(call, candidate),
    signal,
  });
  switch (forwarded.kind) {
    case 'answer': {
      const tap = createTap(call.format, false);
      const { trouble } = await passThrough(forwarded.response, response, tap, signal);
      if (trouble === null) response.end();
      else response.destroy();
      return;
    }
    case 'refused':
      sendRefusal(response, forwarded);
      return;
    case 'failed':
      sendFailure(response, call.format, forwarded);
  }
}

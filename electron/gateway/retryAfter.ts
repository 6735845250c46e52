import type { IncomingHttpHeaders } from 'node:http';

/** How long a provider asks to be left alone, ms; null when it does not say (RFC 9110, 10.2.3). */
export function retryAfterMs(headers: IncomingHttpHeaders, nowMs: number): number | null {
  const precise = Number(headers['retry-after-ms'] ?? NaN);
  if (Number.isFinite(precise)) return Math.max(0, precise);
  const text = headers['retry-after'];
  if (text === undefined) return null;
  const seconds = Number(text);
  const waitMs = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(text) - nowMs;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null;
}

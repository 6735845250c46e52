import { useEffect, useState } from 'react';

/** Relative times are at most this old, ms. */
const TICK_MS = 10_000;

/** The present, ms since the epoch, for what is told relative to it. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => window.clearInterval(timer);
  }, []);
  return nowMs;
}

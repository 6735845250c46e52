import { setTimeout as sleep } from 'node:timers/promises';

/** Between two looks, ms. */
const LOOK_MS = 50;
/** Only ends a test that hangs, ms: the machine may be busy with other tests. */
const LIMIT_MS = 60_000;

/** Looks until `look` gives something else than null or false; throws with what it saw last. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | false> | T | null | false,
  limitMs = LIMIT_MS,
): Promise<T> {
  const giveUpMs = performance.now() + limitMs;
  for (;;) {
    let problem: unknown = null;
    try {
      const found = await look();
      if (found !== null && found !== false) return found;
    } catch (error) {
      problem = error;
    }
    if (performance.now() > giveUpMs)
      throw new Error(`it did not come about within ${limitMs} ms that ${what}`, {
        cause: problem,
      });
    await sleep(LOOK_MS);
  }
}

import { firstReads } from './reads.ts';
import { shellBridge } from './shell.ts';
import { bearer, takeToken } from './token.ts';

/**
 * A file of its own that runs before the page's code has come: a node with much to tell works out the answers
 * while the browser still reads the code. In the app, which has the token, nothing is asked for ahead.
 */
const asked = new Map<string, Promise<Response>>();

const token = shellBridge() === null ? takeToken() : null;
if (token !== null)
  for (const [, path] of firstReads(location)) {
    const answer = fetch(path, { headers: bearer(token) });
    // Whoever takes it hears of it.
    answer.catch(() => undefined);
    asked.set(path, answer);
  }

/** The answer to what was asked for ahead; each is given once, as it is old later. */
export function takeAhead(path: string): Promise<Response> | undefined {
  const answer = asked.get(path);
  asked.delete(path);
  return answer;
}

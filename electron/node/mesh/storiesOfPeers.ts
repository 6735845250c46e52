import { ExplanationView } from '../../../shared/model/explanationApi.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { TaskId, type NodeId } from '../../../shared/model/ids.ts';
import type { PeerHttp } from '../../mesh/link/peerHttp.ts';
import type { Ledger } from '../ledger.ts';
import { explainView } from '../views/explain.ts';
import { getFromPeer } from './getFromPeer.ts';

const PREFIX = '/stories/';
/** A story is mostly its decisions, each with what it was chosen over: some 10 kB an attempt. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Lets other members have the stories of tasks as this node tells them. Returns how to stop. */
export function serveStories(http: PeerHttp, ledger: Ledger): () => void {
  return http.serve(PREFIX, async (req, res) => {
    const wanted = TaskId.safeParse((req.url ?? '').slice(PREFIX.length));
    // As for its own API: only what is durable is told.
    await ledger.durable();
    const story = wanted.success && req.method === 'GET' ? storyOf(ledger, wanted.data) : null;
    if (story === null) res.writeHead(404).end();
    else {
      const bytes = Buffer.from(JSON.stringify(story));
      res.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    }
  });
}

function storyOf(ledger: Ledger, task: TaskId): ExplanationView | null {
  try {
    return explainView(ledger, task);
  } catch (error) {
    if (error instanceof VigilError && error.code === 'not-found') return null;
    throw error;
  }
}

/** The story of a task as the first of these nodes that knows it tells it; null when none can be had. */
export async function fetchStory(
  http: PeerHttp,
  peers: readonly NodeId[],
  task: TaskId,
): Promise<ExplanationView | null> {
  for (const peer of peers) {
    const wanted = {
      path: `${PREFIX}${task}`,
      mostBytes: MOST_BYTES,
      what: `the story of ${task}`,
    };
    // Who can't be asked, or speaks another version, is passed over: what is here can still be told.
    const bytes = await getFromPeer(http, peer, wanted).catch(() => null);
    const story = bytes && readStory(bytes);
    if (story) return { ...story, toldBy: peer };
  }
  return null;
}

function readStory(bytes: Buffer): ExplanationView | null {
  try {
    const story = ExplanationView.safeParse(JSON.parse(bytes.toString('utf8')));
    return story.success ? story.data : null;
  } catch {
    return null;
  }
}

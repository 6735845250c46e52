import type { NodeId } from '../../../shared/model/ids.ts';
import type { PeerHttp } from '../../mesh/link/peerHttp.ts';
import { AttemptFile, mostBytesOf, readAttemptFile } from '../attemptFiles.ts';
import { getFromPeer } from './getFromPeer.ts';

const PREFIX = '/attempts/';

/** Lets other members read what attempts left in this home. Returns how to stop. */
export function serveAttemptFiles(http: PeerHttp, home: string): () => void {
  return http.serve(PREFIX, async (req, res) => {
    const [task, attempt, file] = (req.url ?? '').slice(PREFIX.length).split('/');
    const wanted = AttemptFile.safeParse({ task, attempt, file });
    const bytes = wanted.success ? await readAttemptFile(home, wanted.data) : null;
    if (req.method !== 'GET' || bytes === null) res.writeHead(404).end();
    else res.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  });
}

/**
 * What an attempt left on another node; null when that node does not have it either. Rejects as `getFromPeer`.
 */
export async function fetchAttemptFile(
  http: PeerHttp,
  peer: NodeId,
  wanted: AttemptFile,
): Promise<Buffer | null> {
  const { task, attempt, file } = wanted;
  return getFromPeer(http, peer, {
    path: `${PREFIX}${task}/${attempt}/${file}`,
    mostBytes: mostBytesOf(wanted),
    what: `what attempt ${attempt} of ${task} left there`,
  });
}

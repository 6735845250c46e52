import { VigilError } from '../../../shared/model/errors.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import type { PeerHttp } from '../../mesh/link/peerHttp.ts';
import { AttemptFile, mostBytesOf, readAttemptFile } from '../attemptFiles.ts';

const PREFIX = '/attempts/';
/** A node that is asleep does not say so; the person who asked waits. */
const PATIENCE_MS = 10_000;

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
 * What an attempt left on another node; null when that node does not have it either. Rejects with
 * `peer-unreachable`, also when it says nothing for 10 s or more than such a file may have.
 */
export async function fetchAttemptFile(
  http: PeerHttp,
  peer: NodeId,
  wanted: AttemptFile,
): Promise<Buffer | null> {
  const { task, attempt, file } = wanted;
  const path = `${PREFIX}${task}/${attempt}/${file}`;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const request = await http.request(peer, { method: 'GET', path, signal });
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      reject(
        new VigilError(
          'peer-unreachable',
          `${peer} did not send what attempt ${attempt} of ${task} left there`,
          'Ask again once `vigil nodes` shows it as up.',
          { cause },
        ),
      );
      request.destroy();
    };
    request.on('error', fail);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > mostBytesOf(wanted)) fail(new Error('it is too long'));
      });
      response.on('error', fail);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks));
        else if (response.statusCode === 404) resolve(null);
        else fail(new Error(`status ${response.statusCode}`));
      });
    });
    request.end();
  });
}

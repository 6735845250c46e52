import { VigilError } from '../../../shared/model/errors.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import type { PeerHttp } from '../../mesh/link/peerHttp.ts';

/** A node that is asleep does not say so; the person who asked waits. */
const PATIENCE_MS = 10_000;

export interface Wanted {
  readonly path: string;
  readonly mostBytes: number;
  /** For people, as in "n-… did not send …". */
  readonly what: string;
}

/**
 * What another node has at a path; null when it has nothing there. Rejects with `peer-unreachable`, also when
 * it says nothing for 10 s or more than it may.
 */
export async function getFromPeer(
  http: PeerHttp,
  peer: NodeId,
  { path, mostBytes, what }: Wanted,
): Promise<Buffer | null> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const request = await http.request(peer, { method: 'GET', path, signal });
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      reject(
        new VigilError(
          'peer-unreachable',
          `${peer} did not send ${what}`,
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
        if (bytes > mostBytes) fail(new Error('it is too long'));
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

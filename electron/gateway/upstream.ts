import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { messageOf } from '../../shared/model/errors.ts';

/** How long parts of a call may take, ms. */
export interface GatewayTimes {
  /** Until the connection stands. */
  readonly connectMs: number;
  /** Until the first byte of the answer: models may think for minutes before it. */
  readonly headersMs: number;
  /** Between two pieces of an answer. */
  readonly idleMs: number;
  /** Wait before the first retry; doubled for the next, with jitter. */
  readonly backoffMs: number;
}

export const DEFAULT_TIMES: GatewayTimes = {
  connectMs: 10_000,
  headersMs: 10 * 60_000,
  idleMs: 5 * 60_000,
  backoffMs: 500,
};

/**
 * A provider did not answer. `connect`: the request never reached it; `lost` and `timeout`: it may have
 * worked, and may charge for it.
 */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly kind: 'connect' | 'lost' | 'timeout';

  constructor(kind: UpstreamFailure['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

/** Connections to providers, kept open between calls. */
export class Upstream {
  private readonly http = new HttpAgent({ keepAlive: true });
  private readonly https = new HttpsAgent({ keepAlive: true });
  private readonly times: GatewayTimes;

  constructor(times: GatewayTimes) {
    this.times = times;
  }

  /** Resolves with the head of the answer. Throws `UpstreamFailure`; the signal ends it at any time. */
  async send(request: UpstreamRequest, signal: AbortSignal): Promise<IncomingMessage> {
    try {
      return await this.once(request, signal, true);
    } catch (error) {
      // A kept connection that the provider had closed meanwhile: nothing was asked yet.
      if (error instanceof StaleConnection) return this.once(request, signal, false);
      throw error;
    }
  }

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }

  private once(
    { method, url, headers, body }: UpstreamRequest,
    signal: AbortSignal,
    keep: boolean,
  ): Promise<IncomingMessage> {
    const secure = url.protocol === 'https:';
    const agent = secure ? this.https : this.http;
    return new Promise((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method,
        headers: { ...headers, ...(body !== null && { 'content-length': body.length }) },
        agent: keep && agent,
        signal,
      });
      let connected = false;
      const give = (kind: UpstreamFailure['kind'], message: string): void => {
        clearTimeout(timer);
        reject(new UpstreamFailure(kind, message));
        request.destroy();
      };
      let timer = setTimeout(() => {
        give('connect', `no connection within ${this.times.connectMs / 1_000} s`);
      }, this.times.connectMs);
      const onConnected = (): void => {
        connected = true;
        clearTimeout(timer);
        timer = setTimeout(() => {
          give('timeout', `no answer within ${this.times.headersMs / 1_000} s`);
        }, this.times.headersMs);
      };
      request.on('socket', (socket) => {
        if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', onConnected);
        else onConnected();
      });
      request.on('error', (error) => {
        clearTimeout(timer);
        const stale =
          request.reusedSocket && 'code' in error && error.code === 'ECONNRESET' && !signal.aborted;
        if (stale) reject(new StaleConnection());
        else reject(new UpstreamFailure(connected ? 'lost' : 'connect', messageOf(error)));
      });
      request.on('response', (response) => {
        clearTimeout(timer);
        response.setTimeout(this.times.idleMs, () => {
          response.destroy(
            new Error(
              `nothing came for ${this.times.idleMs / 1_000} s in the middle of the answer`,
            ),
          );
        });
        resolve(response);
      });
      request.end(body ?? undefined);
    });
  }
}

class StaleConnection extends Error {}

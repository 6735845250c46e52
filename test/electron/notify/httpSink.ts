import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real server that keeps what it gets, and answers what it is told to. */
export class HttpSink {
  readonly received: Received[] = [];
  readonly url: string;
  /** Status of the next answers, the last for all that follow. */
  answers: number[] = [200];
  private changed: () => void = () => {};

  private constructor(url: string) {
    this.url = url;
  }

  static async start(): Promise<HttpSink> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        sink.received.push({ path: request.url ?? '', headers: request.headers, body });
        const status = sink.answers.length > 1 ? sink.answers.shift() : sink.answers[0];
        response.writeHead(status ?? 200, { location: 'http://127.0.0.1:9/' }).end();
        sink.changed();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const sink: HttpSink = new HttpSink(`http://127.0.0.1:${port}`);
    return sink;
  }

  /** Resolves with the first request that fits. */
  gets(fits: (received: Received) => boolean): Promise<Received> {
    return new Promise((resolve) => {
      this.changed = () => {
        const found = this.received.find(fits);
        if (found) resolve(found);
      };
      this.changed();
    });
  }
}

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NodeId, ProjectId } from '../../../shared/model/ids.ts';
import { endBackend, startBackend } from './backend.ts';
import { parseCgiHead } from './cgiResponse.ts';
import { parseGitRequest, type GitRequest } from './gitRequest.ts';
import { Turns } from './turns.ts';

export interface GitServerLimits {
  /** Of one push; what is larger is refused by git, with the reason. */
  readonly maxReceiveBytes: number;
  /** Of one request to fetch, and of a push beside its pack: names of commits and refs. */
  readonly maxAskBytes: number;
  /** A request in which nothing moves for this long is ended. Git itself says something every 5 s. */
  readonly idleMs: number;
  /** The longest that a request may take: the first clone of a large repository over a slow network. */
  readonly totalMs: number;
  readonly atOnce: number;
  readonly ofOnePeer: number;
  readonly waiting: number;
}

const LIMITS: GitServerLimits = {
  maxReceiveBytes: 512 * 1024 * 1024,
  maxAskBytes: 16 * 1024 * 1024,
  idleMs: 60_000,
  totalMs: 2 * 60 * 60_000,
  atOnce: 8,
  ofOnePeer: 4,
  waiting: 64,
};

/**
 * Serves the clones of this node to its peers with git's own smart HTTP (M8): everything may be fetched; a
 * push reaches only `refs/vigil/from/<the peer's id>/`. Who the peer is, the caller has made sure of.
 */
export class GitServer {
  readonly #repositoryOf: (project: ProjectId) => string | null;
  readonly #pushed: (peer: NodeId, project: ProjectId) => void;
  readonly #limits: GitServerLimits;
  readonly #turns: Turns;
  readonly #backends = new Set<ChildProcessWithoutNullStreams>();
  #closed = false;

  /**
   * @param options.repositoryOf the bare clone of a project; null when this node has none
   * @param options.pushed called after each push that git has taken in, whatever it changed
   */
  constructor(options: {
    readonly repositoryOf: (project: ProjectId) => string | null;
    readonly pushed?: (peer: NodeId, project: ProjectId) => void;
    readonly limits?: Partial<GitServerLimits>;
  }) {
    this.#repositoryOf = options.repositoryOf;
    this.#pushed = options.pushed ?? (() => undefined);
    this.#limits = { ...LIMITS, ...options.limits };
    this.#turns = new Turns(this.#limits);
  }

  /** Answers a request for `/git/<project>/…` of a peer whose identity is proven. */
  readonly handle = (request: IncomingMessage, response: ServerResponse, peer: NodeId): void => {
    const asked = parseGitRequest(request.method, request.url);
    if (asked === null) return refuse(request, response, 404, 'that is not a request of git');
    const repository = this.#repositoryOf(asked.project);
    if (repository === null)
      return refuse(request, response, 404, `there is no project ${asked.project} on this node`);
    if (this.#closed) return refuse(request, response, 503, 'this node is stopping');
    const leave = this.#turns.take(peer, (done) => {
      if (response.destroyed || this.#closed) return done();
      this.#serve(request, response, { peer, asked, repository, done });
    });
    if (leave === null)
      return refuse(request, response, 503, 'too many requests wait here; try again later');
    response.once('close', leave);
  };

  /** Ends what is being served; resolves when all backends are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      [...this.#backends].map(
        (backend) =>
          new Promise<void>((resolve) => {
            backend.once('close', () => resolve());
            endBackend(backend);
          }),
      ),
    );
  }

  #serve(
    request: IncomingMessage,
    response: ServerResponse,
    {
      peer,
      asked,
      repository,
      done,
    }: {
      readonly peer: NodeId;
      readonly asked: GitRequest;
      readonly repository: string;
      readonly done: () => void;
    },
  ): void {
    const limits = this.#limits;
    const backend = startBackend(repository, peer, asked, request, limits.maxReceiveBytes);
    this.#backends.add(backend);
    const end = (): void => {
      if (this.#backends.has(backend)) endBackend(backend);
    };
    const guard = new Guard(limits, maxBodyBytes(asked, limits), () => {
      end();
      response.destroy();
    });
    request.on('data', (chunk: Buffer) =>
      // What comes when git has refused it already is dropped, and no burden.
      this.#backends.has(backend) ? guard.received(chunk.length) : guard.moved(),
    );
    request.pipe(backend.stdin);
    // It may answer without reading all that it is sent; the rest is read and dropped.
    backend.stdin.on('error', () => request.unpipe(backend.stdin).resume());
    response.on('close', () => {
      if (!response.writableFinished) end();
    });

    let said = '';
    backend.stderr.setEncoding('utf8');
    backend.stderr.on('data', (text: string) => (said = (said + text).slice(-2000)));
    forward(backend, response, guard);
    backend.on('error', (error) => (said = error.message));
    backend.on('close', (code) => {
      this.#backends.delete(backend);
      done();
      const finish = (): void => {
        guard.stop();
        if (!response.headersSent) refuse(request, response, 500, `git failed: ${lastLine(said)}`);
        else response.end();
      };
      // A peer reads the answer only when it has sent everything, also what git no longer wanted.
      if (request.complete || request.destroyed) finish();
      else request.once('close', finish).unpipe(backend.stdin).resume();
      if (code === 0 && asked.method === 'POST' && asked.service === 'git-receive-pack')
        this.#pushed(peer, asked.project);
    });
  }
}

/** Bounds one request in bytes and time. */
class Guard {
  readonly #limits: GitServerLimits;
  readonly #idle: NodeJS.Timeout;
  readonly #total: NodeJS.Timeout;
  readonly #end: () => void;
  #bytesLeft: number;

  constructor(limits: GitServerLimits, maxBytes: number, end: () => void) {
    this.#limits = limits;
    this.#end = end;
    this.#bytesLeft = maxBytes;
    this.#idle = setTimeout(end, this.#limits.idleMs);
    this.#total = setTimeout(end, this.#limits.totalMs);
  }

  received(bytes: number): void {
    this.moved();
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft < 0) this.#end();
  }

  moved(): void {
    this.#idle.refresh();
  }

  stop(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#total);
  }
}

/** Passes on what a backend answers, as fast as the peer reads it. */
function forward(
  backend: ChildProcessWithoutNullStreams,
  response: ServerResponse,
  guard: Guard,
): void {
  const write = (chunk: Buffer): void => {
    // What nobody reads any more must not keep the backend from ending.
    if (chunk.length === 0 || response.destroyed || response.write(chunk)) return;
    backend.stdout.pause();
    response.once('drain', () => {
      guard.moved();
      backend.stdout.resume();
    });
  };
  let head = Buffer.alloc(0);
  backend.stdout.on('data', (chunk: Buffer) => {
    guard.moved();
    if (response.headersSent) return write(chunk);
    head = Buffer.concat([head, chunk]);
    try {
      const parsed = parseCgiHead(head);
      if (parsed === null) return;
      response.writeHead(parsed.status, parsed.headers);
      write(parsed.rest);
    } catch {
      endBackend(backend);
    }
  });
}

/** git shows the text of an error to whoever ran it. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  why: string,
): void {
  request.resume();
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`vigil: ${why}\n`);
}

function maxBodyBytes({ service, method }: GitRequest, limits: GitServerLimits): number {
  if (method === 'GET') return 0;
  // Git counts the pack itself, and refuses it in words.
  return service === 'git-receive-pack'
    ? limits.maxReceiveBytes + limits.maxAskBytes
    : limits.maxAskBytes;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'it said nothing';
}

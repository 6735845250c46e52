import { z } from 'zod';
import { VigilError, messageOf } from '../../../shared/model/errors.ts';
import { CommitId } from '../../../shared/model/ids.ts';
import { git, resolveCommit } from './git.ts';

/** Where the readable queue is kept in the user's repository. */
export const QUEUE_REF = 'refs/vigil/queue';

/** One file of the mirror; `json` null removes it. */
export interface MirrorFile {
  readonly path: string;
  readonly json: z.core.util.JSONType | null;
}

export interface MirrorState {
  readonly commit: CommitId;
  /** Log position that the files show; null when the commit does not say. */
  readonly seq: number | null;
  readonly files: readonly { readonly path: string; readonly json: z.core.util.JSONType }[];
}

/** Keeps the queue as pretty-printed JSON in a git ref, one commit per batch of changes (Q10). */
export class QueueMirror {
  readonly #repository: string;
  #turn: Promise<unknown> = Promise.resolve();
  #trouble: string | null = null;

  /** @param repository the user's repository */
  constructor(repository: string) {
    this.#repository = repository;
  }

  /**
   * Adds one commit with the changed files. `replace` drops all other files first.
   * @param seq log position that the files now show
   * @throws VigilError `git-failed`, `disk-full`, `internal` (a path that would leave the tree).
   */
  write(
    files: readonly MirrorFile[],
    message: string,
    seq: number,
    { replace = false } = {},
  ): Promise<CommitId> {
    const result = this.#turn.then(() => this.#commit(files, message, seq, replace));
    // The next batch does not depend on this one: the caller hears of a failure and writes again.
    this.#turn = result.then(
      () => (this.#trouble = null),
      (error: unknown) => (this.#trouble = messageOf(error)),
    );
    return result;
  }

  /** Why the last write failed; null when it did not. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** The log position that the mirror shows; null when there is none, or it does not say. */
  async position(): Promise<number | null> {
    const commit = await resolveCommit(this.#repository, QUEUE_REF);
    if (commit === null) return null;
    const { stdout } = await git(this.#repository, [
      'log',
      '-1',
      '--format=%(trailers:key=Vigil-Seq,valueonly)',
      commit,
      '--',
    ]);
    return /^\d+$/.test(stdout.trim()) ? Number(stdout.trim()) : null;
  }

  /** What the mirror holds, or null when there is none. */
  async read(): Promise<MirrorState | null> {
    const commit = await resolveCommit(this.#repository, QUEUE_REF);
    if (commit === null) return null;
    const { stdout: listing } = await git(this.#repository, [
      'ls-tree',
      '-r',
      '-z',
      '--name-only',
      commit,
    ]);
    const paths = listing.split('\0').filter((name) => name.endsWith('.json'));
    const { stdout: contents } = await git(
      this.#repository,
      ['cat-file', '--batch=%(objectsize)'],
      { input: paths.map((name) => `${commit}:${name}\n`).join('') },
    );
    const files = splitBatch(contents, paths.length).map((text, i) => ({
      path: paths[i] ?? '',
      json: z.json().parse(JSON.parse(text)),
    }));
    return { commit, seq: await this.position(), files };
  }

  async #commit(
    files: readonly MirrorFile[],
    message: string,
    seq: number,
    replace: boolean,
  ): Promise<CommitId> {
    const parent = await resolveCommit(this.#repository, QUEUE_REF);
    const text = `${message.trim()}\n\nVigil-Seq: ${seq}\n`;
    const stream = [
      `commit ${QUEUE_REF}\nmark :1\ncommitter Vigil <vigil@localhost> now\n${data(text)}`,
      parent === null ? '' : `from ${parent}\n`,
      replace ? 'deleteall\n' : '',
      ...files.map(change),
      '\nget-mark :1\ndone\n',
    ].join('');
    const { stdout } = await git(
      this.#repository,
      ['fast-import', '--quiet', '--done', '--date-format=now'],
      { input: stream },
    );
    return CommitId.parse(stdout.trim());
  }
}

function change({ path, json }: MirrorFile): string {
  if (!/^[\w.-]+(\/[\w.-]+)*$/.test(path) || path.split('/').includes('..')) {
    throw new VigilError(
      'internal',
      `The queue's mirror can't hold a file named ${JSON.stringify(path)}.`,
      'Please report this.',
    );
  }
  return json === null
    ? `D ${path}\n`
    : `M 100644 inline ${path}\n${data(`${JSON.stringify(json, null, 2)}\n`)}`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

/** Takes the answer of `cat-file --batch` apart: a line with the size, that many bytes, a line end. */
function splitBatch(output: string, count: number): string[] {
  const bytes = Buffer.from(output);
  const texts: string[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const lineEnd = bytes.indexOf('\n', at);
    const size = Number(bytes.subarray(at, lineEnd).toString());
    texts.push(bytes.subarray(lineEnd + 1, lineEnd + 1 + size).toString('utf8'));
    at = lineEnd + 1 + size + 1;
  }
  return texts;
}

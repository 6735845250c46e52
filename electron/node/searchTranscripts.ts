import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { AgentRole } from '../../shared/model/agent.ts';
import type { TranscriptSearchView } from '../../shared/model/agentApi.ts';
import { TaskId } from '../../shared/model/ids.ts';
import { parseLine, type Entry } from '../execute/agent/parseTranscript.ts';
import { logsPath, transcriptOf, transcriptPath } from './layout.ts';

/** More than anybody reads: a search that finds so many has to say more. */
export const MAX_HITS = 200;
/** What one search reads at most: about a second's work, and 32 transcripts at their bound. */
const MAX_BYTES = 64 * 1024 * 1024;
/** When a search gives what it has, on a disk that is slow. */
const MAX_MS = 5_000;
/** Characters shown before and after the text that was found. */
const BEFORE_CHARS = 60;
const AFTER_CHARS = 120;

export interface TranscriptSearch {
  /** Upper and lower case are the same. */
  readonly text: string;
  /** Null: of all tasks. */
  readonly task: TaskId | null;
  readonly limit: number;
  /** Bounds other than the usual ones. */
  readonly maxBytes?: number;
  readonly maxMs?: number;
}

type Hit = TranscriptSearchView['hits'][number];

interface TranscriptFile {
  readonly path: string;
  readonly task: TaskId;
  readonly attempt: number;
  readonly role: AgentRole;
  readonly bytes: number;
  readonly changedAtMs: number;
}

/** Where the transcripts in a node's home hold a text, those written last first. */
export async function searchTranscripts(
  home: string,
  { text, task, limit, maxBytes = MAX_BYTES, maxMs = MAX_MS }: TranscriptSearch,
): Promise<TranscriptSearchView> {
  const until = performance.now() + maxMs;
  const wanted = text.toLowerCase();
  const hits: Hit[] = [];
  let bytesLeft = maxBytes;
  let cut: TranscriptSearchView['cut'] = null;
  for (const file of await transcripts(home, task)) {
    if (hits.length >= limit) cut = 'hits';
    else if (bytesLeft === 0) cut = 'bytes';
    if (cut !== null) break;
    hits.push(...(await hitsIn(file, wanted, bytesLeft, until)));
    bytesLeft -= file.bytes;
    if (bytesLeft < 0) cut = 'bytes';
    else if (performance.now() > until) cut = 'time';
  }
  if (hits.length > limit) cut = 'hits';
  hits.sort((a, b) => b.atMs - a.atMs);
  return { hits: hits.slice(0, limit), cut };
}

async function transcripts(home: string, only: TaskId | null): Promise<TranscriptFile[]> {
  const files: TranscriptFile[] = [];
  for (const folder of only === null ? await namesIn(logsPath(home)) : [only]) {
    const task = TaskId.safeParse(folder);
    if (!task.success) continue;
    for (const name of await namesIn(path.join(logsPath(home), folder))) {
      const whose = transcriptOf(name);
      if (whose === null) continue;
      const file = transcriptPath(home, task.data, whose.attempt, whose.role);
      // A task that is forgotten meanwhile takes its transcripts with it.
      const found = await stat(file).catch(() => null);
      if (found?.isFile() !== true) continue;
      const { size: bytes, mtimeMs: changedAtMs } = found;
      files.push({ path: file, task: task.data, ...whose, bytes, changedAtMs });
    }
  }
  return files.sort((a, b) => b.changedAtMs - a.changedAtMs);
}

/** The names in a folder; none when it is not there. */
function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** The entries of a file that hold the text; of a tool call that is told again and again, the last. */
async function hitsIn(
  file: TranscriptFile,
  wanted: string,
  maxBytes: number,
  until: number,
): Promise<Hit[]> {
  const hits = new Map<string, Hit>();
  const stream = createReadStream(file.path, { encoding: 'utf8', end: maxBytes - 1 });
  const lines = createInterface({ input: stream, crlfDelay: Infinity });
  // Gone since it was listed, most likely: there is nothing to find in it.
  stream.once('error', () => lines.close());
  for await (const line of lines) {
    if (performance.now() > until) break;
    const entry = parseLine(line);
    if (entry === null) continue;
    const excerpt = excerptOf(textsOf(entry), wanted);
    if (excerpt === null) continue;
    const { task, attempt, role } = file;
    const { kind, at: atMs = file.changedAtMs } = entry;
    const id = kind === 'tool' ? String(entry['id']) : String(hits.size);
    hits.set(`${kind} ${id}`, { task, attempt, role, atMs, kind, excerpt });
  }
  stream.destroy();
  return [...hits.values()];
}

/** What of an entry a person reads. */
function textsOf(entry: Entry): string[] {
  const { agent, text, title, command, paths = [], reason, outcome, detail, entries = [] } = entry;
  const plan = entries.map(({ content }) => content);
  return [agent, text, title, command, ...paths, reason, outcome, detail, ...plan].filter(
    (one) => typeof one === 'string',
  );
}

function excerptOf(texts: readonly string[], wanted: string): string | null {
  for (const text of texts) {
    const at = text.toLowerCase().indexOf(wanted);
    if (at < 0) continue;
    const from = Math.max(0, at - BEFORE_CHARS);
    const to = Math.min(text.length, at + wanted.length + AFTER_CHARS);
    const shown = text.slice(from, to).replaceAll(/\s+/g, ' ').trim();
    return `${from > 0 ? '… ' : ''}${shown}${to < text.length ? ' …' : ''}`;
  }
  return null;
}

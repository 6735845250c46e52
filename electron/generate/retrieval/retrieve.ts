import type Database from 'better-sqlite3';
import { searchWords, wordsOf } from './words.ts';

/** What is looked for: usually title, instructions and criteria of a task. */
export interface Question {
  readonly text: string;
  /** Files that are given anyway, and so left out here. */
  readonly references: readonly string[];
  /** Most pieces. */
  readonly k: number;
  /** Of all texts together, UTF-8. */
  readonly maxBytes: number;
}

export interface RetrievedChunk {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly text: string;
  /** BM25, higher is better; comparable within one answer only. */
  readonly score: number;
  readonly why: string;
}

export interface RetrievedLesson {
  readonly task: string;
  readonly title: string;
  readonly outcome: string;
  readonly text: string;
  readonly score: number;
  readonly why: string;
}

/** Words of a question that are looked up: the first ones are of its title. */
const MOST_WORDS = 40;
/** Candidates per wanted piece, to have enough after some were left out. */
const CANDIDATES = 8;
/** Weights of path, declared names and body in BM25; by measurement (bench/retrieval.ts). */
const WEIGHTS = '3.0, 2.0, 1.0';
const LESSON_WEIGHTS = '2.0, 1.0';
/** Tests mention everything: the thing itself comes first at equal score; by measurement. */
const TEST_FACTOR = 0.7;
const TEST_PATH = /(?:^|[/.\-_])(?:tests?|spec|__tests__|e2e)(?:[/.\-_]|$)/i;
/** Words named as the reason for a result. */
const MOST_REASONS = 6;

interface Row {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly text: string;
  readonly score: number;
}

/** See `RepositoryIndex.retrieve`. */
export function retrieveChunks(
  db: Database.Database,
  { text, references, k, maxBytes }: Question,
): RetrievedChunk[] {
  const words = searchWords(text, MOST_WORDS);
  if (words.length === 0) return [];
  const rows = db
    .prepare<[string, number], Row>(
      `SELECT path, start_line, end_line, text, score FROM (
         SELECT rowid, -bm25(chunk_words, ${WEIGHTS}) AS score FROM chunk_words
         WHERE chunk_words MATCH ? ORDER BY score DESC LIMIT ?
       ) AS hit JOIN chunk ON chunk.id = hit.rowid`,
    )
    .all(anyOf(words), k * CANDIDATES)
    .map((row) => ({ ...row, score: row.score * (TEST_PATH.test(row.path) ? TEST_FACTOR : 1) }))
    .toSorted((a, b) => b.score - a.score || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  // The best piece of a file is enough: the rest can be read when it turns out to matter.
  const seen = new Set(references);
  const fitting = rows.filter(({ path }) => !seen.has(path) && seen.add(path));
  return within(fitting, k, maxBytes).map((row) => ({
    path: row.path,
    startLine: row.start_line,
    endLine: row.end_line,
    text: row.text,
    score: row.score,
    why: reason(words, `${row.path} ${row.text}`),
  }));
}

/** See `RepositoryIndex.lessons`. */
export function retrieveLessons(
  db: Database.Database,
  { text, k, maxBytes }: Omit<Question, 'references'>,
): RetrievedLesson[] {
  const words = searchWords(text, MOST_WORDS);
  if (words.length === 0) return [];
  const rows = db
    .prepare<[string, number], Omit<RetrievedLesson, 'why'>>(
      `SELECT task, title, outcome, text, score FROM (
         SELECT rowid, -bm25(lesson_words, ${LESSON_WEIGHTS}) AS score FROM lesson_words
         WHERE lesson_words MATCH ? ORDER BY score DESC LIMIT ?
       ) AS hit JOIN lesson ON lesson.id = hit.rowid ORDER BY score DESC, task`,
    )
    .all(anyOf(words), k);
  return within(rows, k, maxBytes).map((row) => ({
    ...row,
    why: reason(words, `${row.title} ${row.outcome} ${row.text}`),
  }));
}

/** Each word in quotes is a word and nothing of FTS5's query language. */
function anyOf(words: readonly string[]): string {
  return words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' OR ');
}

function within<T extends { readonly text: string }>(
  rows: readonly T[],
  k: number,
  maxBytes: number,
): T[] {
  let left = maxBytes;
  return rows
    .filter(({ text }) => {
      const bytes = Buffer.byteLength(text);
      if (bytes > left) return false;
      left -= bytes;
      return true;
    })
    .slice(0, k);
}

function reason(words: readonly string[], text: string): string {
  // The index compares stems; the same beginning is near enough to name a word.
  const stem = (word: string): string => word.replace(/(?:ies|es|ing|ed|s|y|e)$/, '');
  const there = new Set(wordsOf(text).map(stem));
  const matched = words.filter((word) => there.has(stem(word)));
  const more = matched.length - MOST_REASONS;
  return `mentions ${matched.slice(0, MOST_REASONS).join(', ')}${more > 0 ? ` and ${more} more words` : ''}`;
}

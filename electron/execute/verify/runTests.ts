import { stripVTControlCharacters } from 'node:util';
import type { Limits } from '../../../shared/model/config.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { NO_TESTS, type ProjectProfile, type TestReport } from '../../../shared/model/project.ts';
import type { WrapCommand } from '../../tools/wrapCommand.ts';
import { readCoverage } from './coverage.ts';
import { runCommand } from '../command/runCommand.ts';
import type { ProcessRecord } from '../command/processGroup.ts';
import { judgeOutput } from './testReport.ts';

/** Output beyond this is not read for test names, characters: no runner that can be read prints more. */
const MAX_OUTPUT_CHARS = 32 * 1024 * 1024;
/** The summary comes last, so that of a longer output the end is read, characters. */
const KEPT_END_CHARS = 1024 * 1024;

export interface TestRun {
  readonly root: string;
  readonly profile: Pick<ProjectProfile, 'test' | 'testTimeoutMs'>;
  /** Where the output goes; bounded by `limits.logBytes`. */
  readonly logFile: string;
  readonly limits: Pick<Limits, 'stallMs' | 'maxAttemptMs' | 'logBytes'>;
  readonly signal?: AbortSignal;
  /** Called once the tests run, with what is needed to end them after a crash. */
  readonly onSpawn?: (record: ProcessRecord) => void;
  readonly wrap?: WrapCommand | undefined;
}

/**
 * Runs the project's tests and reads what they say. Past `profile.testTimeoutMs` they go on only while
 * they print; then their whole process group is ended and the outcome is `timeout`. Failing tests are a result.
 * @throws VigilError `command-failed` when the command could not be started or `signal` ended it.
 */
export async function runTests({
  root,
  profile,
  logFile,
  limits,
  signal,
  onSpawn,
  wrap,
}: TestRun): Promise<TestReport> {
  if (profile.test === null) return NO_TESTS;
  const startedAtMs = Date.now();
  const output = new Output();
  const result = await runCommand({
    command: profile.test,
    cwd: root,
    wrap,
    logFile,
    logBytes: limits.logBytes,
    timeoutMs: profile.testTimeoutMs,
    stallMs: limits.stallMs,
    maxMs: Math.max(limits.maxAttemptMs, profile.testTimeoutMs),
    ...(signal !== undefined && { signal }),
    ...(onSpawn !== undefined && { onSpawn }),
    onLine: (line) => output.push(line),
  });
  if (result.aborted)
    throw new VigilError(
      'command-failed',
      'The tests were stopped before they ended.',
      'Start them again.',
    );
  const text = output.text();
  return {
    ...judgeOutput(text, result.exitCode, result.timedOut !== false),
    coverage: await readCoverage(root, startedAtMs, stripVTControlCharacters(text)),
    durationMs: result.durationMs,
    log: logFile,
  };
}

/** Keeps lines in bounded memory: the start, and the end where the summary is. */
class Output {
  readonly #head: string[] = [];
  #tail: string[] = [];
  #headChars = 0;
  #tailChars = 0;

  push(line: string): void {
    if (this.#headChars < MAX_OUTPUT_CHARS) {
      this.#head.push(line);
      this.#headChars += line.length + 1;
      return;
    }
    this.#tail.push(line);
    this.#tailChars += line.length + 1;
    if (this.#tailChars > 2 * KEPT_END_CHARS) this.#trim();
  }

  text(): string {
    return [...this.#head, ...this.#tail].join('\n');
  }

  #trim(): void {
    let from = this.#tail.length;
    let chars = 0;
    while (from > 0 && chars < KEPT_END_CHARS) {
      from -= 1;
      chars += (this.#tail[from]?.length ?? 0) + 1;
    }
    this.#tail = this.#tail.slice(from);
    this.#tailChars = chars;
  }
}

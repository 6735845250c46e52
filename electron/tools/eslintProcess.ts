// A child process of its own (dist/eslint.js): reads an EslintRequest from standard input, lints,
// and prints the results as the last line of standard output.
import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ESLint, Linter } from 'eslint';
import { z } from 'zod';
import { messageOf } from '../../shared/model/errors.ts';
import { EslintRequest, type EslintFileResult } from './eslint.ts';

interface LoadedEslint {
  readonly ESLint: typeof ESLint;
  /** Since 8.57: chooses between the two configuration formats. */
  readonly loadESLint?: (options: { cwd: string }) => Promise<typeof ESLint>;
}
const LoadedEslint = z.custom<LoadedEslint>(
  (loaded) => typeof loaded === 'object' && loaded !== null && 'ESLint' in loaded,
  'not an ESLint that Vigil knows',
);

function wanted(message: Linter.LintMessage, rules: readonly string[] | null): boolean {
  return rules === null || (message.ruleId !== null && rules.includes(message.ruleId));
}

function report(
  result: ESLint.LintResult,
  request: EslintRequest,
  ofText: boolean,
): EslintFileResult {
  // Comments that name rules of plugins which only the project's own configuration would load.
  const foreign = (message: Linter.LintMessage): boolean =>
    request.bundled && message.message.startsWith('Definition for rule');
  // Not a word about the code: the project's configuration has no rule for the file.
  const unlinted = (message: Linter.LintMessage): boolean =>
    message.ruleId === null && message.message.startsWith('File ignored');
  const messages = result.messages.filter(
    (message) =>
      (message.fatal === true || wanted(message, request.rules)) &&
      !foreign(message) &&
      !unlinted(message),
  );
  return {
    file: relative(request.root, result.filePath),
    ofText,
    errors: messages.filter((message) => message.severity === 2).length,
    warnings: messages.filter((message) => message.severity === 1).length,
    messages: messages.map((message) => ({
      rule: message.ruleId,
      severity: message.severity === 2 ? 'error' : 'warning',
      message: message.message,
      line: message.line,
      fixable: message.fix !== undefined,
    })),
    fixed: result.output !== undefined,
  };
}

const MODULE_SYNTAX = /^\s*(?:import\s*[\w{*'"]|export\s+[\w{*])/m;

async function modulesAmong({ root, files, sourceType }: EslintRequest): Promise<string[]> {
  if (sourceType === 'module') return [];
  const texts = await Promise.all(files.map((file) => readFile(resolve(root, file), 'utf8')));
  return files.filter((_, index) => MODULE_SYNTAX.test(texts[index] ?? ''));
}

async function bundledConfig(request: EslintRequest): Promise<Linter.Config[]> {
  const { bundledEslintConfig } = await import('./eslintConfig.ts');
  return bundledEslintConfig(
    request.sourceType,
    await modulesAmong(request),
    request.files.some((file) => /\.[cm]?tsx?$/.test(file)),
  );
}

async function lint(request: EslintRequest): Promise<EslintFileResult[]> {
  const loaded: unknown = await import(request.eslint);
  const module = LoadedEslint.parse(loaded);
  const Engine = request.bundled
    ? module.ESLint
    : ((await module.loadESLint?.({ cwd: request.root })) ?? module.ESLint);
  const bundled = request.bundled
    ? { overrideConfigFile: true as const, overrideConfig: await bundledConfig(request) }
    : {};
  const eslint = new Engine({
    cwd: request.root,
    errorOnUnmatchedPattern: false,
    fix: request.fix ? (message) => wanted(message, request.rules) : false,
    ...bundled,
  });
  const files = [];
  for (const file of request.files)
    if (!(await eslint.isPathIgnored(resolve(request.root, file)))) files.push(file);
  if (files.length === 0) return [];
  const results = await eslint.lintFiles(files);
  if (request.fix) await Engine.outputFixes(results);
  const reports = results.map((result) => report(result, request, false));
  for (const file of files) {
    const text = request.texts[file];
    if (text === undefined) continue;
    for (const result of await eslint.lintText(text, { filePath: resolve(request.root, file) }))
      reports.push(report(result, request, true));
  }
  return reports;
}

try {
  const request = EslintRequest.parse(JSON.parse(await text(process.stdin)));
  const results = await lint(request);
  process.stdout.write(`\n${JSON.stringify(results)}\n`);
} catch (error) {
  process.stderr.write(messageOf(error));
  process.exitCode = 1;
}

import { Linter } from 'eslint/universal';
import type { Linter as LinterTypes } from 'eslint';
import noUnsanitized from 'eslint-plugin-no-unsanitized';
import security from 'eslint-plugin-security';
import type { Finding } from '../../shared/model/attempt.ts';
import { isTestFile } from '../../shared/policy/tests.ts';
import type { SecurityAnswer, SecurityRequest } from './security.ts';

/** What no change may bring in: text that becomes code, a command or markup, and text that hides. */
const BLOCKING = [
  'no-implied-eval',
  'no-new-func',
  'no-script-url',
  'security/detect-eval-with-expression',
  'security/detect-child-process',
  'security/detect-bidi-characters',
  'security/detect-buffer-noassert',
  'security/detect-disable-mustache-escape',
  'security/detect-no-csrf-before-method-override',
  'security/detect-pseudoRandomBytes',
  'no-unsanitized/method',
  'no-unsanitized/property',
];
/** What is often harmless, and worth a look. `detect-object-injection` is left out: it is nearly always. */
const WARNING = [
  'security/detect-invisible-characters',
  'security/detect-new-buffer',
  'security/detect-non-literal-fs-filename',
  'security/detect-non-literal-regexp',
  'security/detect-non-literal-require',
  'security/detect-possible-timing-attacks',
  'security/detect-unsafe-regex',
];
const blocking = new Set(BLOCKING);

const linter = new Linter({ configType: 'flat' });

/**
 * Unsafe patterns that a file has more of than before. Comments in the file silence nothing. In tests
 * they only warn: what a test feeds to a shell it wrote itself. A file that can't be parsed is named.
 */
export async function newUnsafeCode(
  sources: SecurityRequest['sources'],
): Promise<SecurityAnswer['static']> {
  const findings: Finding[] = [];
  const unparsed: string[] = [];
  for (const { file, before, after } of sources) {
    const now = await messagesOf(file, after);
    if (now === null) {
      unparsed.push(file);
      continue;
    }
    const then = before === null ? [] : ((await messagesOf(file, before)) ?? []);
    for (const { ruleId, line, message } of added(then, before ?? '', now, after))
      findings.push({
        rule: ruleId,
        file,
        line,
        message,
        blocks: blocking.has(ruleId) && !isTestFile(file),
      });
  }
  return {
    findings,
    trouble: unparsed.length === 0 ? null : `could not be parsed: ${unparsed.join(', ')}`,
  };
}

interface Message {
  readonly ruleId: string;
  readonly line: number;
  readonly message: string;
}

/** By rule: as many as are more than before, of lines that were not there before first. */
function added(
  then: readonly Message[],
  before: string,
  now: readonly Message[],
  after: string,
): Message[] {
  const old = new Set(before.split('\n').map((line) => line.trim()));
  const lines = after.split('\n').map((line) => line.trim());
  const byRule = Map.groupBy(now, ({ ruleId }) => ruleId);
  return [...byRule].flatMap(([rule, messages]) => {
    const more = messages.length - then.filter(({ ruleId }) => ruleId === rule).length;
    const isOld = ({ line }: Message): number => (old.has(lines[line - 1] ?? '') ? 1 : 0);
    return messages.toSorted((a, b) => isOld(a) - isOld(b)).slice(0, Math.max(0, more));
  });
}

/** Null when no parser can read it. */
async function messagesOf(file: string, text: string): Promise<Message[] | null> {
  const typescript = /\.[cm]?tsx?$/.test(file);
  // A file in JavaScript may hold types (Flow), or be no module (octal literals, `with`).
  const attempts: readonly (() => Promise<LinterTypes.LanguageOptions>)[] = [
    ...(typescript ? [] : [() => javascript('module'), () => javascript('script')]),
    async () => ({
      parser: (await import('typescript-eslint')).default.parser,
      sourceType: 'module',
    }),
  ];
  for (const languageOptions of attempts) {
    const found = linter.verify(
      text,
      {
        // ESLint takes `*` alone for no word on files of other kinds than JavaScript.
        files: ['**/file.*'],
        languageOptions: await languageOptions(),
        linterOptions: { noInlineConfig: true },
        plugins: { security, 'no-unsanitized': noUnsanitized },
        rules: Object.fromEntries([...BLOCKING, ...WARNING].map((rule) => [rule, 'error'])),
      },
      // The name must neither be ignored nor outside of where ESLint looks.
      {
        filename:
          typescript && file.endsWith('x') ? 'file.tsx' : typescript ? 'file.ts' : 'file.js',
      },
    );
    if (found.some(hasNotLooked)) continue;
    // Without a rule it is ESLint's word that a comment silences nothing.
    return found.flatMap(({ ruleId, line, message }) =>
      ruleId === null ? [] : [{ ruleId, line, message: message.replaceAll(/\s+/g, ' ') }],
    );
  }
  return null;
}

function hasNotLooked({ ruleId, fatal, message }: LinterTypes.LintMessage): boolean {
  return fatal === true || (ruleId === null && message.startsWith('No matching configuration'));
}

async function javascript(sourceType: 'module' | 'script'): Promise<LinterTypes.LanguageOptions> {
  return Promise.resolve({
    sourceType,
    ecmaVersion: 'latest',
    parserOptions: { ecmaFeatures: { jsx: true } },
  });
}

import { lintSource } from '@secretlint/core';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { Finding } from '../../shared/model/attempt.ts';
import type { SecurityRequest } from './security.ts';

const RULE_PREFIX = '@secretlint/secretlint-rule-';
/** Whoever writes a secret into a file must not be able to allow it there. */
const COMMENTS_THAT_SILENCE = `${RULE_PREFIX}filter-comments`;

const SCANNERS = rules
  .filter(({ meta }) => meta.id !== COMMENTS_THAT_SILENCE)
  .map((rule) => ({ id: rule.meta.id, rule }));

interface Secret {
  /** Kept for no longer than the comparison: a finding never holds it. */
  readonly value: string;
  readonly rule: string;
  /** Index of its first line. */
  readonly line: number;
}

/**
 * Secrets in added lines that are in none of the removed lines: one that only moved is not new.
 */
export async function newSecrets(files: SecurityRequest['lines']): Promise<Finding[]> {
  const removed = await Promise.all(files.map((file) => secretsIn(file.file, file.removed)));
  const known = new Set(removed.flat().map(({ value }) => value));
  const findings = await Promise.all(
    files.map(async ({ file, added }) => {
      const lines = added.map(({ text }) => text);
      const secrets = await secretsIn(file, lines);
      return secrets
        .filter(({ value }) => !known.has(value))
        .map(({ rule, line }) => ({
          rule,
          file,
          line: added[line]?.number ?? 1,
          message: `this looks like a secret (${rule})`,
          blocks: true,
        }));
    }),
  );
  return findings.flat();
}

async function secretsIn(file: string, lines: readonly string[]): Promise<Secret[]> {
  if (lines.length === 0) return [];
  const content = lines.join('\n');
  const { messages } = await lintSource({
    source: { content, filePath: file, contentType: 'text' },
    options: {
      config: {
        rules: SCANNERS,
      },
      noPhysicFilePath: true,
    },
  });
  return messages.map(({ ruleId, range: [from, to] }) => ({
    value: content.slice(from, to),
    rule: ruleId.replace(RULE_PREFIX, ''),
    line: content.slice(0, from).split('\n').length - 1,
  }));
}

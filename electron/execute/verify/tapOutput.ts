/** Lines of tape and tap that sum up and name no section. */
const SUMMARY_COMMENT =
  /^(tests|suites|pass|fail|failed|ok|skip|skipped|todo|cancelled|time|duration_ms)\b/;
/** Subtests are indented by so many spaces. */
const INDENT = 4;

interface Level {
  /** Of the subtest announced at this depth, or of the section in flat output. */
  name: string | null;
  hasChildren: boolean;
  childFailed: boolean;
}

/**
 * Reads TAP 13 and 14 with nested subtests: only leaves count as tests, and a parent that failed only
 * through its children is not a failure of its own. In flat output (tape), the comment before an
 * assertion is the test it belongs to. Null when the lines are not TAP.
 */
export function readTap(lines: readonly string[]): { failing: string[]; total: number } | null {
  if (!lines.some((line) => /^TAP version 1[34]$/.test(line))) return null;
  const nested = lines.some((line) => /^\s*# Subtest: /.test(line));
  const failing: string[] = [];
  const levels: Level[] = [];
  const level = (depth: number): Level =>
    (levels[depth] ??= { name: null, hasChildren: false, childFailed: false });
  let total = 0;
  let diagnostic: string | null = null;

  for (const line of lines) {
    const text = line.trimStart();
    const indent = line.length - text.length;
    // A block of YAML below a result may hold anything, other TAP included.
    if (diagnostic !== null) {
      if (line.trimEnd() === `${diagnostic}...`) diagnostic = null;
      continue;
    }
    if (line.trimEnd() === `${' '.repeat(indent)}---` && indent % INDENT === 2) {
      diagnostic = ' '.repeat(indent);
      continue;
    }
    const depth = Math.floor(indent / INDENT);
    const announced = /^# Subtest: (.+)$/.exec(text)?.[1] ?? (nested ? undefined : section(text));
    if (announced !== undefined)
      levels[depth] = { name: announced, hasChildren: false, childFailed: false };

    const result = /^(not )?ok\b(?: \d+)?(?: -)? ?(.*)$/.exec(text);
    if (result === null || announced !== undefined || indent % INDENT !== 0) continue;
    const [, not, said = ''] = result;
    const own = level(depth);
    const { name, exempt, opens } = described(said);
    const failed = not !== undefined && !exempt;
    const above = levels.slice(0, depth).map((parent) => parent.name);
    const path = [...above, nested ? null : own.name, name]
      .filter((part) => part !== null && part !== '')
      .join(' > ');
    if (opens) {
      // Buffered subtests (`ok 1 - name {`) come after their own result.
      levels[depth] = { name, hasChildren: true, childFailed: failed };
      continue;
    }
    if (own.hasChildren && nested) {
      if (failed && !own.childFailed) failing.push(path);
    } else if (!exempt) {
      total += 1;
      if (failed) failing.push(path);
    }
    if (nested) levels[depth] = { name: null, hasChildren: false, childFailed: false };
    if (depth > 0) {
      const parent = level(depth - 1);
      parent.hasChildren = true;
      parent.childFailed ||= failed;
    }
  }
  return { failing, total };
}

function section(text: string): string | undefined {
  const comment = /^# (.+)$/.exec(text)?.[1];
  return comment === undefined || SUMMARY_COMMENT.test(comment) ? undefined : comment;
}

function described(said: string): { name: string; exempt: boolean; opens: boolean } {
  const opens = /\s*\{$/.test(said);
  const text = said.replace(/\s*\{$/, '');
  return {
    name: text.replace(/\s+# (time=|duration|SKIP|TODO).*$/i, ''),
    exempt: /# (SKIP|TODO)\b/i.test(text),
    opens,
  };
}

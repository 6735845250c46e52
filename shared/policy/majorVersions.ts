/** Sections of a package.json whose packages are installed. */
const SECTIONS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];

/**
 * Packages that a changed package.json wants in another major version, as `react 18 → 19`; below 1.0 the
 * minor version counts as the major one (semver, item 4). What is no package.json names none.
 */
export function majorChanges(before: string | null, after: string | null): string[] {
  const then = rangesIn(before);
  return [...rangesIn(after)].flatMap(([name, range]) => {
    const [from, to] = [majorOf(then.get(name) ?? ''), majorOf(range)];
    return from === null || to === null || from === to ? [] : [`${name} ${from} → ${to}`];
  });
}

function rangesIn(text: string | null): Map<string, string> {
  const manifest = parse(text);
  const ranges = new Map<string, string>();
  if (typeof manifest !== 'object' || manifest === null) return ranges;
  for (const [section, packages] of Object.entries<unknown>({ ...manifest }))
    if (SECTIONS.includes(section) && typeof packages === 'object' && packages !== null)
      for (const [name, range] of Object.entries<unknown>({ ...packages }))
        if (typeof range === 'string') ranges.set(name, range);
  return ranges;
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** Of `^1.2.3` it is `1`, of `~0.4.1` it is `0.4`; null where the range names no version. */
function majorOf(range: string): string | null {
  const [, major, minor] = /^\D{0,3}(\d+)(?:\.(\d+))?/.exec(range) ?? [];
  if (major === undefined) return null;
  return major === '0' && minor !== undefined ? `0.${minor}` : major;
}

import picomatch from 'picomatch';

/** Where a glob stops being literal. Extended globs such as `+(a|b)` begin before their bracket. */
const MAGIC = /[*?[\]{}()\\|]|[!+@](?=\()|^!/;

/**
 * Whether two declared scopes may touch the same file (Q11). Errs towards yes: two globs overlap
 * unless their literal beginnings exclude each other. An empty scope is the whole project.
 */
export function scopesOverlap(a: readonly string[], b: readonly string[]): boolean {
  return overlappingScope(a, b) !== null;
}

/** The first glob of `b` that may touch what `a` touches, `**` for a whole project; else null. */
export function overlappingScope(a: readonly string[], b: readonly string[]): string | null {
  if (b.length === 0) return '**';
  if (a.length === 0) return b[0] ?? '**';
  const mine = parsed(a);
  const at = parsed(b).findIndex((theirs) => mine.some((each) => globsOverlap(each, theirs)));
  return b[at] ?? null;
}

/** Each scope is compared with all that run, again in every decision: it is read once, as long as it lives. */
const PARSED = new WeakMap<readonly string[], readonly Parsed[]>();

function parsed(scope: readonly string[]): readonly Parsed[] {
  const known = PARSED.get(scope);
  if (known) return known;
  const globs = scope.map(parse);
  PARSED.set(scope, globs);
  return globs;
}

function globsOverlap(first: Parsed, second: Parsed): boolean {
  const together = first.prefix.startsWith(second.prefix) || second.prefix.startsWith(first.prefix);
  if (!together) return false;
  if (first.literal && second.literal) return contains(first, second) || contains(second, first);
  if (first.literal) return matches(second.glob, first.glob) || contains(first, second);
  if (second.literal) return matches(first.glob, second.glob) || contains(second, first);
  return true;
}

interface Parsed {
  readonly glob: string;
  readonly literal: boolean;
  /** What every match begins with. */
  readonly prefix: string;
}

function parse(text: string): Parsed {
  const glob = text.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
  const magic = glob.search(MAGIC);
  return magic < 0
    ? { glob, literal: true, prefix: glob }
    : { glob, literal: false, prefix: glob.slice(0, magic) };
}

/** A literal may name a folder: then it holds all that lies below. */
function contains(literal: Parsed, other: Parsed): boolean {
  if (literal.glob === '' || literal.glob === '.') return true;
  return other.prefix === literal.glob || other.prefix.startsWith(`${literal.glob}/`);
}

function matches(glob: string, path: string): boolean {
  return picomatch.isMatch(path, glob, { dot: true });
}

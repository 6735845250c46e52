import picomatch from 'picomatch';
import type { OversightLevel, OversightRule } from '../model/oversight.ts';
import { RESERVED_FILES } from './reserved.ts';

/** What a result changes, read from git and never from what the task or an agent says (O2). */
export interface Change {
  readonly files: readonly {
    /** Relative to the project, with `/`. */
    readonly path: string;
    readonly kind: 'added' | 'changed' | 'deleted';
    /** Lines that it gained; null where they were not read. */
    readonly added: readonly string[] | null;
  }[];
  /** Dependencies whose major version changes, as `react 18 → 19`. */
  readonly majors: readonly string[];
}

/** Something in a change that a human has a say in. */
export interface OversightFinding {
  readonly level: OversightLevel;
  /** What it touches, in words. */
  readonly what: string;
  /** The first file that shows it; null for the change as a whole. */
  readonly file: string | null;
}

const STRICTNESS: readonly OversightLevel[] = ['autonomous', 'notify', 'approve', 'never'];

/** So many deleted files are no tidying any more. */
const MANY_DELETED = 10;

interface Rule {
  readonly level: OversightLevel;
  readonly what: string;
  readonly globs: readonly string[];
}

/** No policy, task or agent can loosen these: a human who wants such a change makes it. */
const NEVER: readonly Rule[] = [
  {
    level: 'never',
    what: "Vigil's own settings of this project",
    globs: ['vigil.{yaml,yml}', '.vigil/**'],
  },
  {
    level: 'never',
    what: 'who may do what on the code host',
    globs: ['**/CODEOWNERS', '.github/settings.{yml,yaml}', '.github/branch-protection*'],
  },
];

const SECURITY = 'authentication, encryption or secrets';

const APPROVE: readonly Rule[] = [
  ...RESERVED_FILES.map(({ globs, what }) => ({ level: 'approve' as const, what, globs })),
  {
    level: 'approve',
    what: SECURITY,
    globs: ['**/.env*', '**/*.{pem,key,p12,pfx,jks,keystore}'],
  },
  {
    level: 'approve',
    what: 'what the public reads',
    globs: ['{blog,press,marketing,newsletter,posts}/**', '**/_posts/**'],
  },
];

/** Words of a path that make code a matter of security, each between others as in `src/hashPassword.ts`. */
const SECURITY_WORDS = new Set(
  (
    'auth authn authz authentication authorization login logout password passwords oauth oidc saml sso ' +
    'jwt rbac iam acl crypto encrypt decrypt encryption decryption secrets keystore permissions'
  ).split(' '),
);
const CODE = /\.(?:[cm]?[jt]sx?|py|rb|go|rs|java|kts?|cs|php|swift|scala|ex|exs|c|cc|cpp|h|hpp)$/;

/** Lines by which code comes to do encryption or authentication, whatever its file is called. */
const SECURITY_CODE =
  /(?:from|require\(|import)\s*['"](?:node:)?(?:crypto|bcrypt(?:js)?|argon2|jsonwebtoken|jose|passport[\w-]*|libsodium[\w-]*|tweetnacl|openpgp)['"]|^\s*(?:import|from)\s+(?:hashlib|cryptography|jwt|bcrypt)\b/;

const builtIn = [...NEVER, ...APPROVE].map(matcherOf);

/**
 * What in a change a human has a say in, the strictest first; empty: nothing, the engine may do it alone.
 * What a project adds counts beside what is built in, so it can only be stricter.
 */
export function oversightOf(
  change: Change,
  project: readonly OversightRule[] = [],
): OversightFinding[] {
  const rules = [...builtIn, ...project.map((rule) => matcherOf({ ...rule, globs: rule.files }))];
  const findings = rules.flatMap(({ level, what, matches }): OversightFinding[] => {
    const found = change.files.find(({ path }) => matches(path));
    return found ? [{ level, what, file: found.path }] : [];
  });
  const secured = change.files.find(isSecurityCode);
  if (secured) findings.push({ level: 'approve', what: SECURITY, file: secured.path });
  if (change.majors.length > 0)
    findings.push({
      level: 'approve',
      what: `a new major version (${change.majors.join(', ')})`,
      file: null,
    });
  const deleted = change.files.filter(({ kind }) => kind === 'deleted');
  if (deleted.length >= MANY_DELETED)
    findings.push({
      level: 'approve',
      what: `${deleted.length} deleted files`,
      file: deleted[0]?.path ?? null,
    });
  return findings.toSorted((a, b) => rankOf(b.level) - rankOf(a.level));
}

/** The level of all findings together. */
export function levelOf(findings: readonly OversightFinding[]): OversightLevel {
  return findings[0]?.level ?? 'autonomous';
}

function isSecurityCode({ path, added }: Change['files'][number]): boolean {
  if (added?.some((line) => SECURITY_CODE.test(line))) return true;
  const words = path
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return CODE.test(path) && words.some((word) => SECURITY_WORDS.has(word));
}

function rankOf(level: OversightLevel): number {
  return STRICTNESS.indexOf(level);
}

function matcherOf({ level, what, globs }: Rule) {
  return { level, what, matches: picomatch([...globs], { dot: true }) };
}

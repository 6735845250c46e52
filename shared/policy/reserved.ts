import picomatch from 'picomatch';
import { programName, simpleCommands } from './shellCommands.ts';

/** What only a human may allow (O1): the diff and the action decide, never what a task claims. */
interface ReservedCommand {
  readonly programs: readonly string[];
  /** Tested against the words after the program, options aside, joined by single spaces; not set: any use. */
  readonly words?: RegExp;
  /** Tested against all words after the program; not set: any. */
  readonly all?: (words: readonly string[]) => boolean;
  readonly what: string;
  /** Whether others see what it does: that waits for a human whoever wants it (O4). */
  readonly publishes?: true;
}

const RESERVED_COMMANDS: readonly ReservedCommand[] = [
  {
    programs: ['git'],
    words: /^(push|send-pack|send-email)\b/,
    what: 'sends commits away',
    publishes: true,
  },
  {
    programs: ['npm', 'pnpm', 'yarn', 'bun', 'lerna', 'nx', 'changeset', 'jsr', 'deno', 'vsce'],
    words: /(^| )(publish|unpublish|deprecate|dist-tag|adduser|login|owner|access|token)( |$)/,
    what: 'publishes a package',
    publishes: true,
  },
  {
    programs: ['npm', 'pnpm', 'yarn', 'bun', 'make', 'just', 'task', 'rake', 'turbo', 'nx'],
    words: /(^| )(deploy|release|publish|migrate)([:_-]\S*)?( |$)/,
    what: 'runs a script of release, deployment or migration',
    publishes: true,
  },
  {
    programs: ['curl', 'wget', 'http', 'https', 'xh'],
    all: (words) => sendsData(words) && !words.some((word) => LOOPBACK.test(word)),
    what: 'sends data to another machine',
    publishes: true,
  },
  {
    programs: ['mail', 'mailx', 'mutt', 'sendmail', 'msmtp', 'swaks'],
    what: 'sends mail',
    publishes: true,
  },
  {
    programs: ['cargo'],
    words: /^(publish|yank|owner|login)\b/,
    what: 'publishes a package',
    publishes: true,
  },
  {
    programs: ['gem'],
    words: /^(push|yank|owner|signin)\b/,
    what: 'publishes a package',
    publishes: true,
  },
  {
    programs: ['twine', 'poetry', 'uv', 'hatch', 'flit'],
    words: /^(upload|publish)\b/,
    what: 'publishes a package',
    publishes: true,
  },
  {
    programs: ['mvn', 'mvnw', 'gradle', 'gradlew'],
    words: /(^| )(deploy|publish)/,
    what: 'publishes a package',
    publishes: true,
  },
  {
    programs: ['docker', 'podman', 'buildah', 'skopeo'],
    words: /(^| )(push|login)( |$)/,
    what: 'publishes an image',
    publishes: true,
  },
  { programs: ['semantic-release', 'release-it', 'np'], what: 'makes a release', publishes: true },
  { programs: ['gh', 'glab', 'hub'], what: 'acts on the code host in your name', publishes: true },
  {
    programs: ['terraform', 'tofu', 'pulumi', 'cdk', 'sst', 'serverless', 'sls'],
    words: /(^| )(apply|destroy|up|down|deploy|import|remove|refresh)( |$)/,
    what: 'changes infrastructure',
  },
  {
    programs: ['kubectl', 'helm', 'ansible', 'ansible-playbook', 'aws', 'gcloud', 'az', 'doctl'],
    what: 'changes infrastructure',
  },
  {
    programs: ['vercel', 'netlify', 'fly', 'flyctl', 'wrangler', 'firebase', 'heroku', 'railway'],
    what: 'deploys',
    publishes: true,
  },
  { programs: ['ssh', 'scp', 'sftp', 'rsync'], what: 'reaches another machine' },
  {
    programs: ['prisma'],
    words: /^(migrate|db (push|execute))\b/,
    what: 'changes a database schema',
  },
  {
    programs: ['knex', 'sequelize', 'sequelize-cli', 'typeorm', 'drizzle-kit', 'rails', 'rake'],
    words: /(^| )(migrat\w*|db|push|schema)(:\S+)?( |$)/,
    what: 'changes a database schema',
  },
  {
    programs: ['alembic', 'flyway', 'liquibase', 'dbmate', 'goose'],
    words: /(^| )(upgrade|downgrade|migrate|update|up|down|clean)( |$)/,
    what: 'changes a database schema',
  },
  {
    programs: ['python', 'python3', 'manage.py'],
    words: /(^|manage\.py )migrate( |$)/,
    what: 'changes a database schema',
  },
];

const LOOPBACK = /^(https?:\/\/)?(localhost|127\.\d+\.\d+\.\d+|\[::1\])([:/]|$)/i;

/** Whether the words after curl, wget or HTTPie make a request that changes something at its other end. */
function sendsData(words: readonly string[]): boolean {
  const line = words.join(' ');
  return (
    /(^| )(-X ?|--request[ =]|--method[ =])?(POST|PUT|PATCH|DELETE)( |$)/i.test(line) ||
    /(^| )(-[a-zA-Z]*[dFT]( |$|[^a-zA-Z-])|--(data|form|json|upload-file|post-data|post-file|body)\b)/.test(
      line,
    )
  );
}

/** Options of git that take the next word as their value. */
const GIT_VALUE_OPTIONS = new Set(['-C', '-c', '--git-dir', '--work-tree', '--namespace']);

/** Parts of a project that only a human may let change. */
export const RESERVED_FILES: readonly {
  readonly globs: readonly string[];
  readonly what: string;
}[] = [
  {
    globs: [
      '.github/**',
      '.gitlab-ci.{yml,yaml}',
      '.gitlab/**',
      '.circleci/**',
      '.buildkite/**',
      '.travis.yml',
      '.drone.yml',
      '**/Jenkinsfile*',
      '**/{azure,bitbucket}-pipelines.yml',
    ],
    what: 'continuous integration',
  },
  {
    globs: [
      '**/*.{tf,tfvars}',
      '**/{Dockerfile,Containerfile}*',
      '**/{docker-compose,compose}*.{yml,yaml}',
      '**/{k8s,kubernetes,helm,charts,terraform,ansible,pulumi}/**',
      '{infra,infrastructure,deploy,deployment}/**',
      '**/{serverless.yml,fly.toml,vercel.json,netlify.toml,firebase.json,Procfile}',
      '**/wrangler.{toml,json,jsonc}',
    ],
    what: 'infrastructure',
  },
  {
    globs: ['**/{migrations,migrate}/**', '**/schema.{prisma,sql}', '**/structure.sql'],
    what: 'a database schema',
  },
];

const fileMatchers = RESERVED_FILES.map(({ globs, what }) => ({
  matches: picomatch([...globs], { dot: true }),
  what,
}));

/** What a shell line does that only a human may allow, or null. */
export function reservedCommand(line: string): string | null {
  return firstOf(line, () => true);
}

/** What a shell line does that others would see (O4), or null: it waits for a human even where one wrote it. */
export function publication(line: string): string | null {
  return firstOf(line, ({ publishes }) => publishes === true);
}

function firstOf(line: string, counts: (reserved: ReservedCommand) => boolean): string | null {
  for (const words of simpleCommands(line)) {
    const program = programName(words);
    const after = words.slice(1);
    const rest = plainWords(program, after).join(' ');
    const found = RESERVED_COMMANDS.find(
      (reserved) =>
        counts(reserved) &&
        reserved.programs.includes(program) &&
        (reserved.words?.test(rest) ?? true) &&
        (reserved.all?.(after) ?? true),
    );
    if (found !== undefined) return `\`${program}\` ${found.what}`;
  }
  return null;
}

/** What a file (relative to the project, with `/`) belongs to that only a human may let change, or null. */
export function reservedFile(file: string): string | null {
  return fileMatchers.find(({ matches }) => matches(file))?.what ?? null;
}

function plainWords(program: string, words: readonly string[]): string[] {
  return words.filter(
    (word, index) =>
      !word.startsWith('-') &&
      !(program === 'git' && GIT_VALUE_OPTIONS.has(words[index - 1] ?? '')),
  );
}

import { posix } from 'node:path';

/** A larger file is data or generated; nobody reads it whole for a small change. */
const MAX_INDEXED_BYTES = 200_000;
/** Mean length of a line past which a text is minified or data, characters. */
const LONGEST_MEAN_LINE = 300;

const LOCKFILES = new Set([
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'bun.lockb',
  'deno.lock',
  'Cargo.lock',
  'Gemfile.lock',
  'composer.lock',
  'poetry.lock',
  'uv.lock',
  'Pipfile.lock',
  'go.sum',
  'flake.lock',
]);
const GENERATED_PATH =
  /(?:^|\/)(?:node_modules|dist|build|out|vendor|coverage|__snapshots__|\.next|\.git)\/|\.min\.\w+$|\.(?:map|snap|svg|lock)$|\.generated\./i;
const GENERATED_TEXT = /@generated|do not edit|auto-?generated/i;
/** Of the beginning of a file: generators say so at the top. */
const HEAD_CHARACTERS = 500;

/** Names under which secrets are kept. They are never read, whatever is in them. */
const SECRET =
  /^\.env(?:\..*)?$|\.env$|\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|tfvars|tfstate)$|^id_(?:rsa|dsa|ecdsa|ed25519)|^\.(?:npmrc|netrc|pypirc|htpasswd|pgpass|git-credentials)$|^(?:credentials?|secrets?|service-account)(?:\.[\w-]+)?\.(?:json|ya?ml|toml|ini|txt|env)$|^credentials?$/i;

/** Whether a tracked file may be read into the index, by its path and size alone. */
export function mayIndex(path: string, bytes: number): boolean {
  const name = posix.basename(path);
  return (
    bytes > 0 &&
    bytes <= MAX_INDEXED_BYTES &&
    !SECRET.test(name) &&
    !LOCKFILES.has(name) &&
    !GENERATED_PATH.test(path)
  );
}

/** Whether what was read is text that people write: not binary, generated or minified. */
export function isReadable(content: Buffer): boolean {
  if (content.includes(0)) return false;
  const text = content.toString('utf8');
  return (
    !GENERATED_TEXT.test(text.slice(0, HEAD_CHARACTERS)) &&
    text.length / text.split('\n').length <= LONGEST_MEAN_LINE
  );
}

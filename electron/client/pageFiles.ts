import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { VigilError } from '../../shared/model/errors.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** First parts of the addresses in `renderer/app/App.tsx`. */
const PAGES: ReadonlySet<string> = new Set([
  ...['', 'approvals', 'costs', 'decisions', 'graph', 'insights'],
  ...['nodes', 'popover', 'queue', 'settings', 'start', 'tasks'],
]);

/** What the page's build puts where the nonce of an answer goes. */
const NONCE = 'CSP_NONCE';

const HEADERS = {
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** A file of the page with the headers that it is to be given with. */
export interface PageFile {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Whether an address is one of the page's own: the same document finds out which one it is. */
export function isPage(path: string): boolean {
  return PAGES.has(path.split('/')[1] ?? '');
}

/** The page's document; `nonce` is new for each answer. Throws `internal` when it is not built. */
export function pageDocument(nonce: string): PageFile {
  const html = readFileSync(join(pageFolder(), 'index.html'), 'utf8').replaceAll(NONCE, nonce);
  return {
    body: html,
    headers: {
      ...HEADERS,
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy(nonce),
    },
  };
}

/**
 * A script or a style sheet of the page; null when there is none of that name. Files are read when asked
 * for, so that an idle program does not hold them. Their names change with what is in them.
 */
export function pageAsset(file: string): PageFile | null {
  const folder = join(pageFolder(), 'assets');
  const type = TYPES[extname(file)];
  if (type === undefined || !readdirSync(folder).includes(file)) return null;
  return {
    body: Uint8Array.from(readFileSync(join(folder, file))),
    headers: {
      ...HEADERS,
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
    },
  };
}

/** Nothing from anywhere else, no inline code, no frames: what the page can do the API's user can. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    // The page's components add style sheets as they are shown.
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function pageFolder(): string {
  const folder = ['page', '../page', '../../dist/page']
    .map((path) => join(import.meta.dirname, path))
    .find((path) => existsSync(join(path, 'index.html')));
  if (folder === undefined)
    throw new VigilError('internal', 'the page is not built', 'Run npm run build.');
  return folder;
}

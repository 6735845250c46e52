import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Hono, type Context } from 'hono';
import { VigilError } from '../../../shared/model/errors.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** First parts of the addresses in `renderer/app/App.tsx`. */
const PAGES: ReadonlySet<string> = new Set([
  ...['', 'approvals', 'costs', 'decisions', 'graph', 'insights'],
  ...['nodes', 'queue', 'settings', 'start', 'tasks'],
]);

/** What the page's build puts where the nonce of an answer goes. */
const NONCE = 'CSP_NONCE';

const HEADERS = {
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Serves the page's files. They hold no secret: what the page shows comes from the API, with the token. */
export function servePage(): Hono {
  const app = new Hono();
  app.get('/assets/:file', (context) => serveAsset(context, context.req.param('file')));
  // Every page has an address of its own, and the same document finds out which one it is.
  app.get('*', (context, next) => {
    const [, page = ''] = context.req.path.split('/');
    return PAGES.has(page) ? Promise.resolve(serveDocument(context)) : next();
  });
  return app;
}

function serveDocument(context: Context): Response {
  const nonce = randomBytes(16).toString('base64');
  const html = readFileSync(join(pageFolder(), 'index.html'), 'utf8').replaceAll(NONCE, nonce);
  return context.body(html, 200, {
    ...HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policy(nonce),
  });
}

/** Nothing from anywhere else, no inline code, no frames: the page holds the token of the API. */
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

/** Files are read when asked for, so that an idle node does not hold them. Their names change with what is in them. */
function serveAsset(context: Context, file: string): Response {
  const folder = join(pageFolder(), 'assets');
  const type = TYPES[extname(file)];
  if (type === undefined || !readdirSync(folder).includes(file))
    return context.notFound() as Response;
  return context.body(readFileSync(join(folder, file)), 200, {
    ...HEADERS,
    'content-type': type,
    'cache-control': 'public, max-age=31536000, immutable',
  });
}

function pageFolder(): string {
  const folder = ['page', '../page', '../../../dist/page']
    .map((path) => join(import.meta.dirname, path))
    .find((path) => existsSync(join(path, 'index.html')));
  if (folder === undefined)
    throw new VigilError('internal', 'the page is not built', 'Run npm run build.');
  return folder;
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { VigilError } from '../../../shared/model/errors.ts';

const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/main.js': ['main.js', 'text/javascript; charset=utf-8'],
  '/main.css': ['main.css', 'text/css; charset=utf-8'],
} as const;

/** Nothing from anywhere else, no inline code, no frames: the page holds the token of the API. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
};

/** Serves the page's files. They hold no secret: what the page shows comes from the API, with the token. */
export function servePage(): Hono {
  const app = new Hono();
  for (const [path, [file, type]] of Object.entries(FILES)) {
    app.get(path, (context) =>
      context.body(readPage(file), 200, { ...HEADERS, 'content-type': type }),
    );
  }
  return app;
}

/** Files are read when asked for, so that an idle node does not hold them. */
function readPage(file: string): string {
  const folder = ['page', '../page', '../../../dist/page']
    .map((path) => join(import.meta.dirname, path))
    .find((path) => existsSync(join(path, 'index.html')));
  if (folder === undefined)
    throw new VigilError('internal', 'the page is not built', 'Run npm run build.');
  return readFileSync(join(folder, file), 'utf8');
}

import { randomBytes } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { isPage, pageAsset, pageDocument, type PageFile } from '../../client/pageFiles.ts';

/** Serves the page's files. They hold no secret: what the page shows comes from the API, with the token. */
export function servePage(): Hono {
  const app = new Hono();
  app.get('/assets/:file', (context) => {
    const file = pageAsset(context.req.param('file'));
    return file === null ? context.notFound() : give(context, file);
  });
  // Every page has an address of its own, and the same document finds out which one it is.
  app.get('*', (context, next) =>
    isPage(context.req.path)
      ? Promise.resolve(give(context, pageDocument(randomBytes(16).toString('base64'))))
      : next(),
  );
  return app;
}

function give(context: Context, { body, headers }: PageFile): Response {
  return context.body(body, 200, headers);
}

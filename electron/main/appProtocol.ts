import { randomBytes } from 'node:crypto';
import { protocol } from 'electron';
import { APP_ORIGIN } from '../../shared/model/shellBridge.ts';
import { isPage, pageAsset, pageDocument, type PageFile } from '../client/pageFiles.ts';
import type { NodeLink } from './nodeLink.ts';

const { protocol: SCHEME, host: HOST } = new URL(APP_ORIGIN);

/** Makes the scheme one with an origin of its own, as https is; before the app is ready. */
export function claimScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: SCHEME.slice(0, -1),
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ]);
}

/** Serves the page at `vigil://app/`, and the node's API below it: the token never enters a page. */
export function serveApp(link: NodeLink): void {
  protocol.handle(SCHEME.slice(0, -1), (request) => {
    const { host, pathname } = new URL(request.url);
    if (host !== HOST) return refuse(404);
    if (pathname.startsWith('/v1/')) return link.forward(request);
    if (request.method !== 'GET') return refuse(405);
    if (isPage(pathname)) return give(pageDocument(randomBytes(16).toString('base64')));
    const [, folder, file, ...more] = pathname.split('/');
    const asset =
      folder === 'assets' && file !== undefined && more.length === 0 ? pageAsset(file) : null;
    return asset === null ? refuse(404) : give(asset);
  });
}

function give({ body, headers }: PageFile): Response {
  return new Response(body, { headers });
}

function refuse(status: number): Response {
  return new Response(null, { status });
}

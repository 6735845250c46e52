import { app, session, shell, type WebContents } from 'electron';
import { APP_ORIGIN } from '../../shared/model/shellBridge.ts';

/** Where a link of the page may lead to in the user's browser. */
const KNOWN_HOSTS: ReadonlySet<string> = new Set(['github.com', 'nodejs.org', 'www.npmjs.com']);

/** Whether the user's browser may be opened at this address. */
function mayOpenOutside(address: string): boolean {
  try {
    const { protocol, hostname, username, password } = new URL(address);
    return protocol === 'https:' && KNOWN_HOSTS.has(hostname) && username === '' && password === '';
  } catch {
    // No address at all.
    return false;
  }
}

/** Whether an address is a page of the app. */
export function isOurs(address: string): boolean {
  return address.startsWith(`${APP_ORIGIN}/`);
}

/**
 * Holds every page to the app: none goes anywhere else, opens a window, embeds another, or is given a
 * permission. What is linked to outside is opened in the user's browser, where it is known.
 */
export function guardPages(): void {
  app.on('web-contents-created', (_, contents) => guard(contents));
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) =>
    answer(false),
  );
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.on('will-download', (event) => event.preventDefault());
}

function guard(contents: WebContents): void {
  const outside = (address: string) => {
    if (mayOpenOutside(address)) void shell.openExternal(address);
  };
  contents.setWindowOpenHandler(({ url }) => {
    outside(url);
    return { action: 'deny' };
  });
  contents.on('will-navigate', (event, url) => {
    // A reload stays where it is.
    if (url === contents.getURL()) return;
    event.preventDefault();
    outside(url);
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

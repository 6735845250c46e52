const TOKEN_KEY = 'vigil.token';

/**
 * The token that the link carried in its fragment. It moves to this tab's session storage and leaves the
 * address bar, so that it is in no bookmark, history or screenshot.
 */
export function takeToken(): string | null {
  const match = /^#token=([^&]+)$/.exec(location.hash);
  if (match?.[1]) {
    sessionStorage.setItem(TOKEN_KEY, decodeURIComponent(match[1]));
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(TOKEN_KEY);
}

/** The header that shows a token. */
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

import { CODE } from './pages.ts';

/** Fetches the code of the page that is opened before anything is known of the node. */
export function loadAhead(): void {
  const [, first = ''] = location.pathname.split('/');
  const code = Object.entries(CODE).find(([name]) => name === first)?.[1];
  // One that fails is tried again, and told of, when it is shown.
  for (const load of [() => import('./App.tsx'), ...(code ? [code] : [])])
    load().catch(() => undefined);
}

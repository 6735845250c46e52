import { CODE } from './pages.ts';
import { ROOTS } from './roots.ts';

/** Fetches the code of the page that is opened before anything is known of the node. */
export function loadAhead(): void {
  const [, first = ''] = location.pathname.split('/');
  const code = Object.entries(CODE).find(([name]) => name === first)?.[1];
  const loads = first === 'popover' ? [ROOTS.popover] : [ROOTS.app, ...(code ? [code] : [])];
  // One that fails is tried again, and told of, when it is shown.
  for (const load of loads) load().catch(() => undefined);
}
